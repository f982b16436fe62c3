import { afterAll, beforeAll, expect, it } from 'vitest'
import { startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { from, goodPassword } from './identity-kit.ts'

const rounds = 20

/** Limits of clients are out of the way: every guess comes from an address of its own. */
describeEngines('two processes that count one lane', (engine) => {
  let fresh: FreshDatabase
  let cluster: TestCluster
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const options = { captcha: 'none', lockout: 'strict' } as const
    cluster = await startNodes(fresh.url, 2, { options })
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  const hashes = async () => {
    const counts = await Promise.all(cluster.nodes.map((node) => node.tell('hashes')))
    return counts.reduce((sum, count) => sum + count, 0)
  }
  const guessAtOnce = async (identifier: string, count: number) => {
    const before = await hashes()
    const answers = await Promise.all(
      Array.from({ length: count }, (_, turn) => {
        const body = { identifier, password: `guess ${turn}`, transport: 'body' }
        const client = from(`10.${turn >> 8}.${turn & 255}.1`)
        return cluster.node(turn).post('/auth/login', body, client)
      }),
    )
    const codes = new Set(answers.map(({ json, status }) => `${status} ${json.code}`))
    return { codes: [...codes], hashed: (await hashes()) - before }
  }
  const fiveOfThem = { codes: ['401 invalid_credentials'], hashed: 5 }

  it('500 parallel guesses from 500 addresses at a limit of 5 hash exactly 5', async () => {
    const email = 'victim@example.com'
    await cluster.signUp(email, goodPassword)
    expect(await guessAtOnce(email, 500)).toEqual(fiveOfThem)
    const owner = { identifier: email, password: goodPassword, transport: 'body' }
    const login = () => cluster.nodes[0].post('/auth/login', owner, from('192.0.2.1'))
    expect((await login()).status).toBe(401)
    for (const node of cluster.nodes) await node.tell('jump', 15 * 60_000)
    expect((await login()).json.status).toBe('signed_in')
  }, 180_000)

  it('50 at once on a name that nobody has hash 5 too, round after round', async () => {
    for (let round = 0; round < rounds; round++) {
      expect(await guessAtOnce(`ghost${round}@example.com`, 50)).toEqual(fiveOfThem)
    }
  }, 180_000)
})
