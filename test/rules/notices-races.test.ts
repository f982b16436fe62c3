import { afterAll, beforeAll, expect, it } from 'vitest'
import { startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { from, goodPassword } from './identity-kit.ts'
import { linkOf } from './notices-kit.ts'

const accounts = Array.from({ length: 20 }, (_, at) => `victim${at}@example.com`)
const steps = 12
const pause = 20 * 60_000

describeEngines('an attack that meets two nodes at once', (engine) => {
  let fresh: FreshDatabase
  let cluster: TestCluster
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    cluster = await startNodes(fresh.url, 2, { options: { captcha: 'none' } })
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  const guess = (node: number, email: string, step: number) =>
    cluster
      .node(node)
      .post(
        '/auth/login',
        { email, password: `wrong ${step}`, transport: 'body' },
        from(`198.51.${node}.${step}`),
      )

  it(`is told to each of ${accounts.length} owners once`, async () => {
    const [first] = cluster.nodes
    for (const email of accounts) {
      await first.tell('users', 'create', { email, password: goodPassword })
    }
    for (let step = 0; step < steps; step++) {
      for (const node of cluster.nodes) await node.tell('jump', pause)
      const pairs = accounts.map((email) =>
        Promise.all([guess(0, email, step), guess(1, email, step)]),
      )
      const answers = (await Promise.all(pairs)).flat()
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
    }
    await cluster.tokens(accounts.at(-1) ?? '')
    for (const node of cluster.nodes) await node.tell('deliverMail')
    // Each jump of the clocks ends leases, so a mail on its way may leave again, under the same id.
    const mails = [...new Map(cluster.mails.map((mail) => [mail.messageId, mail])).values()]
    expect(mails.map(({ to }) => to).sort()).toEqual([...accounts].sort())
    expect(new Set(mails.map((mail) => linkOf(mail).token)).size).toBe(accounts.length)
  }, 120_000)
})
