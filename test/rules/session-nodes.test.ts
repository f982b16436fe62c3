import { afterAll, beforeAll, expect, test } from 'vitest'
import { startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'

const password = 'correct horse battery staple 42'
const rounds = process.env.HOLDFAST_SOAK ? 500 : 20
const pollBudget = 40

describeEngines('sessions on two nodes', (engine) => {
  let cluster: TestCluster
  let drop = async () => {}
  const email = 'nora@example.com'

  beforeAll(async () => {
    const database = await freshDatabase(engine)
    drop = database.drop
    cluster = await startNodes(database.url, 2)
    await cluster.signUp(email, password)
  })
  afterAll(async () => {
    await cluster.close()
    await drop()
  })

  const signIn = async (turn = 0) =>
    (await cluster.node(turn).post('/auth/login', { email, password, transport: 'body' })).json
  const me = (turn: number, token: string) =>
    cluster.node(turn).get('/auth/me', { authorization: `Bearer ${token}` })

  test(`rule 18: 100 parallel refreshes on two nodes give one successor, ${rounds} rounds`, async () => {
    for (let round = 0; round < rounds; round++) {
      const { refreshToken } = await signIn(round)
      const replies = await Promise.all(
        Array.from({ length: 100 }, (_, turn) =>
          cluster.node(turn).post('/auth/refresh', { refreshToken }),
        ),
      )
      expect(replies.map(({ status }) => status).filter((status) => status !== 200)).toEqual([])
      expect(new Set(replies.map(({ json }) => json.refreshToken)).size).toBe(1)
    }
  }, 180_000)

  test('rule 19: what one node ends, the other refuses after its next polls', async () => {
    const { accessToken } = await signIn(0)
    expect((await me(1, accessToken)).status).toBe(200)
    const out = await cluster
      .node(0)
      .post('/auth/logout', {}, { authorization: `Bearer ${accessToken}` })
    expect(out.status).toBe(204)
    expect((await me(0, accessToken)).json.code).toBe('session_revoked')
    let tries = 0
    while ((await me(1, accessToken)).status === 200 && tries < pollBudget) {
      tries++
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect((await me(1, accessToken)).json.code).toBe('session_revoked')
  })

  test('a session made on one node is known on the other at once', async () => {
    const { accessToken, refreshToken } = await signIn(0)
    expect((await me(1, accessToken)).status).toBe(200)
    expect((await cluster.node(1).post('/auth/refresh', { refreshToken })).status).toBe(200)
  })

  test('both nodes publish the same keys, once each has seen a token of the other', async () => {
    // Nodes that start together make a key each.
    for (const turn of [0, 1])
      expect((await me(1 - turn, (await signIn(turn)).accessToken)).status).toBe(200)
    const [one, two] = await Promise.all(
      [0, 1].map((turn) => cluster.node(turn).get('/.well-known/jwks.json')),
    )
    expect(one?.json.keys.length).toBeGreaterThanOrEqual(1)
    expect(two?.json).toEqual(one?.json)
  })

  test('rule 18: of a session ended by reuse no node accepts anything', async () => {
    const { refreshToken } = await signIn(0)
    const child = (await cluster.node(0).post('/auth/refresh', { refreshToken })).json
    await cluster.node(1).post('/auth/refresh', { refreshToken: child.refreshToken })
    const reused = await cluster.node(1).post('/auth/refresh', { refreshToken })
    expect(reused.json.code).toBe('session_revoked')
    for (const turn of [0, 1]) {
      const again = await cluster
        .node(turn)
        .post('/auth/refresh', { refreshToken: child.refreshToken })
      expect(again.json.code).toBe('session_revoked')
    }
  })
})
