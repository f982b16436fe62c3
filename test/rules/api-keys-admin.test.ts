import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Route } from '../../src/http/index.ts'
import { type KeyKit, keyKit } from './api-keys-kit.ts'
import { openSite, type Person, type Site } from './identity-kit.ts'

const minute = 60_000
const absentId = '01980000-0000-7000-8000-000000000000'

let site: Site
let kit: KeyKit
let boss: Person
let acmeId: string
beforeAll(async () => {
  site = await openSite({
    captcha: 'none',
    access: { resources: { orders: { tenant: false } } },
    tokens: { accessLifetime: '60m' },
    limits: { general: { points: 1_000_000 } },
  })
  kit = keyKit(site)
  boss = await kit.someone('boss', ['super_admin', 'user'])
  acmeId = (await site.security.organisations.create({ name: 'Acme', slug: 'acme' })).id
})
afterAll(() => site?.close())

const post = (path: string, body: unknown = {}, by = boss) =>
  site.post(`/admin${path}`, body, by.bearer)
const get = (path: string, by = boss) => site.get(`/admin${path}`, by.bearer)
const drop = (path: string, by = boss) =>
  site.request('DELETE', `/admin${path}`, { headers: by.bearer })

let made = 0
/** A service account that holds `manager`, made over HTTP. */
const program = async (roles: readonly string[] = ['manager']) => {
  const { json, status } = await post('/service-accounts', { name: `robot ${++made}`, roles })
  expect(status).toBe(201)
  return { kind: 'service_account', id: json.id as string } as const
}
const keyFor = async (owner: object, more: object = {}) => {
  const body = { owner, name: 'export', scopes: ['read:orders'], ...more }
  const { json, status, text } = await post('/keys', body)
  if (status !== 201) throw new Error(text)
  return { id: json.apiKey.id as string, key: json.key as string }
}

describe('keys of programs, over HTTP', () => {
  it('are made, used, rotated and ended by administrators', async () => {
    const { id, key } = await keyFor(await program())
    expect((await kit.use(key)).status).toBe(200)
    const rotated = await post(`/keys/${id}/rotate`, { overlap: 60 })
    expect(rotated.status).toBe(201)
    const next = rotated.json.key
    expect([(await kit.use(key)).status, (await kit.use(next)).status]).toEqual([200, 200])
    expect((await post(`/keys/${id}/rotate`)).json.code).toBe('api_key_not_rotatable')
    const ended = await post(`/keys/${rotated.json.apiKey.id}/revoke`, { reason: 'leaked' })
    expect(ended.status).toBe(204)
    expect((await kit.use(next)).json.code).toBe('api_key_invalid')
    await site.advance(minute)
    expect((await kit.use(key)).json.code).toBe('api_key_invalid')
  })

  it.each<[string, object, number, string]>([
    ['of nobody', {}, 400, 'invalid_request'],
    ['of a person', { owner: { kind: 'user', id: absentId } }, 400, 'invalid_request'],
    [
      'of an absent program',
      { owner: { kind: 'service_account', id: absentId } },
      ...([404, 'api_key_not_found'] as const),
    ],
    [
      'of an absent organisation',
      { owner: { kind: 'organisation', id: absentId } },
      ...([404, 'organisation_not_found'] as const),
    ],
  ])('are not made %s', async (_what, more, status, code) => {
    const answer = await post('/keys', { name: 'x', scopes: ['read:orders'], ...more })
    expect([answer.status, answer.json.code]).toEqual([status, code])
  })

  it('say which scopes there are, and take no wider ones', async () => {
    const owner = await program()
    const none = await post('/keys', { owner, name: 'x' })
    expect([none.status, none.json.code]).toEqual([400, 'scopes_required'])
    expect(none.json.available).toContain('read:*')
    const wide = await post('/keys', { owner, name: 'x', scopes: ['delete:orders'] })
    expect([wide.status, wide.json.code]).toEqual([403, 'scope_outranks_owner'])
  })

  it('stop while their program is closed', async () => {
    const { id } = await program()
    const { key } = await keyFor({ kind: 'service_account', id })
    const closed = await post(`/service-accounts/${id}/disable`, { reason: 'a test' })
    expect([closed.status, closed.json.status]).toEqual([200, 'disabled'])
    expect((await kit.use(key)).json.code).toBe('api_key_invalid')
    expect((await post(`/service-accounts/${id}/enable`)).json.status).toBe('active')
    expect((await kit.use(key)).status).toBe(200)
  })

  it('hold what their program is given, whichever of its names is used', async () => {
    const name = 'named-one'
    const { json } = await post('/service-accounts', { name })
    const roles = `/service-accounts/${name}/roles`
    const given = await post(roles, { role: 'manager', reason: 'needed' })
    expect(given.json.roles).toMatchObject([{ role: 'manager', reason: 'needed' }])
    const owner = { kind: 'service_account', id: json.id }
    const { key } = await keyFor(owner)
    expect((await kit.use(key)).status).toBe(200)
    expect((await get(`/service-accounts/${json.id}/roles`)).json).toEqual(given.json)
    expect((await drop(`${roles}/manager`)).json).toEqual({ roles: [] })
    expect((await kit.use(key)).json.code).toBe('forbidden')
    expect((await drop(`${roles}/manager`)).json.code).toBe('grant_missing')
  })

  it('of an organisation hold what it is given, by its short name too', async () => {
    const refused = await post('/keys', {
      ...{ owner: { kind: 'organisation', id: acmeId }, name: 'x', scopes: ['read:orders'] },
    })
    expect(refused.json.code).toBe('scope_outranks_owner')
    const given = await post('/organisations/acme/roles', { role: 'organisation_owner' })
    expect(given.json.roles).toMatchObject([{ role: 'organisation_owner' }])
    expect((await get(`/organisations/${acmeId}/roles`)).json).toEqual(given.json)
    const { key } = await keyFor({ kind: 'organisation', id: acmeId })
    const { json, status } = await kit.use(key)
    expect([status, json.auth?.organisation]).toEqual([200, acmeId])
    await drop('/organisations/acme/roles/organisation_owner')
    expect((await kit.use(key)).json.code).toBe('forbidden')
  })

  it('take no role that has run out, none for everything, and none that is none', async () => {
    const { id } = await program([])
    for (const [body, status, code] of [
      [{ role: 'manager', expiresAt: site.clock.now() }, 400, 'invalid_request'],
      [{ role: 'super_admin' }, 400, 'role_unknown'],
      [{ role: 'absent' }, 400, 'role_unknown'],
    ] as const) {
      const answer = await post(`/service-accounts/${id}/roles`, body)
      expect([answer.status, answer.json.code]).toEqual([status, code])
    }
    const twice = await post('/service-accounts', { name: `robot ${made}` })
    expect([twice.status, twice.json.code]).toEqual([409, 'service_account_exists'])
    for (const path of ['/service-accounts/absent', '/service-accounts/absent/roles']) {
      expect((await get(path)).json.code).toBe('service_account_not_found')
    }
    expect((await get(`/organisations/${absentId}/roles`)).json.code).toBe('organisation_not_found')
  })
})

describe('keys of people, for administrators', () => {
  it('are ended, and neither made nor rotated nor shown', async () => {
    const owner = await kit.someone('owner', ['user', 'manager'])
    const { id, key } = await kit.make(owner)
    const rotated = await post(`/keys/${id}/rotate`)
    expect([rotated.status, rotated.json.code]).toEqual([409, 'api_key_not_rotatable'])
    expect((await kit.use(key)).status).toBe(200)
    expect((await post(`/keys/${id}/revoke`)).status).toBe(204)
    expect((await kit.use(key)).json.code).toBe('api_key_invalid')
    const absent = await post('/keys/AAAAAAAAAAAAAAAA/revoke')
    expect([absent.status, absent.json.code]).toEqual([404, 'api_key_not_found'])
  })
})

describe('the list of all keys', () => {
  it('comes page by page, each key once, and never with a key', async () => {
    const owner = await program()
    const keys = []
    for (let at = 0; at < 7; at++) keys.push(await keyFor(owner))
    const decoy = await post('/keys/decoys', { name: 'in the wiki' })
    expect(decoy.status).toBe(201)
    const seen: string[] = []
    let texts = ''
    let after: string | null = ''
    while (after !== null) {
      const more: string = after === '' ? '' : `&after=${after}`
      const { json, status, text } = await get(`/keys?limit=3${more}`)
      expect(status).toBe(200)
      expect(json.keys.length).toBeLessThanOrEqual(3)
      seen.push(...json.keys.map(({ id }: { id: string }) => id))
      texts += text
      after = json.next
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(
      expect.arrayContaining([...keys.map(({ id }) => id), decoy.json.apiKey.id]),
    )
    for (const { key } of keys) expect(texts).not.toContain(key.slice(-38))
    expect(texts).not.toContain(decoy.json.key.slice(-38))
    const own = await get(`/keys?owner=${owner.id}&limit=200`)
    expect(own.json.keys).toHaveLength(7)
    expect(own.json.next).toBeNull()
  })

  it.each(['limit=0', 'limit=201', 'limit=x', 'after=x', 'owner=', 'sort=name'])(
    'is not asked for with %s',
    async (query) => {
      expect((await get(`/keys?${query}`)).status).toBe(400)
    },
  )
})

const isOurs = ({ path }: Route) =>
  /^\/admin\/(keys|service-accounts|organisations\/\{id\}\/roles)/.test(path)
const bodies: Readonly<Record<string, object>> = {
  '/admin/keys': { owner: { kind: 'organisation', id: absentId }, name: 'x', scopes: ['a:b'] },
  '/admin/keys/decoys': { name: 'x' },
  '/admin/service-accounts': { name: 'never made' },
}
const ask = ({ method, path }: Route, { bearer }: Pick<Person, 'bearer'>) => {
  const body = bodies[path] ?? (path.endsWith('/roles') ? { role: 'manager' } : {})
  const at = path.replace('{id}', absentId).replace('{role}', 'manager')
  return method === 'POST'
    ? site.post(at, body, bearer)
    : site.request(method, at, { headers: bearer })
}
const ours = () => site.security.routes.filter(isOurs)

describe('rule 25: the routes of all keys', () => {
  it('are those of this test', () => {
    expect(ours()).toHaveLength(16)
    for (const { method, policy, stepUp } of ours()) {
      expect([policy.kind, stepUp === true]).toEqual(['permission', method !== 'GET'])
    }
  })

  it('are nobody’s without the permission, and no key makes keys', async () => {
    const person = await kit.someone('plain', ['user', 'manager'])
    const scopes = ['write:security:keys', 'write:security:service_accounts', 'read:security:keys']
    const { key } = await kit.make(boss, { scopes })
    for (const route of ours()) {
      expect((await ask(route, { bearer: {} })).status, route.path).toBe(401)
      const { json, status } = await ask(route, person)
      expect([status, json.code], route.path).toEqual([403, 'forbidden'])
      if (route.method === 'GET') continue
      const program = await ask(route, { bearer: { 'x-api-key': key } })
      expect([program.status, program.json.code], route.path).toEqual([403, 'session_required'])
    }
    expect((await site.get('/admin/keys', { 'x-api-key': key })).status).toBe(200)
  })

  it('ask for a recent proof before anything changes', async () => {
    const late = await kit.someone('late', ['super_admin', 'user'])
    site.clock.jump(16 * minute)
    await site.security.parts.ground.revocations.poll()
    for (const route of ours()) {
      const { json, status } = await ask(route, late)
      if (route.method === 'GET') expect(status, route.path).not.toBe(401)
      else expect([status, json.code], route.path).toEqual([401, 'step_up_required'])
    }
    expect((await site.security.serviceAccounts.list()).map(({ name }) => name)).not.toContain(
      'never made',
    )
  })
})
