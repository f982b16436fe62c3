import { describe, expect, it } from 'vitest'
import { createTableSql } from './ddl.ts'
import { c, createIndex, createTable, defineTable, migration } from './index.ts'
import { flavoured, migrationChecksum } from './migration-text.ts'
import { contractMigrations, counters, things } from './testdata/contract.ts'

const one = { columns: { id: c.id() }, primaryKey: ['id'] } as const

describe('a table', () => {
  it.each([
    ['a name with a capital', () => defineTable('hf_Users', one)],
    ['a name without hf_', () => defineTable('users', one)],
    ['a name too long', () => defineTable(`hf_${'x'.repeat(60)}`, one)],
    [
      'a column with a space',
      () => defineTable('hf_a', { columns: { 'a b': c.id() }, primaryKey: ['a b'] }),
    ],
    ['no key', () => defineTable('hf_a', { ...one, primaryKey: [] })],
    [
      'a key of any length',
      () => defineTable('hf_a', { columns: { a: c.longText() }, primaryKey: ['a'] }),
    ],
    [
      'a key of bytes of any length',
      () => defineTable('hf_a', { columns: { a: c.bytes() }, primaryKey: ['a'] }),
    ],
    [
      'a key too long for PostgreSQL',
      () => defineTable('hf_a', { columns: { a: c.text(700) }, primaryKey: ['a'] }),
    ],
    [
      'a key of an absent column',
      () => defineTable('hf_a', { ...one, indexes: { x: ['y' as 'id'] } }),
    ],
    [
      'a foreign key that no index begins with',
      () =>
        defineTable('hf_a', {
          columns: { id: c.id(), owner: c.id() },
          primaryKey: ['id'],
          foreignKeys: [
            { columns: ['owner'], table: 'hf_b', references: ['id'], onDelete: 'cascade' },
          ],
        }),
    ],
    ['a length of nothing', () => c.text(0)],
    ['a default of JSON', () => c.json().default('{}')],
    ['a default that needs quoting', () => c.text(9).default("'")],
    ['an index that it has not', () => createIndex(things, 'absent').up],
  ])('may not have %s', (_, make) => {
    expect(make).toThrow()
  })
})

describe('the text of DDL is frozen, for its checksum stands in every installation', () => {
  it.each(['sqlite', 'postgres', 'mysql'] as const)('on %s', async (dialect) => {
    const statements = [...createTableSql(things, dialect), ...createTableSql(counters, dialect)]
    const checksums = contractMigrations.map((one) => `-- ${migrationChecksum(one, dialect)}`)
    const text = `${[...statements, ...checksums].join(';\n\n')}\n`
    await expect(text).toMatchFileSnapshot(`./testdata/frozen-${dialect}.sql`)
  })

  it('whatever prefix is used', () => {
    const [statement = ''] = createTableSql(counters, 'sqlite')
    const flavour = { dialect: 'sqlite', naming: { prefix: 'z_' }, oracleMysql: false } as const
    expect(flavoured(statement, flavour)).toContain('create table "z_test_counters"')
    expect(migrationChecksum(migration('t/0001_a', [createTable(counters)]), 'sqlite')).toBe(
      migrationChecksum(contractMigrations[1] ?? migration('t/0001_b', []), 'sqlite'),
    )
  })

  it('but for the collation that MySQL has another name for', () => {
    const [statement = ''] = createTableSql(counters, 'mysql')
    const flavour = { dialect: 'mysql', naming: { prefix: 'hf_' }, oracleMysql: true } as const
    expect(statement).toContain('utf8mb4_nopad_bin')
    expect(flavoured(statement, flavour)).not.toContain('nopad')
    expect(flavoured(statement, flavour)).toContain('utf8mb4_0900_bin')
  })
})
