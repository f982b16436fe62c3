import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RawClient } from '../adapters/raw-http.ts'
import { ask, askBy, type Sent } from '../fuzz/ask.ts'
import { cookiesOf, goodPassword, type ServedApp, serveApp } from '../served-app.ts'

const own = 'http://localhost:3000'
const friend = 'https://app.example'

let app: ServedApp
let credentials: Readonly<Record<CredentialName, Readonly<Record<string, string>>>>
let csrfToken: string

beforeAll(async () => {
  app = await serveApp({ cors: { origins: [friend], credentials: true } }, (site, security) => {
    for (const method of ['put', 'patch', 'delete'] as const) {
      site[method]('/api/orders', security.guard('read:orders'), (_, response) => {
        response.json({})
      })
    }
  })
  await app.person('admin@example.com', ['admin'])
  const body = { email: 'admin@example.com', password: goodPassword, transport: 'session' }
  const login = await app.request('POST', '/auth/login', { body })
  const { accessToken } = await app.signIn('admin@example.com')
  csrfToken = login.json.csrfToken
  const cookie = cookiesOf(login)
  const authorization = `Bearer ${accessToken}`
  credentials = {
    none: {},
    cookie: { cookie },
    'cookie of nobody': { cookie: `__Host-hf_session=${'A'.repeat(43)}` },
    bearer: { authorization },
    'bearer and cookie': { authorization, cookie },
    'wrong bearer and cookie': { authorization: 'Bearer x', cookie },
  }
})
afterAll(() => app.stop())

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const sites = [
  undefined,
  'same-origin',
  'none',
  'same-site',
  'cross-site',
  'SAME-ORIGIN',
  '',
] as const
const origins = [
  ...[undefined, own, friend, 'null', 'https://evil.example', `${own}.evil.example`, ''],
  ...['http://localhost:3001', 'https://localhost:3000', `${own}/`, 'HTTP://LOCALHOST:3000'],
] as const
const bodies = [
  ['application/json', '{}'],
  ['application/x-www-form-urlencoded', 'a=1'],
  ['text/plain', '{}'],
  ['', ''],
] as const
type CredentialName =
  | 'none'
  | 'cookie'
  | 'cookie of nobody'
  | 'bearer'
  | 'bearer and cookie'
  | 'wrong bearer and cookie'
const kinds: readonly CredentialName[] = [
  ...(['none', 'cookie', 'cookie of nobody', 'bearer', 'bearer and cookie'] as const),
  'wrong bearer and cookie',
]

interface Case {
  readonly method: string
  readonly kind: CredentialName
  readonly site: string | undefined
  readonly origin: string | undefined
  readonly token: boolean
}

/**
 * Decision 4 in words of its own. Whoever shows a bearer token is asked nothing. A reading method
 * changes nothing. Else what the browser says decides, and only where it says nothing at all and a
 * cookie is the credential, the token.
 */
function mayPass({ kind, method, origin, site, token }: Case): boolean {
  if (kind.includes('bearer') || method === 'GET' || method === 'HEAD') return true
  const known = origin === own || origin === friend
  if (site !== undefined) return site === 'same-origin' || site === 'none' || origin === friend
  if (origin !== undefined) return known
  return kind === 'cookie' ? token : true
}

const signedIn = (kind: CredentialName) => ['cookie', 'bearer', 'bearer and cookie'].includes(kind)

function headersOf({ kind, origin, site, token }: Case): Record<string, string> {
  return {
    ...credentials[kind],
    ...(site === undefined ? {} : { 'sec-fetch-site': site }),
    ...(origin === undefined ? {} : { origin }),
    ...(token ? { 'x-csrf-token': csrfToken } : {}),
  }
}

describe('a protected route', () => {
  for (const kind of kinds) {
    it.each(methods)(`${kind}: %s passes exactly when it is meant`, async (method) => {
      const client = await RawClient.open(Number(new URL(app.base).port))
      const count = { passed: 0, refused: 0 }
      for (const site of sites) {
        for (const origin of origins) {
          for (const token of [false, true]) {
            for (const [type, body] of bodies) {
              const one: Case = { kind, method, origin, site, token }
              const status = await statusOf(client, one, { type, body })
              const passes = mayPass(one)
              const wanted = passes ? (signedIn(kind) ? 200 : 401) : 403
              expect([status, one, type]).toEqual([wanted, one, type])
              if (passes) count.passed += 1
              else count.refused += 1
            }
          }
        }
      }
      client.close()
      expect(count.passed).toBeGreaterThan(0)
      const guarded = !kind.includes('bearer') && method !== 'GET' && method !== 'HEAD'
      expect(count.refused > 0).toBe(guarded)
    })
  }

  async function statusOf(client: RawClient, one: Case, sent: Sent): Promise<number> {
    const reading = one.method === 'GET' || one.method === 'HEAD'
    const { status } = await askBy(client, {
      ...{ method: one.method, path: '/api/orders', headers: headersOf(one) },
      ...(reading ? { type: '' } : sent),
    })
    return status
  }

  it.each([
    ['sec-fetch-site twice', ['sec-fetch-site: same-origin', 'sec-fetch-site: cross-site']],
    ['origin twice', [`origin: ${own}`, 'origin: https://evil.example']],
    ['origins in one', [`origin: ${own}, ${own}`]],
    ['a token twice', ['x-csrf-token: TOKEN', 'x-csrf-token: x']],
    ['a wrong token', ['x-csrf-token: x']],
  ])('%s is refused', async (_, lines) => {
    const answer = await ask(app.base, {
      ...{ path: '/api/orders', body: '{}', headers: credentials.cookie },
      lines: lines.map((line) => line.replace('TOKEN', csrfToken)),
    })
    expect([answer.status, answer.problem.code]).toEqual([403, 'csrf_refused'])
  })

  it('takes the token as a field of a form, and of a form alone', async () => {
    const send = (type: string, body: string) =>
      ask(app.base, { path: '/api/orders', type, body, headers: credentials.cookie })
    const form = 'application/x-www-form-urlencoded'
    expect((await send(form, `a=1&_csrf=${csrfToken}`)).status).toBe(200)
    expect((await send(form, 'a=1&_csrf=x')).status).toBe(403)
    expect((await send(form, `_csrf=${csrfToken}&_csrf=${csrfToken}`)).status).toBe(403)
    expect((await send('application/json', `{"_csrf":"${csrfToken}"}`)).status).toBe(403)
    expect((await send('text/plain', `_csrf=${csrfToken}`)).status).toBe(403)
  })
})

describe('our own routes', () => {
  const json = (path: string, body: unknown): Sent => ({ path, body: JSON.stringify(body) })
  const foreign: readonly Readonly<Record<string, string>>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', origin: own },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ]
  const public_: readonly Sent[] = [
    json('/auth/login', { email: 'admin@example.com', password: goodPassword }),
    json('/auth/register', { email: 'new@example.com', password: goodPassword }),
    json('/auth/verify-email', { token: 'A'.repeat(43) }),
    json('/auth/verify-email/resend', { email: 'admin@example.com' }),
    json('/auth/refresh', {}),
    json('/auth/logout', {}),
    ...['sign-in', 'register', 'verify', 'resend', 'sign-out'].map((name) => ({
      ...{ path: `/account/${name}`, type: 'application/x-www-form-urlencoded' },
      body: `identifier=admin@example.com&password=${goodPassword}`,
    })),
  ]

  it.each(public_.map((sent) => [sent.path, sent] as const))(
    'a cross-site POST %s is 403, so nobody is signed in or out from elsewhere',
    async (_, sent) => {
      for (const headers of foreign) {
        const answer = await ask(app.base, { ...sent, headers })
        const page = sent.path?.startsWith('/account/') === true
        expect(answer.status).toBe(403)
        expect(answer.problem?.code).toBe(page ? undefined : 'csrf_refused')
        expect(answer.headers['content-type']).toMatch(page ? /^text\/html/ : /problem\+json/)
        expect(answer.headers['set-cookie']).toBeUndefined()
      }
    },
  )

  it('a sign-in by a form that pretends to be JSON is refused by its type', async () => {
    const body = JSON.stringify({ email: 'admin@example.com', password: goodPassword })
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect((await ask(app.base, { type, body })).status).toBe(415)
    }
  })

  it('a refresh and a logout by cookie ask for the token where no browser header decides', async () => {
    const body = { email: 'admin@example.com', password: goodPassword }
    const login = await app.request('POST', '/auth/login', { body })
    const cookie = cookiesOf(login)
    const send = (path: string, headers: Record<string, string>) =>
      ask(app.base, { path, body: '{}', headers: { cookie, ...headers } })
    for (const path of ['/auth/refresh', '/auth/logout']) {
      expect((await send(path, {})).problem.code).toBe('csrf_refused')
      expect((await send(path, { 'x-csrf-token': csrfToken })).status).toBe(403)
      for (const headers of foreign) expect((await send(path, headers)).status).toBe(403)
    }
    const token = { 'x-csrf-token': login.json.csrfToken }
    expect((await send('/auth/refresh', token)).status).toBe(200)
    expect((await send('/auth/refresh', { origin: own })).status).toBe(200)
    expect((await send('/auth/refresh', { 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect((await send('/auth/logout', token)).status).toBe(204)
  })

  it('the transport of native clients is refused to browsers, from wherever', async () => {
    const sent = json('/auth/login', {
      ...{ email: 'admin@example.com', password: goodPassword, transport: 'body' },
    })
    for (const headers of [{ origin: own }, { 'sec-fetch-site': 'same-origin' }]) {
      const { problem } = await ask(app.base, { ...sent, headers })
      expect(problem.code).toBe('transport_not_for_browsers')
    }
  })
})

describe('CORS', () => {
  const read = (headers: Record<string, string>, method = 'GET') =>
    ask(app.base, { method, path: '/api/orders', type: '', headers })
  const ours = (headers: Readonly<Record<string, string>>) =>
    Object.keys(headers).filter((name) => name.startsWith('access-control-'))

  it.each(['https://evil.example', 'null', `${friend}.evil.example`, `${friend}:444`, '*'])(
    'an unknown origin such as %s gets no header, and no error',
    async (origin) => {
      const answer = await read({ origin, ...credentials.bearer })
      expect(answer.status).toBe(200)
      expect(ours(answer.headers)).toEqual([])
      expect(answer.headers.vary?.toLowerCase()).toContain('origin')
      const ahead = await read({ origin, 'access-control-request-method': 'PUT' }, 'OPTIONS')
      expect([ahead.status, ours(ahead.headers)]).toEqual([204, []])
    },
  )

  it('an allowed origin may read with credentials, refusals too', async () => {
    for (const headers of [credentials.cookie, {}]) {
      const answer = await read({ origin: friend, ...headers })
      expect(answer.headers['access-control-allow-origin']).toBe(friend)
      expect(answer.headers['access-control-allow-credentials']).toBe('true')
    }
  })

  it('a preflight is answered before the guard, with what is allowed and for how long', async () => {
    const asked = { origin: friend, 'access-control-request-method': 'DELETE' }
    const { headers, status } = await read(asked, 'OPTIONS')
    expect(status).toBe(204)
    expect(headers['access-control-allow-methods']).toContain('DELETE')
    expect(headers['access-control-allow-headers']).toContain('x-csrf-token')
    expect(Number(headers['access-control-max-age'])).toBeGreaterThan(60)
  })
})
