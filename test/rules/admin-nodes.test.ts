import { afterAll, beforeAll, expect, it } from 'vitest'
import { startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { type AdminAction, actions, erase } from './admin-kit.ts'
import { goodPassword } from './identity-kit.ts'

const rounds = 20

describeEngines('administrators on two nodes', (engine) => {
  let fresh: FreshDatabase
  let cluster: TestCluster
  let root: Bearer
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    cluster = await startNodes(fresh.url, 2, { options: { captcha: { provider: 'none' } } })
    await make('root', ['super_admin'])
    root = await signIn('root')
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  type Bearer = Readonly<Record<string, string>>
  const make = async (name: string, roles: readonly string[] = ['user']) => {
    const account = { email: `${name}@example.com`, password: goodPassword, roles }
    return (await cluster.nodes[0].tell('users', 'create', account)) as { readonly id: string }
  }
  const signIn = async (name: string): Promise<Bearer> => {
    const body = { email: `${name}@example.com`, password: goodPassword, transport: 'body' }
    const { json } = await cluster.nodes[0].post('/auth/login', body)
    return { authorization: `Bearer ${json.accessToken}` }
  }
  const act = (turn: number, by: Bearer, action: AdminAction, id: string) =>
    fetch(cluster.node(turn).base + action.path(id), {
      method: action.method,
      headers: { 'content-type': 'application/json', ...by },
      body: JSON.stringify({ reason: 'a test' }),
    })
  const standing = async (turn: number, bearer: Bearer) =>
    (await cluster.node(turn).get('/auth/me', bearer)).status
  const named = (name: string) => actions.find((action) => action.name === name) ?? erase

  it.each(['end-sessions', 'lock', 'force-reset', 'disable', 'erase'])(
    'rule 19: after %s on one node no node takes the session',
    async (name) => {
      const { id } = await make(`gone-${name}`)
      const bearer = await signIn(`gone-${name}`)
      expect([await standing(0, bearer), await standing(1, bearer)]).toEqual([200, 200])
      expect((await act(0, root, named(name), id)).status).toBeLessThan(300)
      expect(await standing(0, bearer)).toBe(401)
      await cluster.node(1).tell('poll')
      expect(await standing(1, bearer)).toBe(401)
    },
  )

  it('rule 10: whatever two do to each other at once, one super administrator stays', async () => {
    const { id: rootId } = (await cluster.nodes[0].tell('users', 'find', 'root@example.com')) as {
      readonly id: string
    }
    const deeds = ['disable', 'lock', 'erase'].map(named)
    for (let round = 0; round < rounds; round++) {
      const people = await Promise.all(
        ['left', 'right'].map(async (side) => {
          const name = `${side}${round}`
          const { id } = await make(name, ['super_admin'])
          return { id, bearer: await signIn(name) }
        }),
      )
      if (round === 0) await cluster.nodes[0].tell('users', 'disable', rootId)
      if (round > 0) await cluster.nodes[0].tell('users', 'disable', await theOther(people))
      await Promise.all(cluster.nodes.map((node) => node.tell('poll')))
      const answers = await Promise.all(
        people.map(({ bearer }, at) => {
          const deed = deeds[(round + at) % deeds.length] ?? erase
          return act(at, bearer, deed, people[1 - at]?.id ?? '')
        }),
      )
      const statuses = answers.map(({ status }) => status).sort()
      expect(statuses[0], String(round)).toBeLessThan(300)
      expect([401, 403, 404, 409], `${round} ${statuses}`).toContain(statuses[1])
      expect(await activeSuperAdmins(), String(round)).toHaveLength(1)
    }
    await cluster.nodes[0].tell('users', 'enable', rootId)
  }, 180_000)

  it('of two who erase an account at once one does, and there is one record', async () => {
    for (let round = 0; round < rounds; round++) {
      const { id } = await make(`twice${round}`)
      const bearer = await rootAgain()
      const answers = await Promise.all([0, 1].map((turn) => act(turn, bearer, erase, id)))
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 404])
    }
  }, 120_000)

  it('who signs in while an account is erased gets nothing that lasts', async () => {
    for (let round = 0; round < rounds; round++) {
      const name = `race${round}`
      const { id } = await make(name)
      const bearer = await rootAgain()
      const body = { email: `${name}@example.com`, password: goodPassword, transport: 'body' }
      const [signedIn, erased] = await Promise.all([
        cluster.node(1).post('/auth/login', body),
        act(0, bearer, erase, id),
      ])
      expect([200, 401]).toContain(signedIn.status)
      expect(erased.status).toBe(204)
      await cluster.node(1).tell('poll')
      const { accessToken } = signedIn.json
      if (accessToken) {
        expect(await standing(1, { authorization: `Bearer ${accessToken}` })).toBe(401)
      }
    }
  }, 120_000)

  let latest: Bearer | undefined
  /** The one who was disabled in the race above, enabled and signed in again. */
  async function rootAgain(): Promise<Bearer> {
    latest ??= await signIn('root')
    return latest
  }

  async function activeSuperAdmins(): Promise<readonly string[]> {
    const bearer = await anybodyWhoReads()
    const query = '/admin/users?role=super_admin&status=active&limit=200'
    const { json } = await cluster.nodes[0].get(query, bearer)
    return json.users.map(({ id }: { readonly id: string }) => id)
  }

  let reader: Bearer | undefined
  async function anybodyWhoReads(): Promise<Bearer> {
    if (!reader) {
      await make('reader', ['admin'])
      reader = await signIn('reader')
    }
    return reader
  }

  /** The super administrator who was left by the round before. */
  async function theOther(people: readonly { readonly id: string }[]): Promise<string> {
    const left = await activeSuperAdmins()
    return left.find((id) => !people.some((person) => person.id === id)) ?? ''
  }
})
