import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../cli/commands.ts'
import { rlsCommands, setCaller, settingNames } from '../src/rows/index.ts'
import { type Kit, openKit, type Person, serve } from './adapters/site.ts'
import { connect } from './rows/engines.ts'
import { isAvailable } from './services/binaries.ts'
import { type FreshDatabase, freshDatabase } from './services/fresh-database.ts'

const guide = readFileSync(new URL('../docs/guides/row-level-security.md', import.meta.url), 'utf8')
const block = (start: string) =>
  new RegExp(`^\`\`\`\\w*\\n(${start}.*?)^\`\`\`$`, 'ms').exec(guide)?.[1] ?? ''
const suffix = randomBytes(4).toString('hex')
const [appRole, ownerRole] = [`shop_app_${suffix}`, `shop_owner_${suffix}`]

describe.skipIf(!isAvailable('postgres'))('row-level-security.md', () => {
  let fresh: FreshDatabase
  let kit: Kit
  let pool: pg.Pool
  let worker: Person

  beforeAll(async () => {
    const options = new Function(
      `${block('const options').replace(' as const', '')};return options`,
    )()
    kit = await openKit(options)
    fresh = await freshDatabase('postgres')
    const admin = await connect(fresh.url)
    const tables = block('create role').replaceAll('shop_app', appRole)
    await admin.query(tables.replaceAll('shop_owner', ownerRole))
    await admin.query(`begin; set local role ${ownerRole};
      ${await kit.security.access.rowSecurity()}; commit`)
    worker = await kit.person('worker')
    await admin.query(
      `insert into tasks (id, title, done, project, owner_id) values
        (1, 'dig', false, 'north', $1), (2, 'pour', true, 'north', $1), (3, 'paint', false, 'south', $1),
        (4, 'weld', false, 'harbour', 'somebody')`,
      [worker.userId],
    )
    await admin.end()
    const address = new URL(fresh.url)
    address.username = appRole
    pool = new pg.Pool({ connectionString: address.href, max: 2 })
  })

  afterAll(async () => {
    await pool?.end()
    await kit?.close()
    await fresh?.drop()
  })

  it('its role of the app is one that policies bind', async () => {
    const statement = /`(select rolsuper.*?)`/.exec(guide)?.[1] ?? ''
    const { rows } = await pool.query(statement)
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false }])
  })

  it('its handler lists the tasks that somebody may see, and nothing for nobody', async () => {
    const code = block('import \\{ setCaller').replace(/^import.*$/m, '')
    const site = await serve(kit, (app, security) => {
      const projectsOf = async () => ['north', 'harbour']
      new Function('app', 'security', 'pool', 'setCaller', 'projectsOf', code)(
        ...[app, security, pool, setCaller, projectsOf],
      )
    })
    const list = async (person: Person) => {
      const answer = await site.fetch('/tasks', { headers: person.bearer })
      expect(answer.status).toBe(200)
      return JSON.parse(answer.text).map(({ title }: { title: string }) => title)
    }
    expect(await list(worker)).toEqual(['dig', 'pour', 'weld'])
    expect(await list(await kit.person('boss'))).toEqual(['dig', 'pour', 'paint', 'weld'])
    expect((await pool.query('select id from tasks')).rows).toEqual([])
    await site.stop()
  })

  it('its transaction of Kysely does the same, and changes only what the rules reach', async () => {
    const db = new Kysely<{ tasks: { id: number; title: string } }>({
      dialect: new PostgresDialect({ pool }),
    })
    const auth = await authOf(worker)
    const code = `return (async () => { ${block('const tasks = await')}; return tasks })()`
    const run = new Function('db', 'setCaller', 'req', code)
    expect(
      (await run(db, setCaller, { auth })).map(({ title }: { title: string }) => title),
    ).toEqual(['dig', 'pour'])
    const changed = await db.transaction().execute(async (trx) => {
      await setCaller(trx, auth, { attributes: { projects: ['north', 'south', 'harbour'] } })
      return trx.updateTable('tasks').set({ title: 'done' }).execute()
    })
    expect(changed[0]?.numUpdatedRows).toBe(2n)
  })

  it('names its policies, its settings and its command rightly', () => {
    for (const [action, command] of Object.entries(rlsCommands)) {
      expect(guide).toContain(`| \`holdfast_${action}\` | \`${command}\` | \`${action}:tasks\` |`)
    }
    const settings = [...guide.matchAll(/^\| `(holdfast\.\w+)` \|/gm)].map(([, name]) => name)
    expect(settings).toEqual(Object.values(settingNames))
    const { options = {} } = commands.find(({ name }) => name === 'access rls') ?? {}
    const [, line = ''] = /^npx holdfast access rls (.*)$/m.exec(guide) ?? []
    const named = [...line.matchAll(/--(\w+)/g)].map(([, name = '']) => name)
    expect(Object.keys(options)).toEqual(expect.arrayContaining(named))
  })

  it('an index on the text of a uuid column is used, as it says', async () => {
    const admin = await connect(fresh.url)
    await admin.query('create table cards (owner_id uuid); set enable_seqscan = off')
    const statement = /`(create index on tasks .*?)`/.exec(guide)?.[1] ?? ''
    await admin.query(statement.replace('tasks', 'cards'))
    const { rows } = await admin.query(
      `explain select 1 from cards where ("cards"."owner_id"::text = 'x' and "cards"."owner_id"::text collate "C" = 'x')`,
    )
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Cond: .*owner_id/)
    await admin.end()
  })

  async function authOf(person: Person) {
    const [, token = ''] = person.bearer.authorization.split(' ')
    const verified = await kit.security.tokens.verify(token)
    if (!verified.ok) throw verified.error
    return verified.auth
  }
})
