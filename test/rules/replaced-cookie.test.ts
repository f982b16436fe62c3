import { afterAll, beforeAll, expect, it } from 'vitest'
import { startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { goodPassword } from './identity-kit.ts'
import { visitor } from './second-factor-kit.ts'

const newPassword = 'another horse battery staple 42'

describeEngines('a session cookie on two processes with one database', (engine) => {
  let fresh: FreshDatabase
  let cluster: TestCluster
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const revocation = { maxStale: '60s' } as const
    cluster = await startNodes(fresh.url, 2, { options: { captcha: 'none', revocation } })
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  it('rule 5: that was replaced opens nothing on a node that knew it, once its owner or a poll came by', async () => {
    const [a, b] = [cluster.node(0), cluster.node(1)]
    const email = 'replaced@example.com'
    await a.tell('users', 'create', { email, password: goodPassword })
    const owner = visitor(a)
    expect((await owner.login(email, { transport: 'session' })).json.status).toBe('signed_in')
    const cookie = () => [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const onB = async (held: string) => (await b.get('/auth/me', { cookie: held })).status
    const copy = cookie()
    expect(await onB(copy)).toBe(200)
    await b.tell('deafen')
    const change = { currentPassword: goodPassword, password: newPassword }
    expect((await owner.post('/auth/password/change', change)).status).toBe(200)
    expect(cookie()).not.toBe(copy)
    expect([await onB(cookie()), await onB(copy)]).toEqual([200, 401])
    await b.tell('poll')
    expect([await onB(copy), await onB(cookie()), await onB(copy)]).toEqual([401, 200, 401])
    const setup = await b.post(
      '/auth/mfa/totp/setup',
      {},
      { cookie: copy, 'sec-fetch-site': 'same-origin' },
    )
    expect(setup.status).toBe(401)
  }, 60_000)
})
