import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { startNodes, type TestCluster } from './nodes.ts'

const password = 'correct horse battery staple 42'

describeEngines('two processes on one database', (engine) => {
  let fresh: FreshDatabase
  let cluster: TestCluster
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    cluster = await startNodes(fresh.url)
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  it('are one service: what one of them wrote, the other knows', async () => {
    const [one, other] = [cluster.node(0), cluster.node(1)]
    expect(one.base).not.toBe(other.base)
    await cluster.signUp('ada@example.com', password)
    const body = { email: 'ada@example.com', password, transport: 'body' }
    const login = await other.post('/auth/login', body)
    expect(login.json).toMatchObject({ status: 'signed_in' })
    const bearer = { authorization: `Bearer ${login.json.accessToken}` }
    expect((await one.get('/api/own', bearer)).status).toBe(200)
    expect((await one.get('/api/orders', bearer)).status).toBe(403)
    await one.tell('users', 'grantRole', 'ada@example.com', 'manager')
    await other.tell('poll')
    expect((await other.get('/api/orders', bearer)).status).toBe(200)
  })

  it('count hashes, and obey their parent', async () => {
    const node = cluster.node(1)
    const before = await node.tell('hashes')
    await node.post('/auth/login', { email: 'nobody@example.com', password })
    expect(await node.tell('hashes')).toBe(before + 1)
    await expect(node.tell('users', 'disable', 'nobody@example.com')).rejects.toMatchObject({
      code: 'account_not_found',
    })
  })
})
