import { afterAll, beforeAll, expect, test } from 'vitest'
import { startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'

const password = 'correct horse battery staple 42'
const pollBudget = 40

interface Account {
  readonly id: string
  readonly bearer: Readonly<Record<string, string>>
}

describeEngines(
  'rule 19: what one node changes in an organisation, the other knows after its next polls',
  (engine) => {
    let cluster: TestCluster
    let drop = async () => {}
    let count = 0

    beforeAll(async () => {
      const database = await freshDatabase(engine)
      drop = database.drop
      cluster = await startNodes(database.url, 2, {
        options: {
          organisations: 'header',
          access: {
            resources: { orders: { tenant: false } },
            roles: { clerk: { permissions: ['read:orders'] } },
          },
        },
      })
    })
    afterAll(async () => {
      await cluster.close()
      await drop()
    })

    const account = async (): Promise<Account> => {
      const email = `person${++count}@example.com`
      const made = await cluster.node(0).tell('users', 'create', { email, password })
      const { json } = await cluster
        .node(0)
        .post('/auth/login', { email, password, transport: 'body' })
      return {
        id: (made as { id: string }).id,
        bearer: { authorization: `Bearer ${json.accessToken}` },
      }
    }
    const tell = (...told: readonly [method: string, ...args: unknown[]]) =>
      cluster.node(0).tell('organisations', ...(told as ['create', ...unknown[]]))
    const clerkOf = async (slug: string) => {
      await tell('create', { slug, name: slug })
      const person = await account()
      await tell('addMember', slug, { userId: person.id, roles: ['clerk'] })
      return person
    }
    const orders = async (turn: number, { bearer }: Account, slug: string) =>
      (await cluster.node(turn).get('/api/orders', { ...bearer, 'x-organisation': slug })).status

    /** The node that changed it knows at once; the other within its polls. */
    const becomes = async (status: number, person: Account, slug: string) => {
      expect(await orders(0, person, slug)).toBe(status)
      let tries = 0
      while ((await orders(1, person, slug)) !== status && tries < pollBudget) {
        tries++
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      expect(await orders(1, person, slug)).toBe(status)
    }

    test('a member who was removed', async () => {
      const person = await clerkOf('removed')
      await becomes(200, person, 'removed')
      await tell('removeMember', 'removed', person.id)
      await becomes(404, person, 'removed')
    })

    test('a role that was withdrawn, and given again', async () => {
      const person = await clerkOf('withdrawn')
      await becomes(200, person, 'withdrawn')
      await tell('withdrawRole', 'withdrawn', { userId: person.id, role: 'clerk' })
      await becomes(403, person, 'withdrawn')
      await tell('grantRole', 'withdrawn', { userId: person.id, role: 'clerk' })
      await becomes(200, person, 'withdrawn')
    })

    test('a policy that asks for more', async () => {
      const person = await clerkOf('stricter')
      await becomes(200, person, 'stricter')
      await tell('setPolicy', 'stricter', { requiredLevel: 2 })
      await becomes(401, person, 'stricter')
      await tell('setPolicy', 'stricter', { ipRanges: ['203.0.113.0/24'] })
      await becomes(403, person, 'stricter')
      await tell('setPolicy', 'stricter', {})
      await becomes(200, person, 'stricter')
    })

    test('an organisation that was closed', async () => {
      const person = await clerkOf('closed')
      await becomes(200, person, 'closed')
      await tell('close', 'closed')
      await becomes(404, person, 'closed')
    })
  },
)
