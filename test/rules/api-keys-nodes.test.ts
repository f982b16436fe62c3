import { afterAll, beforeAll, expect, test } from 'vitest'
import { startNodes, type TestCluster } from '../nodes/nodes.ts'
import { dumpDatabase } from '../secrets/dump.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'

const password = 'correct horse battery staple 42'
const pollMs = 200

describeEngines('API keys on two nodes', (engine) => {
  let cluster: TestCluster
  let fresh: FreshDatabase
  let people = 0

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    cluster = await startNodes(fresh.url, 2)
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  const makeOwner = async () => {
    const email = `owner${++people}@example.com`
    const roles = ['user', 'manager']
    const { id } = (await cluster.nodes[0].tell('users', 'create', { email, password, roles })) as {
      id: string
    }
    const { json } = await cluster
      .node(0)
      .post('/auth/login', { email, password, transport: 'body' })
    return { id, bearer: { authorization: `Bearer ${json.accessToken}` } }
  }
  type Owner = Awaited<ReturnType<typeof makeOwner>>
  const make = async ({ bearer }: Owner, scopes = ['read:orders']) => {
    const { json, text } = await cluster.node(0).post('/api/keys', { name: 'x', scopes }, bearer)
    if (!json.key) throw new Error(text)
    return { id: json.apiKey.id as string, key: json.key as string }
  }
  const use = async (turn: number, key: string) => {
    const { json, status } = await cluster.node(turn).get('/api/orders', { 'x-api-key': key })
    return status === 200 ? 'passes' : json.code
  }
  /** What the other node says once it has polled. */
  const settled = async (key: string) => {
    await cluster.node(1).tell('poll')
    return use(1, key)
  }

  test('rule 19: what one node revokes, the other refuses from its next poll on', async () => {
    const owner = await makeOwner()
    const { id, key } = await make(owner)
    expect([await use(0, key), await use(1, key)]).toEqual(['passes', 'passes'])
    const revoked = await fetch(`${cluster.node(0).base}/api/keys/${id}`, {
      ...{ method: 'DELETE', headers: owner.bearer },
    })
    expect(revoked.status).toBe(204)
    expect(await use(0, key)).toBe('api_key_invalid')
    expect(await settled(key)).toBe('api_key_invalid')
  })

  test('rule 19: without being told to, too', async () => {
    const owner = await makeOwner()
    const { key } = await make(owner)
    expect(await use(1, key)).toBe('passes')
    await cluster.nodes[0].tell('users', 'disable', owner.id)
    for (let tries = 0; tries < 100 && (await use(1, key)) === 'passes'; tries++) {
      await new Promise((resolve) => setTimeout(resolve, pollMs / 4))
    }
    expect(await use(1, key)).toBe('api_key_invalid')
  })

  test('rule 26: a right that its owner loses on one node is lost on the other', async () => {
    const owner = await makeOwner()
    const { key } = await make(owner)
    expect(await use(1, key)).toBe('passes')
    await cluster.nodes[0].tell('users', 'withdrawRole', owner.id, 'manager')
    expect(await settled(key)).toBe('forbidden')
    await cluster.nodes[0].tell('users', 'grantRole', owner.id, 'manager')
    expect(await settled(key)).toBe('passes')
    await cluster.nodes[0].tell('users', 'disable', owner.id)
    expect(await settled(key)).toBe('api_key_invalid')
  })

  test('rotated on both nodes at once it has one successor, 10 rounds', async () => {
    const owner = await makeOwner()
    for (let round = 0; round < 10; round++) {
      const { id } = await make(owner)
      const rotate = (_: unknown, turn: number) =>
        cluster.node(turn).post(`/api/keys/${id}/rotate`, { overlap: 1 }, owner.bearer)
      const answers = await Promise.all(Array.from({ length: 10 }, rotate))
      const statuses = answers.map(({ status }) => status).sort()
      expect(statuses).toEqual([201, ...Array(9).fill(409)])
    }
  })

  test('rule 34: a dump of the database, audit rows and mails included, holds no usable key', async () => {
    const owner = await makeOwner()
    const made = [await make(owner), await make(owner, ['read:orders', 'write:tasks'])]
    const { id, key } = await make(owner)
    const { json } = await cluster.node(0).post(`/api/keys/${id}/rotate`, {}, owner.bearer)
    const keys = [...made.map((one) => one.key), key, json.key as string]
    for (const one of keys) expect(await use(0, one)).toBe('passes')
    const dump = JSON.stringify(await dumpDatabase(engine, fresh.url))
    expect(dump).toContain(id)
    for (const one of keys) expect(dump).not.toContain(one.slice(-38, -6))
    expect(dump).not.toMatch(/hf_[a-z][a-z0-9]{0,11}_[0-9A-Za-z]{16}_[0-9A-Za-z]{38}/)
  })
})
