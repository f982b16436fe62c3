import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startNodes, type TestCluster } from '../nodes/nodes.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { type AdminKit, adminKit } from './admin-kit.ts'
import { goodPassword, openSite, type Person, type Site } from './identity-kit.ts'

describe('roles through the API', () => {
  let site: Site
  let kit: AdminKit
  let admin: Person
  let user: Person
  let count = 0
  beforeAll(async () => {
    const roles = { keeper: { permissions: ['read:security:roles', 'read:orders'] } }
    site = await openSite({ captcha: { provider: 'none' }, access: { roles } })
    kit = adminKit(site)
    admin = await kit.someone('admin', ['admin'])
    user = await kit.someone('user', ['user'])
  })
  afterAll(() => site.close())

  const name = () => `made-${++count}`
  const send = (method: string, path: string, body?: object, by: Person = admin) =>
    site.request(method, path, {
      headers: { 'content-type': 'application/json', ...by.bearer },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  const put = (role: string, body: object, by: Person = admin) =>
    send('PUT', `/admin/roles/${role}`, body, by)

  it('are made, read, changed and removed', async () => {
    const role = name()
    const made = await put(role, {
      permissions: ['read:orders'],
      description: 'reads',
      reason: 'x',
    })
    expect([made.status, made.json]).toMatchObject([
      200,
      { name: role, kind: 'custom', version: 1, description: 'reads', createdBy: admin.id },
    ])
    expect((await send('GET', `/admin/roles/${role}`)).json).toEqual(made.json)
    const changed = await put(role, { permissions: [], inherits: ['user'], version: 1 })
    expect(changed.json).toMatchObject({ version: 2, inherits: ['user'], description: 'reads' })
    expect((await send('DELETE', `/admin/roles/${role}`)).status).toBe(204)
    expect((await send('GET', `/admin/roles/${role}`)).json.code).toBe('role_not_found')
  })

  it('are listed with those of the system and the app', async () => {
    const { json } = await send('GET', '/admin/roles?limit=200')
    const kinds = json.roles.map(
      (role: { name: string; kind: string }) => `${role.name} ${role.kind}`,
    )
    expect(kinds).toContain('admin system')
    expect(kinds).toContain('keeper app')
    const first = await send('GET', '/admin/roles?limit=1')
    const second = await send('GET', `/admin/roles?limit=1&after=${first.json.next}`)
    expect([...first.json.roles, ...second.json.roles]).toEqual(json.roles.slice(0, 2))
  })

  it('count on the next request of whoever holds them', async () => {
    const role = name()
    await put(role, { permissions: ['read:orders'] })
    const orders = async () => (await site.get('/api/orders', user.bearer)).status
    expect(await orders()).toBe(403)
    await send('POST', `/admin/users/${user.id}/roles`, { role })
    expect(await orders()).toBe(200)
    await put(role, { permissions: ['read:projects'], version: 1 })
    expect(await orders()).toBe(403)
    await put(role, { permissions: ['read:*'], version: 2 })
    expect(await orders()).toBe(200)
    expect((await send('DELETE', `/admin/roles/${role}`)).json.code).toBe('role_in_use')
    await send('DELETE', `/admin/users/${user.id}/roles/${role}`)
    expect((await send('DELETE', `/admin/roles/${role}`)).status).toBe(204)
  })

  it('rule 47: with a wildcard reach nothing of security', async () => {
    const role = name()
    expect((await put(role, { permissions: ['read:*', 'write:*'] })).status).toBe(200)
    await send('POST', `/admin/users/${user.id}/roles`, { role })
    expect((await site.get('/api/orders', user.bearer)).status).toBe(200)
    expect((await send('GET', '/admin/roles', undefined, user)).json.code).toBe('forbidden')
    expect((await put(name(), { permissions: [] }, user)).json.code).toBe('forbidden')
    await send('DELETE', `/admin/users/${user.id}/roles/${role}`)
  })

  it('are refused with every place of a mistake', async () => {
    const { json, status } = await put(name(), {
      permissions: ['read:orders', 'read', { permission: 'read:orders', when: { owner: true } }],
      inherits: ['nobody'],
    })
    expect([status, json.code]).toEqual([400, 'role_definition_invalid'])
    const places = json.errors.map(({ pointer }: { pointer: string }) => pointer)
    expect(places).toContain('#/body/permissions/1')
    expect(places.some((place: string) => place.startsWith('#/body/permissions/2/when'))).toBe(true)
    expect(places).toContain('#/body/inherits/0')
  })

  it.each([
    ['role_fixed', 'admin', { permissions: [] }],
    ['role_fixed', 'keeper', { permissions: [] }],
    ['role_changed', 'never-made', { permissions: [], version: 1 }],
    ['role_outranks_giver', 'too-much', { permissions: ['*'] }],
    ['role_outranks_giver', 'too-much', { permissions: [], inherits: ['super_admin'] }],
    ['role_definition_invalid', 'Upper', { permissions: [] }],
    ['invalid_request', 'odd', { permissions: 'read:orders' }],
    ['unknown_field', 'odd', { permissions: [], holders: [] }],
  ])('answer %s for %s', async (code, role, body) => {
    expect((await put(role, body)).json.code).toBe(code)
  })

  it('rule 4: demand the second factor that a role they inherit demands', async () => {
    const strict = await openSite({ captcha: { provider: 'none' }, mfa: { roles: ['manager'] } })
    try {
      const deputy = await adminKit(strict).someone('deputy', ['user'])
      expect((await strict.get('/api/orders', deputy.bearer)).json.code).toBe('forbidden')
      await strict.security.roles.set('acting', { permissions: [], inherits: ['manager'] })
      await strict.security.roles.set('deputy', {
        permissions: ['read:orders'],
        inherits: ['acting'],
      })
      await strict.security.users.grantRole(deputy.id, 'deputy')
      const { requiredLevel } = (await strict.security.users.find(deputy.id)) ?? {}
      expect(requiredLevel).toBe(2)
      expect((await strict.get('/api/orders', deputy.bearer)).status).not.toBe(200)
    } finally {
      await strict.close()
    }
  })

  it('tell of each grant since when, by whom, why and until when', async () => {
    const path = `/admin/users/${user.id}/roles`
    const expiresAt = site.clock.now() + 60_000
    const { json } = await send('POST', path, { role: 'keeper', reason: 'holiday', expiresAt })
    expect(json.roles).toEqual(json.grants.map(({ role }: { role: string }) => role))
    expect(json.grants).toContainEqual({
      ...{ role: 'keeper', givenBy: admin.id, reason: 'holiday', expiresAt },
      since: site.clock.now(),
    })
    expect(json.grants.find(({ role }: { role: string }) => role === 'user')).toMatchObject({
      ...{ givenBy: null, reason: null, expiresAt: null },
    })
    expect((await send('GET', path)).json).toEqual(json)
    await send('DELETE', `${path}/keeper`)
  })
})

describeEngines('roles on two nodes', (engine) => {
  let fresh: FreshDatabase
  let cluster: TestCluster
  let root: Readonly<Record<string, string>>
  let count = 0
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    cluster = await startNodes(fresh.url, 2, { options: { captcha: { provider: 'none' } } })
    root = (await somebody(['super_admin'])).bearer
  })
  afterAll(async () => {
    await cluster?.close()
    await fresh?.drop()
  })

  const somebody = async (roles: readonly string[] = ['user']) => {
    const account = { email: `one${++count}@example.com`, password: goodPassword, roles }
    const { id } = (await cluster.nodes[0].tell('users', 'create', account)) as { id: string }
    const body = { email: account.email, password: goodPassword, transport: 'body' }
    const { json } = await cluster.nodes[0].post('/auth/login', body)
    return { id, bearer: { authorization: `Bearer ${json.accessToken}` } }
  }
  const send = async (turn: number, method: string, path: string, body?: object) => {
    const answer = await fetch(cluster.node(turn).base + path, {
      method,
      headers: { 'content-type': 'application/json', ...root },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await answer.text()
    return { status: answer.status, code: text === '' ? undefined : JSON.parse(text).code }
  }
  const orders = async (turn: number, bearer: Readonly<Record<string, string>>) =>
    (await cluster.node(turn).get('/api/orders', bearer)).status

  it('rule 19: what a role loses on one node, its holders lose on the other at the next poll', async () => {
    const role = `made-${++count}`
    await send(0, 'PUT', `/admin/roles/${role}`, { permissions: ['read:orders'] })
    const { bearer, id } = await somebody()
    await send(0, 'POST', `/admin/users/${id}/roles`, { role })
    await cluster.node(1).tell('poll')
    expect([await orders(0, bearer), await orders(1, bearer)]).toEqual([200, 200])
    await send(0, 'PUT', `/admin/roles/${role}`, { permissions: [], version: 1 })
    expect(await orders(0, bearer)).toBe(403)
    await cluster.node(1).tell('poll')
    expect(await orders(1, bearer)).toBe(403)
    await send(1, 'PUT', `/admin/roles/${role}`, { permissions: ['read:*'], version: 2 })
    expect(await orders(1, bearer)).toBe(200)
    for (let tries = 0; tries < 100 && (await orders(0, bearer)) !== 200; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(await orders(0, bearer)).toBe(200)
  })

  it('a gift on one and a removal on the other at once: one is done, and nobody holds what is gone', async () => {
    for (let round = 0; round < 10; round++) {
      const role = `made-${++count}`
      await send(0, 'PUT', `/admin/roles/${role}`, { permissions: ['read:orders'] })
      const { id } = await somebody()
      await cluster.node(1).tell('poll')
      const [removed, given] = await Promise.all([
        send(0, 'DELETE', `/admin/roles/${role}`),
        send(1, 'POST', `/admin/users/${id}/roles`, { role }),
      ])
      const outcome = [removed.code ?? removed.status, given.code ?? given.status]
      expect([
        [204, 'role_unknown'],
        ['role_in_use', 200],
      ]).toContainEqual(outcome)
    }
  })
})
