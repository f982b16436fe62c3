import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpAnswer, startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { goodPassword } from './identity-kit.ts'
import { newPassword } from './recovery-kit.ts'

const rounds = process.env.HOLDFAST_SOAK ? 500 : 20
const crowd = 100
const pollBudget = 40

interface Person {
  readonly email: string
  readonly bearer: Readonly<Record<string, string>>
}

describeEngines('recovery on two nodes', (engine) => {
  let fresh: FreshDatabase
  let cluster: TestCluster
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    cluster = await startNodes(fresh.url, 2)
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  const atOnce = (call: (turn: number) => Promise<HttpAnswer>) =>
    Promise.all(Array.from({ length: crowd }, (_, turn) => call(turn)))
  const use = (path: string, body: object) => atOnce((turn) => cluster.node(turn).post(path, body))
  const login = (email: string, password: string) =>
    cluster.nodes[0].post('/auth/login', { email, password, transport: 'body' })

  /** The link that came after those that an address has had. */
  async function nextToken(to: string, action: () => Promise<unknown>): Promise<string> {
    const before = await cluster.tokens(to, 0)
    await action()
    const all = await cluster.tokens(to, before.length + 1)
    const token = all.find((one) => !before.includes(one))
    if (token === undefined) throw new Error(`no new link was mailed to ${to}`)
    return token
  }

  async function someone(email: string): Promise<Person> {
    await cluster.nodes[0].tell('users', 'create', { email, password: goodPassword })
    const { json } = await login(email, goodPassword)
    // The notice of a first sign-in holds a link as well.
    await cluster.tokens(email, 1)
    return { email, bearer: { authorization: `Bearer ${json.accessToken}` } }
  }

  const isAlive = async (turn: number, { bearer }: Person) =>
    (await cluster.node(turn).get('/auth/me', bearer)).status === 200
  const forgot = (email: string) => cluster.nodes[1]?.post('/auth/password/forgot', { email })
  const changeEmail = ({ bearer }: Person, email: string) =>
    cluster.nodes[0].post('/auth/email/change', { email, currentPassword: goodPassword }, bearer)

  /** Of a crowd that uses one link at once one is done, and the others hear the same. */
  function expectOne(answers: readonly HttpAnswer[], what: string): void {
    expect(tally(answers), what).toEqual({ '200': 1, '400 link_invalid': crowd - 1 })
  }

  describe(`rule 3: of ${crowd} uses of a link at once one succeeds, ${rounds} rounds`, () => {
    it('for a new password', async () => {
      for (let round = 0; round < rounds; round++) {
        const email = `reset${round}@example.com`
        await cluster.nodes[0].tell('users', 'create', { email, password: goodPassword })
        const token = await nextToken(email, async () => forgot(email))
        expectHashed(await use('/auth/password/reset', { token, password: newPassword }), email)
        expect((await login(email, newPassword)).json.status, email).toBe('signed_in')
      }
    }, 600_000)

    it('for an invitation', async () => {
      for (let round = 0; round < rounds; round++) {
        const email = `invited${round}@example.com`
        const token = await nextToken(email, () =>
          cluster.nodes[0].tell('users', 'invite', { email }),
        )
        expectHashed(await use('/auth/password/reset', { token, password: newPassword }), email)
        expect((await login(email, newPassword)).json.status, email).toBe('signed_in')
      }
    }, 600_000)

    it('for a new address, and for taking it back', async () => {
      for (let round = 0; round < rounds; round++) {
        const [email, next] = [`old${round}@example.com`, `new${round}@example.com`]
        const who = await someone(email)
        const token = await nextToken(next, () => changeEmail(who, next))
        const undoing = await nextToken(email, async () =>
          expectOne(await use('/auth/email/confirm', { token }), next),
        )
        expectOne(await use('/auth/email/undo', { token: undoing }), email)
        expect(await cluster.nodes[0].tell('users', 'find', email)).toMatchObject({
          status: 'locked',
        })
      }
    }, 600_000)

    it('for "this was not me"', async () => {
      for (let round = 0; round < rounds; round++) {
        const email = `report${round}@example.com`
        const { bearer } = await someone(email)
        const body = { currentPassword: goodPassword, password: newPassword }
        const token = await nextToken(email, () =>
          cluster.nodes[0].post('/auth/password/change', body, bearer),
        )
        expectOne(await use('/auth/report', { token }), email)
      }
    }, 600_000)
  })

  it('two people who confirm one new address at once: one gets it', async () => {
    for (let round = 0; round < rounds; round++) {
      const wanted = `wanted${round}@example.com`
      const pair = await Promise.all(
        ['left', 'right'].map((side) => someone(`${side}${round}@example.com`)),
      )
      const tokens: string[] = []
      for (const who of pair) tokens.push(await nextToken(wanted, () => changeEmail(who, wanted)))
      const answers = await Promise.all(
        tokens.map((token, turn) => cluster.node(turn).post('/auth/email/confirm', { token })),
      )
      expect(tally(answers), wanted).toEqual({ '200': 1, '400 link_invalid': 1 })
    }
  }, 300_000)

  it('rule 19: a reset on one node ends every session on the other within its next polls', async () => {
    const who = await someone('everywhere@example.com')
    for (const turn of [0, 1]) expect(await isAlive(turn, who)).toBe(true)
    const token = await nextToken(who.email, async () => forgot(who.email))
    const body = { token, password: newPassword }
    expect((await cluster.node(0).post('/auth/password/reset', body)).status).toBe(200)
    expect(await isAlive(0, who)).toBe(false)
    let tries = 0
    while ((await isAlive(1, who)) && tries++ < pollBudget) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(await isAlive(1, who)).toBe(false)
  })

  it('rule 5: of a crowd of sign-ins with the old password none outlives a reset', async () => {
    for (let round = 0; round < rounds; round++) {
      const email = `crowd${round}@example.com`
      await cluster.nodes[0].tell('users', 'create', { email, password: goodPassword })
      const token = await nextToken(email, async () => forgot(email))
      const signIns = Array.from({ length: 4 }, (_, turn) =>
        cluster
          .node(turn)
          .post('/auth/login', { email, password: goodPassword, transport: 'body' }),
      )
      const reset = cluster
        .node(round)
        .post('/auth/password/reset', { token, password: newPassword })
      expect((await reset).status).toBe(200)
      for (const { json, status } of await Promise.all(signIns)) {
        if (status !== 200 || json.status !== 'signed_in') continue
        const bearer = { authorization: `Bearer ${json.accessToken}` }
        const refreshed = await cluster
          .node(round)
          .post('/auth/refresh', { refreshToken: json.refreshToken })
        expect(refreshed.json.code, email).toBe('session_revoked')
        expect(await isAlive(round, { email, bearer }), email).toBe(false)
      }
    }
  }, 300_000)
})

/** Links that need a hash: the queue of the pool may refuse some of a crowd, and never a second one through. */
function expectHashed(answers: readonly HttpAnswer[], what: string): void {
  const { '200': done, ...others } = tally(answers)
  expect(done, what).toBe(1)
  const foreseen = /^(400 link_invalid|503 unavailable|503 password_queue_full)$/
  expect(
    Object.keys(others).filter((key) => !foreseen.test(key)),
    what,
  ).toEqual([])
}

/** How often each status came, with the problem's code. */
function tally(answers: readonly HttpAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { json, status } of answers) {
    const key = status < 400 ? String(status) : `${status} ${json?.code}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}
