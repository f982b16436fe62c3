import { afterAll, beforeAll, expect, it } from 'vitest'
import { redact } from '../../src/ports/index.ts'
import { goodPassword, type ServedApp, serveApp } from '../served-app.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'

const email = 'ada@example.com'
const points = 5

describeEngines('the record', (engine) => {
  let fresh: FreshDatabase
  let app: ServedApp
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const auth = { points, window: '15m' } as const
    app = await serveApp({ database: fresh.url, captcha: 'none', limits: { auth } })
    await app.person(email)
  })
  afterAll(async () => {
    await app?.stop()
    await fresh?.drop()
  })

  const login = (password: string) =>
    app.request('POST', '/auth/login', { body: { email, password } })

  it('rule 41: a limit of 5 allows 5 and not one more, on any driver; refusals are one row', async () => {
    const statuses: number[] = []
    for (let n = 0; n < points + 3; n++) statuses.push((await login('wrong')).status)
    expect(statuses).toEqual([...Array(points).fill(401), 429, 429, 429])
    const { audit, database, refusals } = app.security.parts.ground
    await refusals.flush(database)
    const rows = await audit.find({ action: 'limit.refused', limit: 10 })
    expect(rows).toHaveLength(1)
    expect(JSON.parse(rows[0]?.metadata ?? '{}')).toMatchObject({ policy: 'auth', refusals: 3 })
    expect(await audit.find({ action: 'sign_in.failed', limit: 10 })).toHaveLength(points)
  })

  it('rule 41: counters and instants come from every driver as numbers', async () => {
    const { reader } = app.security.parts.ground.database
    const tables = [
      'hf_versions',
      'hf_revocations',
      'hf_audit',
      'hf_users',
      'hf_jobs',
      'hf_guesses',
    ] as const
    for (const table of tables) {
      const rows = await reader.selectFrom(table).selectAll().execute()
      for (const [column, value] of rows.flatMap((row) => Object.entries(row))) {
        if (/^(version|at|.*_at|duration_ms|failures|guesses|streak|lease_until)$/.test(column)) {
          expect([`${table}.${column}`, value === null ? 'number' : typeof value]).toEqual([
            `${table}.${column}`,
            'number',
          ])
        }
      }
    }
  })

  it('rule 39: a change whose record fails is not made', async () => {
    const before = await app.security.users.find(email)
    const actor = { kind: 'user', id: 'x'.repeat(200) } as const
    await expect(app.security.users.disable(email, { actor })).rejects.toThrow()
    await expect(app.security.users.grantRole(email, 'manager', { actor })).rejects.toThrow()
    await expect(
      app.security.users.create({ email: 'bob@example.com', password: goodPassword }, { actor }),
    ).rejects.toThrow()
    expect(await app.security.users.find(email)).toEqual(before)
    expect(await app.security.users.find('bob@example.com')).toBeUndefined()
  })

  it('no log line about a broken unique rule repeats what somebody typed', async () => {
    const { database } = app.security.parts.ground
    const row = await database.reader.selectFrom('hf_users').selectAll().executeTakeFirstOrThrow()
    const error = await database
      .transaction((trx) =>
        trx
          .insertInto('hf_users')
          .values({ ...row, id: 'other' })
          .execute(),
      )
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'database_duplicate' })
    expect(JSON.stringify(redact(error))).not.toContain(email)
  })
})
