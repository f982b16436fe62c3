import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ServedApp, serveApp } from '../served-app.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'

describeEngines('the record of who was refused what', (engine) => {
  let fresh: FreshDatabase
  let app: ServedApp
  let token: string
  const lines: string[] = []
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const logger = { debug: tell, info: tell, warn: tell, error: tell }
    app = await serveApp({
      ...{ database: fresh.url, mode: 'development', logger },
      access: {
        roles: {
          clerk: { permissions: ['write:orders'] },
          trainee: { permissions: [], deny: ['write:*'], inherits: ['clerk'] },
        },
      },
    })
    await app.person('ada@example.com', ['trainee'])
    token = (await app.signIn('ada@example.com')).accessToken
  })
  afterAll(async () => {
    await app?.stop()
    await fresh?.drop()
  })
  const tell = (message: string) => void lines.push(message)

  const flush = async () => {
    const { ground, rooms } = app.security.parts
    await rooms.access.refusals.flush(ground.database)
    const rows = await ground.audit.find({ action: 'access.refused', limit: 100 })
    return rows.map(({ metadata, ...row }) => ({ ...row, metadata: JSON.parse(metadata ?? '{}') }))
  }

  it('a flood of refusals is one row a caller and permission, with the rule that decided', async () => {
    for (let turn = 0; turn < 30; turn++) {
      const body = { note: 'what she wrote' }
      expect((await app.request('POST', '/api/orders', { token, body })).status).toBe(403)
    }
    expect((await app.request('GET', '/admin/users', { token })).status).toBe(403)
    const rows = await flush()
    expect(rows.map(({ metadata }) => metadata)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ permission: 'write:orders', why: 'denied', role: 'trainee', pattern: 'write:*' },
          refusals: 30,
        }),
        expect.objectContaining({ permission: 'read:security:users', why: 'no_rule', refusals: 1 }),
      ]),
    )
    expect(rows).toHaveLength(2)
    expect(JSON.stringify(rows)).not.toContain('what she wrote')
    expect(await flush()).toHaveLength(2)
  })

  it('the log of a development server names the rule, the answer does not', async () => {
    lines.length = 0
    const answer = await app.request('POST', '/api/orders', { token, body: {} })
    expect(answer.json.code).toBe('forbidden')
    expect(JSON.stringify(answer.json)).not.toMatch(/trainee|write:/)
    expect(lines).toContain(
      '403: the caller lacks the permission write:orders: denied by write:* of the role trainee',
    )
  })

  it('who passes, and who is nobody, is no refusal', async () => {
    const before = await flush()
    expect((await app.request('GET', '/open')).status).toBe(200)
    expect((await app.request('GET', '/api/orders')).status).toBe(401)
    expect(await flush()).toHaveLength(before.length)
  })
})
