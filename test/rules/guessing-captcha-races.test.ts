import { afterAll, beforeAll, expect, it } from 'vitest'
import { startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { solveCaptcha } from '../solve-captcha.ts'

const rounds = 20
const uses = 100

describeEngines('two processes on one database', (engine) => {
  let fresh: FreshDatabase
  let cluster: TestCluster
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    cluster = await startNodes(fresh.url, 2, { options: { captcha: { work: 1_000 } } })
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  it('a solved CAPTCHA is used once: of 100 uses at once on two nodes one is judged', async () => {
    for (let round = 0; round < rounds; round++) {
      const body = { identifier: `nobody${round}@example.com`, password: 'wrong password 123' }
      const login = (turn: number, captcha?: string) =>
        cluster.node(turn).post('/auth/login', { ...body, ...(captcha ? { captcha } : {}) })
      for (let failure = 0; failure < 3; failure++) await login(failure)
      const asked = await login(round)
      expect(asked.json).toMatchObject({ status: 'challenge_required' })
      const solution = solveCaptcha(asked.json.challenge)
      const answers = await Promise.all(
        Array.from({ length: uses }, (_, turn) => login(turn, solution)),
      )
      const counted = [200, 401].map((status) => answers.filter((one) => one.status === status))
      expect(
        counted.map(({ length }) => length),
        `round ${round}`,
      ).toEqual([uses - 1, 1])
    }
  }, 240_000)
})
