import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpAnswer, startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { goodPassword } from './identity-kit.ts'
import { codeAt, outcome, stepMs } from './second-factor-kit.ts'

const rounds = process.env.HOLDFAST_SOAK ? 500 : 5
const crowd = 100

describeEngines('step-ups on two nodes', (engine) => {
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

  /** Somebody with an authenticator app whose current code nobody has used, and a session. */
  async function someone(email: string) {
    const [node] = cluster.nodes
    await node.tell('users', 'create', { email, password: goodPassword })
    const { json } = await node.post('/auth/login', { email, password: goodPassword })
    const bearer = { authorization: `Bearer ${json.accessToken}` }
    const { secret } = (await node.post('/auth/mfa/totp/setup', {}, bearer)).json
    const code = codeAt(secret, Date.now() - stepMs)
    const enabled = await node.post('/auth/mfa/totp/enable', { code }, bearer)
    expect(enabled.status).toBe(200)
    const { accessToken, recoveryCodes } = enabled.json
    const fresh = { authorization: `Bearer ${accessToken}` }
    return { bearer: fresh, secret, recoveryCodes: recoveryCodes as readonly string[] }
  }

  const atOnce = (bearer: Record<string, string>, proof: object) =>
    Promise.all(
      Array.from({ length: crowd }, (_, turn) =>
        cluster.node(turn).post('/auth/step-up', proof, bearer),
      ),
    )

  /**
   * The session's secret is replaced once: the others raise nothing and learn nothing. Whoever comes later
   * shows a token from before.
   */
  function expectOne(answers: readonly HttpAnswer[], what: string): void {
    const won = answers.filter((answer) => outcome(answer) === 'stepped_up')
    const lost = answers.map(outcome).filter((one) => one !== 'stepped_up')
    expect(won, `${what}: ${[...new Set(lost)].join(', ')}`).toHaveLength(1)
    for (const one of new Set(lost)) expect(one).toMatch(/^401 (factor_rejected|token_expired)$/)
  }

  describe(`rule 3: of ${crowd} step-ups with one code one succeeds, ${rounds} rounds`, () => {
    it('of an authenticator app', async () => {
      for (let round = 0; round < rounds; round++) {
        const { bearer, secret } = await someone(`app${round}@example.com`)
        const code = codeAt(secret, Date.now())
        expectOne(await atOnce(bearer, { method: 'totp', code }), `round ${round}`)
      }
    }, 600_000)

    it('of the recovery codes', async () => {
      for (let round = 0; round < rounds; round++) {
        const { bearer, recoveryCodes } = await someone(`codes${round}@example.com`)
        const [code] = recoveryCodes
        expectOne(await atOnce(bearer, { method: 'recovery_code', code }), `round ${round}`)
      }
    }, 600_000)
  })
})
