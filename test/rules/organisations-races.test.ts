import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HttpAnswer, startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { goodPassword } from './identity-kit.ts'

const rounds = process.env.HOLDFAST_SOAK ? 500 : 20
const crowd = 100

type Bearer = Readonly<Record<string, string>>

describeEngines('an organisation on two nodes', (engine) => {
  let fresh: FreshDatabase
  let cluster: TestCluster
  let owner: Bearer
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const wide = { points: 1_000_000 }
    const limits = { account: wide, mailClient: wide, mailAddress: wide, general: wide }
    const options = { limits, captcha: 'none', organisations: { create: 'everyone' } } as const
    cluster = await startNodes(fresh.url, 2, { options })
    owner = await someone('owner@example.com')
    const made = await cluster.nodes[0].post('/auth/organisations', acme, owner)
    if (made.status !== 201) throw new Error(`no organisation: ${made.status} ${made.text}`)
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  const acme = { name: 'Acme', slug: 'acme' }

  async function someone(email: string): Promise<Bearer> {
    await cluster.nodes[0].tell('users', 'create', { email, password: goodPassword })
    const body = { email, password: goodPassword, transport: 'body' }
    const { json } = await cluster.nodes[0].post('/auth/login', body)
    return { authorization: `Bearer ${json.accessToken}` }
  }

  async function invite(email: string): Promise<string> {
    const before = await cluster.tokens(email, 0)
    const answer = await cluster.nodes[0].post(
      '/auth/organisations/acme/invitations',
      { email },
      owner,
    )
    expect(answer.status, answer.text).toBe(201)
    const all = await cluster.tokens(email, before.length + 1)
    const token = all.find((one) => !before.includes(one))
    if (token === undefined) throw new Error(`no invitation was mailed to ${email}`)
    return token
  }

  it(`rule 3: of ${crowd} uses of an invitation at once one succeeds, ${rounds} rounds`, async () => {
    const bearer = await someone('guest@example.com')
    await cluster.tokens('guest@example.com', 1)
    for (let round = 0; round < rounds; round++) {
      const token = await invite('guest@example.com')
      const use = (turn: number) =>
        cluster.node(turn).post('/auth/invitations/accept', { token }, bearer)
      const answers = await Promise.all(Array.from({ length: crowd }, (_, turn) => use(turn)))
      expect(tally(answers), `round ${round}`).toEqual({
        ...{ '200': 1, '400 invitation_invalid': crowd - 1 },
      })
      for (const node of cluster.nodes) {
        expect((await node.get('/auth/organisations/acme', bearer)).status).toBe(200)
      }
      const left = await cluster.node(round).post('/auth/organisations/acme/leave', {}, bearer)
      expect(left.status, left.text).toBe(204)
    }
  }, 300_000)
})

function tally(answers: readonly HttpAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { json, status } of answers) {
    const key = status < 400 ? String(status) : `${status} ${json?.code}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}
