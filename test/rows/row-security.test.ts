import fc from 'fast-check'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type CompiledCondition, compileCondition } from '../../src/conditions/index.ts'
import {
  callerSettings,
  type RlsRule,
  rlsScript,
  type SettingsCaller,
  setCaller,
} from '../../src/rows/index.ts'
import { isAvailable } from '../services/binaries.ts'
import { type Asked, askEngine, connect, plainRoles } from './engines.ts'
import { attributes, shape, type Thing } from './things.ts'

const blank = { name: null, word: null, size: null, count: null, open: null, at: null }
const rows: readonly Thing[] = [
  { ...blank, id: 1, owner_id: 'u1', tenant_id: 'o1' },
  { ...blank, id: 2, owner_id: 'u2', tenant_id: 'o1' },
  { ...blank, id: 3, owner_id: null, tenant_id: 'o2' },
]

function rule(condition: unknown): CompiledCondition {
  const verdict = compileCondition(condition, { resource: shape, name: 'things', attributes })
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.faults))
  return verdict.condition
}

const own = [rule({ owner: true })]
const actions = ['read', 'create', 'update', 'delete'] as const
const all = actions.map((action) => ({ action, allow: true as const, deny: [] }))
const rules: readonly RlsRule[] = [
  ...all.map((one) => ({ role: 'super_admin', ...one })),
  ...all.map((one) => ({ role: 'clerk', ...one })),
  ...actions.map((action) => ({ role: 'user', action, allow: own, deny: [] })),
  { role: 'reader', action: 'read', allow: true, deny: [] },
  { role: 'mover', action: 'update', allow: [rule({ tenant: true })], deny: [] },
  { role: 'shut', action: 'read', allow: [], deny: true },
  { role: 'ours_shut', action: 'read', allow: [], deny: [rule({ tenant: true })] },
  { role: 'theirs_shut', action: 'read', allow: [], deny: [rule({ not: { tenant: true } })] },
  { role: 'half_shut', action: 'read', allow: [], deny: [rule({ not: { owner: true } })] },
]
const roles = [...new Set(rules.map(({ role }) => role))]
const script = rlsScript({
  resources: [{ name: 'things', table: shape.table ?? '', rules }],
  roles,
  superAdminRole: 'super_admin',
})

const permitted = actions.map((action) => `${action}:things`)
const someone: SettingsCaller = { userId: 'u1', level: 1, roles: ['user'], permitted, now: 1 }
const as = (changes: Partial<SettingsCaller> = {}) => ({
  settings: () => callerSettings({ ...someone, ...changes }),
})

describe.skipIf(!isAvailable('postgres'))('row-level security', () => {
  let asked: Asked
  let admin: pg.Client
  let app: pg.Client
  let owner: pg.Client
  let names: { owner: string; app: string }

  beforeAll(async () => {
    asked = await askEngine('postgres', rows)
    admin = await connect(asked.url)
    names = await plainRoles(admin)
    owner = await connect(asked.url, names.owner)
    await owner.query(script)
    app = await connect(asked.url, names.app)
  })

  afterEach(async () => {
    for (const client of [app, owner]) await client.query('rollback')
  })

  afterAll(async () => {
    for (const client of [app, owner, admin]) await client?.end()
    await asked?.close()
  })

  const idsOf = async (client: pg.Client) =>
    (await client.query('select id from things order by id')).rows.map(({ id }) => id)
  const begin = async (changes: Partial<SettingsCaller> = {}, client = app) => {
    await client.query('begin')
    await setCaller(client, as(changes))
  }
  const idsAs = async (changes: Partial<SettingsCaller>, client = app) => {
    await begin(changes, client)
    const ids = await idsOf(client)
    await client.query('rollback')
    return ids
  }
  const change = async (text: string) => (await app.query(text)).rowCount

  it('holds for a role that is neither the owner nor a superuser, and the test is one', async () => {
    const { rows: found } = await admin.query(
      'select rolname, rolsuper, rolbypassrls from pg_roles where rolname = any($1)',
      [Object.values(names)],
    )
    expect(found).toHaveLength(2)
    expect(found.some(({ rolsuper, rolbypassrls }) => rolsuper || rolbypassrls)).toBe(false)
  })

  it('shows no row to whoever is not said to be anybody', async () => {
    expect(await idsOf(app)).toEqual([])
    await begin()
    expect(await idsOf(app)).toEqual([1])
    await app.query('commit')
    expect(await idsOf(app)).toEqual([])
  })

  it('binds the owner of the table as well', async () => {
    expect(await idsOf(owner)).toEqual([])
    expect(await idsAs({}, owner)).toEqual([1])
  })

  it('may be run again, and then says what the rules say now', async () => {
    const narrow = rules.filter(({ role }) => role !== 'reader')
    const resources = [{ name: 'things', table: 'public.things', rules: narrow }]
    await owner.query(
      `begin; ${rlsScript({ resources, roles, superAdminRole: 'super_admin' })}; commit`,
    )
    expect(await idsAs({ roles: ['reader'] })).toEqual([])
    await owner.query(script)
    expect(await idsAs({ roles: ['reader'] })).toEqual([1, 2, 3])
  })

  it('lets nobody do what the caller may do to no row, whatever the roles say', async () => {
    expect(await idsAs({ permitted: ['update:things'] })).toEqual([])
    expect(await idsAs({ permitted: [] })).toEqual([])
  })

  it('shows nothing to whoever holds a role that the script does not know', async () => {
    expect(await idsAs({ roles: ['reader', 'made_later'] })).toEqual([])
  })

  it('has a denial win over every allowance, but not over the super administrator', async () => {
    expect(await idsAs({ roles: ['reader', 'shut'] })).toEqual([])
    expect(await idsAs({ roles: ['reader', 'half_shut'] })).toEqual([1, 3])
    expect(await idsAs({ roles: ['super_admin', 'shut', 'half_shut'] })).toEqual([1, 2, 3])
  })

  it('has a denial hold where the request names no organisation, negated or not', async () => {
    for (const role of ['ours_shut', 'theirs_shut']) {
      expect(await idsAs({ roles: ['reader', role] })).toEqual([])
    }
    expect(await idsAs({ roles: ['reader', 'theirs_shut'], organisation: 'o1' })).toEqual([1, 2])
    expect(await idsAs({ roles: ['reader', 'ours_shut'], organisation: 'o1' })).toEqual([3])
  })

  it('changes and deletes only what the rules reach', async () => {
    await begin()
    expect(await change(`update things set count = 1`)).toBe(1)
    expect(await change(`delete from things where id = 2`)).toBe(0)
    expect(await change(`delete from things`)).toBe(1)
  })

  it('needs the right to read what is to be changed', async () => {
    await begin({ roles: ['mover'], organisation: 'o1' })
    expect(await change(`update things set count = 1 where id = 1`)).toBe(0)
  })

  it.each([
    [`insert into things (id, owner_id) values (9, 'u2')`, {}],
    [`insert into things (id) values (9)`, {}],
    [`insert into things (id, owner_id) values (9, 'u1')`, { roles: ['reader'] }],
    [`update things set owner_id = 'u2'`, {}],
    [
      `update things set tenant_id = 'o2' where id = 1`,
      { roles: ['reader', 'mover'], organisation: 'o1' },
    ],
  ])('lets no row be made, nor moved, out of reach: %s', async (text, changes) => {
    await begin(changes)
    await expect(app.query(text)).rejects.toMatchObject({ code: '42501' })
  })

  it('lets a row be made within reach', async () => {
    await begin()
    expect(await change(`insert into things (id, owner_id) values (9, 'u1')`)).toBe(1)
  })

  it('settings end with their transaction: the next one on the connection is nobody', async () => {
    await begin({ roles: ['clerk'] })
    await app.query('commit')
    await app.query('begin')
    expect(await idsOf(app)).toEqual([])
    await app.query('rollback')
    const { rows: left } = await app.query(
      `select current_setting('holdfast.user_id', true) as user`,
    )
    expect(left[0].user || null).toBe(null)
  })

  it('of the caller before nothing is left: every setting is made each time', async () => {
    await begin({ roles: ['mover', 'reader'], organisation: 'o1', attributes: { region: 'a' } })
    await setCaller(app, as({ roles: ['mover', 'reader'] }))
    expect(await change(`update things set count = 1 where id = 1`)).toBe(0)
    const { rows: left } = await app.query(`select current_setting('holdfast.attributes') as given`)
    expect(left).toEqual([{ given: '{}' }])
  })

  it('a caller outside a transaction is refused, on a client and on a pool', async () => {
    const pool = new pg.Pool({ connectionString: asked.url, max: 2 })
    for (const target of [app, pool]) {
      await expect(setCaller(target, as())).rejects.toMatchObject({ code: 'caller_unset' })
    }
    await pool.end()
  })

  it('a transaction of Kysely is told in the same way', async () => {
    const address = new URL(asked.url)
    address.username = names.app
    const pool = new pg.Pool({ connectionString: address.href, max: 1 })
    const kysely = new Kysely<{ things: { id: number } }>({
      dialect: new PostgresDialect({ pool }),
    })
    const found = await kysely.transaction().execute(async (trx) => {
      await setCaller(trx, as())
      return trx.selectFrom('things').select('id').execute()
    })
    expect(found).toEqual([{ id: 1 }])
    expect(await kysely.selectFrom('things').select('id').execute()).toEqual([])
    await kysely.destroy()
  })

  it('names, words and values of any kind leave the script whole', async () => {
    const odd = `it's "odd" ; -- $$ \\`
    await admin.query(`create table "${odd.replaceAll('"', '""')}" (owner_id uuid, "na""me" text)`)
    const columns = { 'na"me': 'text' as const }
    const verdict = compileCondition(
      { any: [{ column: 'na"me', equals: odd }, { owner: true }] },
      { resource: { columns, owner: 'owner_id' }, name: odd, attributes },
    )
    if (!verdict.ok) throw new Error('refused')
    const allow = [verdict.condition]
    const resources = [
      { name: odd, table: odd, rules: [{ role: odd, action: 'read' as const, allow, deny: [] }] },
    ]
    for (const conforming of ['on', 'off']) {
      await admin.query(`set standard_conforming_strings = ${conforming}`)
      await admin.query(rlsScript({ resources, roles: [odd], superAdminRole: odd }))
    }
    await admin.query('set standard_conforming_strings = on')
    const { rows: kept } = await admin.query(
      `select polname from pg_policy where polrelid = $1::regclass order by 1`,
      [`"${odd.replaceAll('"', '""')}"`],
    )
    expect(kept.map(({ polname }) => polname)).toEqual([
      'holdfast_create',
      'holdfast_delete',
      'holdfast_read',
      'holdfast_update',
    ])
  })

  it('a value of a rule means itself in a policy, whatever it holds', async () => {
    const texts = fc.string({
      unit: fc.oneof(
        fc.constantFrom("'", '\\', '$', ';', '-', 'E'),
        fc.string({ unit: 'grapheme' }),
      ),
    })
    const storable = texts.filter(
      (text) => text.length <= 1_000 && text.isWellFormed() && !text.includes('\0'),
    )
    let turn = 0
    await fc.assert(
      fc.asyncProperty(storable, async (text) => {
        turn += 1
        const table = `t${turn}`
        const allow = [rule({ column: 'name', equals: text })]
        const resources = [
          {
            name: table,
            table,
            rules: [{ role: 'any', action: 'read' as const, allow, deny: [] }],
          },
        ]
        const policies = rlsScript({ resources, roles: ['any'], superAdminRole: 'super_admin' })
        await admin.query(`begin; set local standard_conforming_strings = ${turn % 2 ? 'on' : 'off'};
          create table ${table} (name text); grant select on ${table} to ${names.app}; ${policies}; commit`)
        await admin.query(`insert into ${table} values ($1), ($2)`, [text, `${text}.`])
        await begin({ roles: ['any'], permitted: [`read:${table}`] })
        const { rows: found } = await app.query(`select name from ${table}`)
        await app.query('rollback')
        expect(found).toEqual([{ name: text }])
      }),
      { numRuns: 100 },
    )
  })

  it.each([
    ['things', 'public.things'],
    ['app.things', 'things'],
  ])('%s and %s may be one table, by the search path, and are refused', (one, other) => {
    const resources = [one, other].map((table) => ({ name: table, table, rules }))
    expect(() => rlsScript({ resources, roles, superAdminRole: 'super_admin' })).toThrow(
      /may name the same table.*write both with their schema/,
    )
    const named = ['app.things', 'public.things'].map((table) => ({ name: table, table, rules }))
    expect(rlsScript({ resources: named, roles, superAdminRole: 'super_admin' })).toContain('"app"')
  })

  it('two resources of one table are refused: their policies would replace each other', () => {
    const resources = ['things', 'stuff'].map((name) => ({ name, table: 'things', rules }))
    expect(() => rlsScript({ resources, roles, superAdminRole: 'super_admin' })).toThrow(
      /'things' and 'stuff' name the same table/,
    )
  })
})
