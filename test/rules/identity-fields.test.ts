import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Route } from '../../src/http/index.ts'
import { goodPassword, openSite, type Person, type Site } from './identity-kit.ts'

/** Names that would make somebody more than they are, and some that nobody knows. */
const privileged = [
  ...['role', 'roles', 'permissions', 'admin', 'isAdmin', 'is_admin', 'superAdmin', 'status'],
  ...['verified', 'emailVerified', 'email_verified', 'verifiedAt', 'verified_at', 'id', 'userId'],
  ...['user_id', 'tenant', 'tenantId', 'organisation', 'organisationId', 'realm', 'locked_until'],
  ...['level', 'factors', 'password_hash', 'created_at', 'createdBy', 'actor', 'giver', 'kind'],
]

/** What administrators set, and owners of an organisation in it: no other route declares a privileged name. */
const declared: Readonly<Record<string, readonly string[]>> = {
  'POST /admin/organisations/{organisation}/invitations': ['roles'],
  'POST /admin/organisations/{organisation}/members': ['roles', 'userId'],
  'POST /admin/organisations/{organisation}/members/{userId}/roles': ['role'],
  'POST /auth/organisations/{organisation}/invitations': ['roles'],
  'POST /auth/organisations/{organisation}/members/{userId}/roles': ['role'],
  'POST /admin/users': ['roles', 'organisation'],
  'PUT /admin/roles/{name}': ['permissions'],
  'POST /admin/users/{id}/roles': ['role'],
  'POST /admin/service-accounts': ['roles', 'organisation'],
  'POST /admin/service-accounts/{id}/roles': ['role'],
  'POST /admin/organisations/{id}/roles': ['role'],
}

/** Where somebody says which of the places that are theirs a thing is for; any other is one that is not. */
const chosen: Readonly<Record<string, readonly string[]>> = { 'POST /api/keys': ['organisation'] }

describe('identity, role, tenant, status and verification are never taken from a request', () => {
  let site: Site
  let ada: Person
  let root: Person
  let acme: string
  let api: readonly Route[]
  beforeAll(async () => {
    site = await openSite()
    ada = await site.signUp('ada@example.com')
    root = await site.signUp('root@example.com')
    await site.security.users.grantRole(root.id, 'super_admin')
    const { security } = site
    // Ada owns one, so that its routes are looked at from within; root has all of them.
    acme = (await security.organisations.create({ name: 'Acme', slug: 'acme', owner: ada.id })).id
    await security.organisations.addMember(acme, { userId: root.id, roles: ['organisation_owner'] })
    // What browsers report is no body of ours: it is of a type of its own, and nothing of it names anybody.
    api = security.routes.filter(({ kind, media }) => kind !== 'page' && media === undefined)
  })
  afterAll(() => site.close())

  const callers = () => ({ nobody: {}, ada: ada.bearer, root: root.bearer })

  function bodyOf(route: Route): Record<string, unknown> {
    if (/register$/.test(route.path)) return { email: 'eve@example.com', password: goodPassword }
    if (/login$/.test(route.path)) return { email: 'ada@example.com', password: goodPassword }
    if (/verify-email$/.test(route.path)) return { token: 'A'.repeat(43) }
    if (/resend$/.test(route.path)) return { email: 'ada@example.com' }
    if (/roles$/.test(route.path) && route.method === 'POST') return { role: 'manager' }
    if (/invitations$/.test(route.path)) return { email: 'eve@example.com' }
    if (/invitations.accept$/.test(route.path)) return { token: 'A'.repeat(43) }
    if (/api.keys$/.test(route.path)) return { name: 'mine', scopes: ['read:orders'] }
    if (/organisations$/.test(route.path)) return { name: 'Eve', slug: 'eve' }
    return /members$/.test(route.path) ? { userId: ada.id } : {}
  }

  const pathOf = ({ path }: Route) =>
    path
      .replace('{organisation}', acme)
      .replace('{role}', 'user')
      .replace('{name}', 'made')
      .replace(/\{(id|userId)\}/, ada.id)

  async function send(route: Route, body: unknown, headers: Readonly<Record<string, string>>) {
    const json = { 'content-type': 'application/json', ...headers }
    return site.request(route.method, pathOf(route), { headers: json, body: JSON.stringify(body) })
  }

  it('a privileged name is declared by routes of administrators alone', () => {
    const found = api.flatMap((route) => {
      const names = privileged.filter((name) => Object.hasOwn(knownOf(route), name))
      return names.length === 0 ? [] : [[`${route.method} ${route.path}`, names] as const]
    })
    expect(sorted(Object.fromEntries(found))).toEqual(sorted({ ...declared, ...chosen }))
    for (const { method, path, policy } of api) {
      if (declared[`${method} ${path}`]) expect(policy.kind).toMatch(/^(permission|member)$/)
    }
  })

  it('every route with a body refuses each privileged name with 400 unknown_field', async () => {
    const writing = api.filter(({ method }) => method !== 'GET')
    expect(writing.length).toBeGreaterThan(7)
    const before = site.dump()
    let refused = 0
    for (const route of writing) {
      for (const [caller, headers] of Object.entries(callers())) {
        for (const name of privileged) {
          const own = declared[`${route.method} ${route.path}`]?.includes(name)
          if (own && caller === 'root') continue
          const answer = await send(route, { ...bodyOf(route), [name]: 'super_admin' }, headers)
          const where = `${caller} ${route.method} ${route.path} ${name}`
          if (chosen[`${route.method} ${route.path}`]?.includes(name)) {
            expect(answer.json.code, where).toMatch(
              /^(authentication_required|organisation_not_found)$/,
            )
            continue
          }
          if (own) expect([400, 401, 403], where).toContain(answer.status)
          if (own || [401, 403].includes(answer.status)) continue
          expect(answer.status, where).toBe(400)
          expect(answer.json.code, where).toBe('unknown_field')
          expect(JSON.stringify(answer.json.errors), where).toContain(name)
          refused += 1
        }
      }
    }
    console.log(`${refused} privileged fields refused over ${writing.length} routes`)
    expect(refused).toBeGreaterThan(500)
    expect(site.dump()).toEqual(before)
  }, 120_000)

  it('the refusal says that administrators set it', async () => {
    const { json } = await site.post('/auth/register', {
      ...{ email: 'eve@example.com', password: goodPassword, role: 'admin' },
    })
    expect(json.errors).toEqual([
      expect.objectContaining({ pointer: '#/body/role', code: 'unknown_field' }),
    ])
    expect(json.errors[0].detail).toMatch(/administrators set it/)
  })

  it('in a query they are refused on the API and change nothing', async () => {
    const before = site.dump()
    for (const route of api) {
      for (const name of ['role', 'userId', 'tenant', 'verified']) {
        const headers = { 'content-type': 'application/json', ...ada.bearer }
        const init = route.method === 'GET' ? { headers } : { headers, body: '{}' }
        const answer = await site.request(route.method, `${pathOf(route)}?${name}=admin`, init)
        expect([400, 403], `${route.method} ${route.path}`).toContain(answer.status)
      }
    }
    expect(site.dump()).toEqual(before)
  })

  it('random bodies without a session: 400 where none is needed, else 401, and nothing changes', async () => {
    const before = site.dump()
    const tried = new Map<Route, number>()
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('admin', true, 1, null))
    const key = fc.oneof(fc.constantFrom(...privileged), fc.string({ maxLength: 12 }))
    const writing = api.filter(({ method }) => method !== 'GET')
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...writing),
        fc.uniqueArray(fc.tuple(key, value), { minLength: 1, selector: ([name]) => name }),
        async (route, extra) => {
          const known = new Set(Object.keys(route.body ? knownOf(route) : {}))
          const members = extra.filter(([name]) => !known.has(name) && name !== '__proto__')
          if (members.length === 0) return
          const answer = await send(route, { ...bodyOf(route), ...Object.fromEntries(members) }, {})
          tried.set(route, (tried.get(route) ?? 0) + 1)
          const expected = route.policy.kind === 'public' ? 400 : 401
          expect(answer.status, `${route.path} ${JSON.stringify(members)}`).toBe(expected)
        },
      ),
      { numRuns: 20 * writing.length, seed: 1 },
    )
    const unguarded = writing.filter(({ policy }) => policy.kind === 'public')
    console.log(`random bodies: ${writing.length} routes, ${unguarded.length} of them open`)
    expect(unguarded.length).toBeGreaterThan(7)
    for (const route of writing) expect(tried.get(route), route.path).toBeGreaterThan(5)
    expect(site.dump()).toEqual(before)
  }, 60_000)

  it('metadata that no option declares is refused, what is declared is kept and decides nothing', async () => {
    const body = { email: 'meta@example.com', password: goodPassword }
    const refused = await site.post('/auth/register', { ...body, metadata: { role: 'admin' } })
    expect(refused.status).toBe(400)
    const open = await openSite({ registrationMetadata: ['plan'] })
    try {
      const mixed = { ...body, metadata: { plan: 'x', roles: ['admin'] } }
      expect((await open.post('/auth/register', mixed)).status).toBe(400)
      await open.signUp('meta@example.com', {
        ...{ metadata: { plan: 'super_admin' }, companyName: 'super_admin', displayName: 'admin' },
      })
      const user = await open.security.users.find('meta@example.com')
      expect(user?.roles).toEqual(['user'])
    } finally {
      await open.close()
    }
  })

  /** Members that the route's schema declares. */
  function knownOf(route: Route): Record<string, unknown> {
    const schema = route.body as { shape?: object; unwrap?: () => { shape?: object } } | undefined
    const shape = schema?.shape ?? schema?.unwrap?.().shape ?? {}
    return shape as Record<string, unknown>
  }
})

/** In one order, whatever the order of routes and their members. */
function sorted(names: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(names).map(([route, some]) => [route, [...some].sort()]))
}
