import { DatabaseSync } from 'node:sqlite'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Sql, type SqlValue, sql } from '../../src/index.ts'
import { describeEngines, type EngineName, freshDatabase } from '../services/fresh-database.ts'
import { legalTexts } from './legal-text-kit.ts'

/** A driver of an app, as it is used without us. */
interface Driver {
  run(statement: Sql): Promise<readonly Readonly<Record<string, unknown>>[]>
  close(): Promise<unknown>
}

async function open(engine: EngineName, url: string): Promise<Driver> {
  if (engine === 'postgres') {
    const client = new pg.Client(url)
    await client.connect()
    return { run: async (one) => (await client.query(one)).rows, close: () => client.end() }
  }
  if (engine === 'mariadb') {
    const connection = await createConnection(url.replace(/^mariadb:/, 'mysql:'))
    const run = async (one: Sql) => {
      const { sql: text, values } = one.for('mysql')
      const [rows] = await connection.execute(text, values as never)
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
    }
    return { run, close: () => connection.end() }
  }
  const database = new DatabaseSync(':memory:')
  const run = async (one: Sql) => {
    const { text, values } = one.for('sqlite')
    return database.prepare(text).all(...(values as Exclude<SqlValue, boolean | Date>[]))
  }
  return { run, close: async () => database.close() }
}

describeEngines('rules 29 and 32: text in statements of the tag sql', (engine) => {
  let driver: Driver
  let drop = async () => {}
  beforeAll(async () => {
    const fresh = await freshDatabase(engine)
    drop = () => fresh.drop()
    driver = await open(engine, fresh.url)
    await driver.run(sql`create table ${sql.id('notes')} (id integer, said text)`)
  })
  afterAll(async () => {
    await driver?.close()
    await drop()
  })

  it('comes back byte for byte after five saves, and none of it is run', {
    timeout: 120_000,
  }, async () => {
    const texts = [...legalTexts, "'; drop table notes; --", '\\', "\\'", '$1', '?', '$' + '{x}']
    for (const [id, text] of texts.entries()) {
      await driver.run(sql`insert into notes (id, said) values (${id}, ${text})`)
    }
    for (let save = 2; save <= 5; save += 1) {
      for (const row of await driver.run(sql`select id, said from notes order by id`)) {
        const { id, said } = row as { id: number; said: string }
        await driver.run(sql`update notes set said = ${said} where id = ${id}`)
      }
    }
    const rows = await driver.run(sql`select said from notes order by id`)
    expect(rows.map(({ said }) => said)).toEqual(texts)
    const [found] = await driver.run(
      sql`select count(*) as n from notes where said in (${sql.join(["'; drop table notes; --", 'x'])})`,
    )
    expect(Number(found?.n)).toBe(1)
  })
})
