import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HttpAnswer, startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { from, goodPassword } from './identity-kit.ts'

const rounds = 20
const crowd = 100

describeEngines('two processes on one database', (engine) => {
  let fresh: FreshDatabase
  let cluster: TestCluster
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const limits = { auth: { points: 5 } }
    cluster = await startNodes(fresh.url, 2, { options: { limits, captcha: 'none' } })
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  const atOnce = (count: number, call: (turn: number) => Promise<HttpAnswer>) =>
    Promise.all(Array.from({ length: count }, (_, turn) => call(turn)))
  const verify = (turn: number, body: object) => cluster.node(turn).post('/auth/verify-email', body)
  const register = (turn: number, body: object) =>
    cluster.node(turn).post('/auth/register', { password: goodPassword, ...body })
  const login = (identifier: string, password: string, client: string) =>
    cluster.nodes[0].post('/auth/login', { identifier, password, transport: 'body' }, from(client))

  it('a link is used once: of 100 uses at once on two nodes one succeeds', async () => {
    for (let round = 0; round < rounds; round++) {
      const email = `link${round}@example.com`
      await register(round, { email })
      const [token] = await cluster.tokens(email)
      const answers = await atOnce(crowd, (turn) => verify(turn, { token }))
      expect(tally(answers), email).toEqual({ '200': 1, '400 link_invalid': crowd - 1 })
      expect((await login(email, goodPassword, '192.0.2.1')).json.status).toBe('signed_in')
    }
  }, 120_000)

  it('100 registrations of one address at once make one account', async () => {
    for (let round = 0; round < 3; round++) {
      const email = `crowd${round}@example.com`
      const answers = await atOnce(crowd, (turn) => register(turn, { email }))
      const counted = tally(answers)
      // The worker that judges passwords takes 16 in waiting and refuses the rest.
      expect(Object.keys(counted).filter((key) => !/^(202|503 unavailable)$/.test(key))).toEqual([])
      expect(counted['202'] ?? 0, JSON.stringify(counted)).toBeGreaterThan(20)
      const tokens = await cluster.tokens(email, counted['202'])
      const verified = await atOnce(tokens.length, (turn) => verify(turn, { token: tokens[turn] }))
      expect(tally(verified)).toEqual({ '200': 1, '400 link_invalid': tokens.length - 1 })
      expect(await cluster.nodes[0].tell('users', 'find', email)).toMatchObject({ email })
    }
  }, 120_000)

  it('of two registrations of one address confirmed at once exactly one password works', async () => {
    const passwords = ['first horse battery staple 42', 'other horse battery staple 42']
    for (let round = 0; round < rounds; round++) {
      const email = `pair${round}@example.com`
      await register(round, { email, password: passwords[0] })
      await cluster.tokens(email)
      await register(round, { email, password: passwords[1] })
      const tokens = await cluster.tokens(email, 2)
      const answers = await atOnce(2, (turn) => verify(turn, { token: tokens[turn] }))
      expect(tally(answers), email).toEqual({ '200': 1, '400 link_invalid': 1 })
      const logins = [
        await login(email, passwords[0] ?? '', '192.0.2.2'),
        await login(email, passwords[1] ?? '', '192.0.2.2'),
      ]
      expect(tally(logins), email).toEqual({ '200': 1, '401 invalid_credentials': 1 })
      expect(answers.map(({ status }) => status)).toEqual(
        logins.map(({ status }) => (status === 401 ? 400 : status)),
      )
    }
  }, 120_000)

  it('a name that two pending people ask for at once goes to one; the other link asks again', async () => {
    for (let round = 0; round < rounds; round++) {
      const username = `name_${round}`
      const emails = [`left${round}@example.com`, `right${round}@example.com`]
      await atOnce(2, (turn) => register(turn, { email: emails[turn], username }))
      const tokens = await Promise.all(emails.map(async (to) => (await cluster.tokens(to))[0]))
      const answers = await atOnce(2, (turn) => verify(turn, { token: tokens[turn] }))
      expect(tally(answers), username).toEqual({ '200': 1, '409 username_taken': 1 })
      const token = tokens[answers.findIndex(({ status }) => status === 409)]
      const again = await verify(round, { token, username: `${username}_b` })
      expect(again.status).toBe(200)
      const signedIn = await login(username, goodPassword, '192.0.2.3')
      const winner = emails[answers.findIndex(({ status }) => status === 200)]
      expect(signedIn.json).toMatchObject({
        status: 'signed_in',
        user: { username, email: winner },
      })
    }
  }, 120_000)

  it('500 parallel guesses at a limit of 5 hash exactly 5', async () => {
    const email = 'victim@example.com'
    await cluster.signUp(email, goodPassword)
    const before = await hashes()
    const guess = (turn: number) =>
      cluster
        .node(turn)
        .post('/auth/login', { identifier: email, password: `guess ${turn}` }, from('198.51.100.7'))
    const answers = await atOnce(500, guess)
    expect(tally(answers)).toEqual({ '401 invalid_credentials': 5, '429 rate_limited': 495 })
    expect((await hashes()) - before).toBe(5)
    await cluster.nodes[0].tell('jump', 60_000)
    const owner = await login(email, goodPassword, '192.0.2.4')
    expect(owner.json).toMatchObject({ status: 'signed_in' })
  }, 120_000)

  async function hashes(): Promise<number> {
    const counts = await Promise.all(cluster.nodes.map((node) => node.tell('hashes')))
    return counts.reduce((sum, count) => sum + count, 0)
  }
})

/** How often each status came, with the problem's code. */
function tally(answers: readonly HttpAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { json, status } of answers) {
    const key = status < 400 ? String(status) : `${status} ${json?.code}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}
