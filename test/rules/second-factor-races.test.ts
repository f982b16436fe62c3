import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HttpAnswer, startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { goodPassword } from './identity-kit.ts'
import { codeAt, outcome, stepMs, visitor } from './second-factor-kit.ts'

const rounds = 20
const crowd = 100

interface Person {
  readonly email: string
  readonly secret: string
  readonly codes: readonly string[]
}

/** A burst of right passwords is held back by the lane of the password, like any other. */
const refusedOrNot = /^(signed_in|401 (flow_invalid|factor_rejected|invalid_credentials))$/

/** Whoever is overtaken hears so; nobody hears of a deadlock. */
const asOneMay =
  /^(200|signed_in|stepped_up|409 account_changed|401 (flow_invalid|factor_rejected|token_expired|session_revoked))$/

describeEngines('second steps on two processes with one database', (engine) => {
  let fresh: FreshDatabase
  let cluster: TestCluster
  let offset = 0
  let people = 0
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const sessions = { body: { idle: '30d', absolute: '30d' } } as const
    cluster = await startNodes(fresh.url, 2, { options: { captcha: 'none', sessions } })
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  const now = () => Date.now() + offset
  /** Moves both nodes to a step whose code nobody has spent. */
  const nextCode = async ({ secret }: Person) => {
    offset += stepMs
    await Promise.all(cluster.nodes.map((node) => node.tell('jump', stepMs)))
    return codeAt(secret, now())
  }
  const native = { 'user-agent': 'race' }
  const login = (turn: number, email: string, more: object = {}) =>
    cluster
      .node(turn)
      .post(
        '/auth/login',
        { identifier: email, password: goodPassword, transport: 'body', ...more },
        native,
      )
  const prove = (turn: number, body: object) =>
    cluster.node(turn).post('/auth/login/mfa', body, native)
  /** The second step waits, counted and with nothing spent, until the password has changed. */
  const overtaken = async (turn: number, proof: object, changing: () => Promise<HttpAnswer>) => {
    const node = cluster.node(turn)
    await node.tell('holdProof')
    const proving = prove(turn, proof)
    await node.tell('proofHeld')
    const changed = await changing()
    await node.tell('releaseProof')
    return [await proving, changed] as const
  }
  const atOnce = (count: number, call: (turn: number) => Promise<HttpAnswer>) =>
    Promise.all(Array.from({ length: count }, (_, turn) => call(turn)))
  const bearer = ({ json }: HttpAnswer) => ({ authorization: `Bearer ${json.accessToken}` })
  const sessionsOf = async (answer: HttpAnswer) =>
    (await cluster.nodes[0].get('/auth/sessions', bearer(answer))).json.sessions.length as number

  async function makePerson(): Promise<Person> {
    const email = `race${++people}@example.com`
    await cluster.nodes[0].tell('users', 'create', { email, password: goodPassword })
    const own = bearer(await login(0, email))
    const who = visitor(cluster.nodes[0], '192.0.2.1', own)
    const { secret } = (await who.post('/auth/mfa/totp/setup')).json
    const enabled = await who.post('/auth/mfa/totp/enable', { code: codeAt(secret, now()) })
    expect(enabled.status, enabled.text).toBe(200)
    return { email, secret, codes: enabled.json.recoveryCodes }
  }

  /** Exactly one got through, and the account has exactly one session more. */
  const expectOne = async (answers: readonly HttpAnswer[], sessions: number, what: string) => {
    const won = answers.filter(({ status }) => status === 200)
    const kinds = new Set(answers.map(outcome))
    expect(won, `${what}: ${[...kinds].join(', ')}`).toHaveLength(1)
    for (const kind of kinds) expect(kind).toMatch(refusedOrNot)
    const [winner] = won
    // A clock that jumped leaves a node unsure of revocations until its next poll.
    await Promise.all(cluster.nodes.map((node) => node.tell('poll')))
    expect(winner && (await sessionsOf(winner)), what).toBe(sessions)
  }

  it('rules 3 and 14: of 100 uses of one flow and one code one issues a session', async () => {
    const person = await makePerson()
    for (let round = 0; round < rounds; round++) {
      const code = await nextCode(person)
      const { flow } = (await login(round, person.email)).json
      const answers = await atOnce(crowd, (turn) => prove(turn, { flow, method: 'totp', code }))
      await expectOne(answers, round + 2, `round ${round}`)
    }
  }, 240_000)

  it('rule 14: of 50 flows with one code one issues a session', async () => {
    const person = await makePerson()
    for (let round = 0; round < 5; round++) {
      const begun: HttpAnswer[] = []
      for (let turn = 0; turn < 50; turn++) begun.push(await login(turn, person.email))
      const code = await nextCode(person)
      const answers = await atOnce(50, (turn) =>
        prove(turn, { flow: begun[turn]?.json.flow, method: 'totp', code }),
      )
      await expectOne(answers, round + 2, `round ${round}`)
      offset += 60 * 60 * 1000
      await Promise.all(cluster.nodes.map((node) => node.tell('jump', 60 * 60 * 1000)))
    }
  }, 240_000)

  it('rule 14: of 20 sign-ins at once with one recovery code one gets through', async () => {
    const person = await makePerson()
    for (const [round, mfaCode] of person.codes.slice(0, 5).entries()) {
      const answers = await atOnce(20, (turn) => login(turn, person.email, { mfaCode }))
      await expectOne(answers, round + 2, `round ${round}`)
      offset += 60 * 60 * 1000
      await Promise.all(cluster.nodes.map((node) => node.tell('jump', 60 * 60 * 1000)))
    }
  }, 240_000)

  it('rule 2: a password changed at the same instant leaves no session that rests on the one before', async () => {
    const change = { currentPassword: goodPassword, password: 'another horse battery staple 42' }
    const seen = new Set<string>()
    for (let round = 0; round < 10; round++) {
      const person = await makePerson()
      const own = await login(0, person.email, { mfaCode: await nextCode(person) })
      const { flow } = (await login(1, person.email)).json
      const proof = { flow, method: 'totp', code: await nextCode(person) }
      const changing = () => cluster.nodes[0].post('/auth/password/change', change, bearer(own))
      // Undisturbed the second step is always the quicker one, so that every other is held back.
      const [proven, changed] =
        round % 2 === 0
          ? await Promise.all([prove(round, proof), changing()])
          : await overtaken(round, proof, changing)
      expect(changed.status, changed.text).toBe(200)
      seen.add(outcome(proven))
      if (proven.status !== 200) continue
      await Promise.all(cluster.nodes.map((node) => node.tell('poll')))
      expect((await cluster.nodes[0].get('/auth/me', bearer(proven))).status).toBe(401)
    }
    expect([...seen].sort()).toEqual(['401 flow_invalid', 'signed_in'])
  }, 240_000)

  it('rule 5: step-ups, second steps and changes of the password at once end, each as one of them may', async () => {
    const change = { currentPassword: goodPassword, password: 'another horse battery staple 42' }
    for (let round = 0; round < 4; round++) {
      const person = await makePerson()
      const own = await login(0, person.email, { mfaCode: await nextCode(person) })
      const flows: string[] = []
      for (let turn = 0; turn < 4; turn++) flows.push((await login(turn, person.email)).json.flow)
      const code = await nextCode(person)
      const stepUp = (turn: number, proof: object) =>
        cluster.node(turn).post('/auth/step-up', proof, bearer(own))
      const [changed, ...others] = await Promise.all([
        cluster.node(round).post('/auth/password/change', change, bearer(own)),
        ...flows.map((flow, turn) => prove(turn, { flow, method: 'totp', code })),
        ...person.codes
          .slice(0, 6)
          .map((one, turn) => stepUp(turn, { method: 'recovery_code', code: one })),
      ])
      expect([changed, ...others].map(outcome).filter((one) => !asOneMay.test(one))).toEqual([])
      const renewed = [changed, ...others].flatMap((answer) =>
        answer?.status === 200 && answer.json.status !== 'signed_in' ? [answer] : [],
      )
      expect(renewed).toHaveLength(1)
    }
  }, 240_000)
})
