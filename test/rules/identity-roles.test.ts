import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { goodPassword, openSite, type Person, type Site } from './identity-kit.ts'

const rounds = 20

describe('a role never outranks its giver', () => {
  let site: Site
  let root: Person
  let admin: Person
  let keeper: Person
  let ada: Person
  beforeAll(async () => {
    site = await openSite({
      access: {
        roles: {
          keeper: { permissions: ['read:security:roles', 'write:security:roles', 'read:orders'] },
          limited: { permissions: ['*'], deny: ['read:*:salaries'] },
          wide: { permissions: ['read:staff:*'] },
          orders: { permissions: ['read:orders'] },
        },
      },
    })
    root = await site.signUp('root@example.com')
    admin = await site.signUp('admin@example.com')
    keeper = await site.signUp('keeper@example.com')
    ada = await site.signUp('ada@example.com')
    const { users } = site.security
    await users.grantRole(root.id, 'super_admin')
    await users.grantRole(admin.id, 'admin')
    await users.grantRole(keeper.id, 'keeper')
  })
  afterAll(() => site.close())

  const roles = (of: Person) => `/admin/users/${of.id}/roles`
  const give = (by: Person, to: Person, role: string, more: object = {}) =>
    site.post(roles(to), { role, ...more }, { ...by.bearer })
  const take = (by: Person, of: Person, role: string) =>
    site.request('DELETE', `${roles(of)}/${role}`, { headers: by.bearer })
  const verdict = async (answer: ReturnType<typeof give>) => {
    const { json, status } = await answer
    return status === 200 ? 200 : `${status} ${json.code}`
  }

  it('nobody gives or takes more than they hold', async () => {
    expect(await verdict(give(keeper, ada, 'admin'))).toBe('403 role_outranks_giver')
    expect(await verdict(give(keeper, ada, 'manager'))).toBe('403 role_outranks_giver')
    expect(await verdict(give(admin, ada, 'super_admin'))).toBe('403 role_outranks_giver')
    expect(await verdict(take(admin, root, 'super_admin'))).toBe('403 role_outranks_giver')
    expect(await verdict(take(keeper, admin, 'admin'))).toBe('403 role_outranks_giver')
    expect(await verdict(give(keeper, ada, 'orders'))).toBe(200)
    expect(await verdict(give(admin, ada, 'manager'))).toBe(200)
    expect(await verdict(take(admin, ada, 'manager'))).toBe(200)
    expect(await verdict(give(root, ada, 'super_admin'))).toBe(200)
    expect(await verdict(take(root, ada, 'super_admin'))).toBe(200)
  })

  it('what is denied to the giver is not hers to give, also where patterns only overlap', async () => {
    const limited = await site.signUp('limited@example.com')
    await site.security.users.grantRole(limited.id, 'limited')
    expect(await verdict(give(limited, ada, 'wide'))).toBe('403 role_outranks_giver')
    expect(await verdict(give(limited, ada, 'orders'))).toBe(200)
  })

  it('nobody changes their own roles, not even downwards', async () => {
    for (const person of [root, admin, keeper]) {
      expect(await verdict(give(person, person, 'user'))).toBe('403 own_roles_unchangeable')
      expect(await verdict(give(person, person, 'super_admin'))).toMatch(/^403/)
      expect(await verdict(take(person, person, 'user'))).toBe('403 own_roles_unchangeable')
    }
  })

  it('without the permission, or without a session, nothing is given, taken or read', async () => {
    const eve = await site.signUp('eve@example.com')
    const before = site.dump()
    expect(await verdict(give(eve, eve, 'super_admin'))).toBe('403 forbidden')
    expect(await verdict(take(eve, admin, 'admin'))).toBe('403 forbidden')
    expect((await site.get(roles(admin), { ...eve.bearer })).status).toBe(403)
    const nobody: Person = { id: eve.id, bearer: {} }
    expect(await verdict(give(nobody, eve, 'super_admin'))).toBe('401 authentication_required')
    expect(await verdict(take(nobody, admin, 'admin'))).toBe('401 authentication_required')
    expect((await site.get(roles(admin))).status).toBe(401)
    expect(site.dump()).toEqual(before)
  })

  it('unknown roles and accounts are refused; odd ids are 404 and never 500', async () => {
    expect(await verdict(give(root, ada, 'nonsense'))).toBe('400 role_unknown')
    expect(await verdict(give(root, ada, '__proto__'))).toBe('400 role_unknown')
    expect(await verdict(take(root, ada, 'admin'))).toBe('404 grant_missing')
    for (const id of ['x', "'%20or%201=1", 'a'.repeat(64), '%F0%9F%98%80', '%25']) {
      const answer = await site.get(`/admin/users/${id}/roles`, { ...root.bearer })
      expect(answer.status, id).toBe(404)
    }
    const backslash = await site.get('/admin/users/%5c/roles', { ...root.bearer })
    expect([backslash.status, backslash.json.code]).toEqual([400, 'path_ambiguous'])
  })

  it('a grant with an end counts until then, without a cleaner, and is no super administrator who stays', async () => {
    const now = site.clock.now()
    expect(await verdict(give(root, ada, 'super_admin', { expiresAt: now + 60_000 }))).toBe(200)
    expect(await verdict(take(ada, root, 'super_admin'))).toBe('409 last_super_admin')
    expect((await site.get('/api/users', { ...ada.bearer })).status).toBe(200)
    await site.advance(60_000)
    expect((await site.get('/api/users', { ...ada.bearer })).status).toBe(403)
  })

  it('read:* never reaches security:*: a manager reads orders and no roles', async () => {
    const manager = await site.signUp('manager@example.com')
    await site.security.users.grantRole(manager.id, 'manager')
    expect((await site.get('/api/orders', { ...manager.bearer })).status).toBe(200)
    expect((await site.get('/api/users', { ...manager.bearer })).status).toBe(403)
    expect((await site.get(roles(admin), { ...manager.bearer })).status).toBe(403)
    expect(await verdict(give(manager, ada, 'user'))).toBe('403 forbidden')
  })
})

describeEngines('the last super administrator stays', (engine) => {
  let fresh: FreshDatabase
  let cluster: TestCluster
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    cluster = await startNodes(fresh.url)
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  const names = ['one@example.com', 'two@example.com'] as const
  const isSuper = async (name: string) => {
    const user = (await cluster.nodes[0].tell('users', 'find', name)) as {
      readonly roles: readonly string[]
      readonly status: string
    }
    return user.status === 'active' && user.roles.includes('super_admin')
  }
  const settle = async (calls: readonly Promise<unknown>[]) =>
    (await Promise.allSettled(calls)).map((each) =>
      each.status === 'fulfilled' ? 'done' : String(each.reason.code),
    )

  it('withdrawn and disabled at once on two nodes, exactly one stays', async () => {
    for (const email of names) {
      await cluster.nodes[0].tell('users', 'create', { email, password: goodPassword })
    }
    const [first, second] = names
    for (let round = 0; round < rounds; round++) {
      for (const name of names) {
        await cluster.node(round).tell('users', 'enable', name)
        await cluster.node(round).tell('users', 'grantRole', name, 'super_admin')
      }
      const outcomes = await settle([
        cluster.node(0).tell('users', 'withdrawRole', first, 'super_admin'),
        cluster.node(0).tell('users', 'disable', first),
        round % 2 === 0
          ? cluster.node(1).tell('users', 'withdrawRole', second, 'super_admin')
          : cluster.node(1).tell('users', 'disable', second),
      ])
      expect(outcomes, String(round)).toContain('last_super_admin')
      const left = [await isSuper(first), await isSuper(second)]
      expect(left.filter(Boolean), `${round} ${outcomes}`).toHaveLength(1)
    }
  }, 120_000)

  it('through HTTP: two who withdraw each other at once; exactly one stays', async () => {
    const people = await Promise.all(['left', 'right'].map((name) => superAdmin(name)))
    for (const name of names) {
      await cluster.nodes[0].tell('users', 'withdrawRole', name, 'super_admin').catch(() => {})
    }
    for (let round = 0; round < rounds; round++) {
      for (const { email } of people) {
        await cluster.nodes[0].tell('users', 'grantRole', email, 'super_admin')
      }
      await Promise.all(cluster.nodes.map((node) => node.tell('poll')))
      const answers = await Promise.all(
        people.map(({ bearer }, at) => {
          const victim = people[1 - at]
          const path = `/admin/users/${victim?.id}/roles/super_admin`
          return fetch(cluster.node(at).base + path, { method: 'DELETE', headers: bearer })
        }),
      )
      const statuses = answers.map(({ status }) => status).sort()
      const left = await Promise.all(people.map(({ email }) => isSuper(email)))
      expect(left.filter(Boolean), `${round} ${statuses}`).toHaveLength(1)
      expect(statuses[0]).toBe(200)
      expect([403, 409]).toContain(statuses[1])
    }
  }, 120_000)

  async function superAdmin(name: string) {
    const email = `${name}@example.com`
    const [node] = cluster.nodes
    const account = await node.tell('users', 'create', { email, password: goodPassword })
    const { id } = account as { readonly id: string }
    await node.tell('users', 'grantRole', id, 'super_admin')
    const body = { email, password: goodPassword, transport: 'body' }
    const { json } = await node.post('/auth/login', body)
    return { id, email, bearer: { authorization: `Bearer ${json.accessToken}` } }
  }
})
