import { afterEach, describe, expect, it } from 'vitest'
import type { SecurityOptions } from '../../src/config/index.ts'
import { solveCaptcha } from '../solve-captcha.ts'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'

/** Options given alone, each next to a control that has nothing to do with it. */
const alone: readonly (readonly [string, Partial<SecurityOptions>])[] = [
  ['nothing', {}],
  ['profile', { profile: 'strict' }],
  ['appName', { appName: 'Shop' }],
  ['registration metadata', { registrationMetadata: ['plan'] }],
  ['password.minLength', { password: { minLength: 12 } }],
  ['password.minScore', { password: { minScore: 2 } }],
  ['tokens.algorithm', { tokens: { algorithm: 'ES256' } }],
  ['sessions.maxPerUser', { sessions: { maxPerUser: 3 } }],
  ['sessions.cookie.idle', { sessions: { cookie: { idle: '5m' } } }],
  ['revocation.maxStale', { revocation: { maxStale: '5s' } }],
  ['limits.general', { limits: { general: { window: '5m' } } }],
  ['limits.auth.window', { limits: { auth: { points: 5, window: '30m' } } }],
  ['a limit of the app', { limits: { policies: { reports: { points: 5, window: '1m' } } } }],
  ['a role', { access: { roles: { clerk: { permissions: ['read:orders'] } } } }],
  ['a role of the same name', { access: { roles: { user: { permissions: ['read:own'] } } } }],
  ['cors.origins', { cors: { origins: ['https://app.example.com'] } }],
  ['cors.credentials', { cors: { origins: ['https://app.example.com'], credentials: true } }],
  ['headers.frameOptions', { headers: { frameOptions: 'SAMEORIGIN' } }],
  ['headers.referrerPolicy off', { headers: { referrerPolicy: false } }],
  [
    'one CSP directive',
    { headers: { contentSecurityPolicy: { directives: { 'img-src': ['*'] } } } },
  ],
  ['CSP reports', { headers: { contentSecurityPolicy: { reportUri: 'https://r.example.com/' } } }],
  ['one permissions policy', { headers: { permissionsPolicy: { camera: ['self'] } } }],
  ['headers.hsts', { headers: { hsts: false } }],
  ['body.json', { body: { json: '50kb' } }],
  ['paths.admin', { paths: { admin: '/backstage' } }],
  ['userProperty', { userProperty: 'user' }],
  ['links', { links: { verifyEmail: '2h' } }],
  ['logLevel', { logLevel: 'error' }],
  ['lockout.guesses', { lockout: { guesses: 50 } }],
  ['captcha.work', { captcha: { work: 1_000 } }],
  ['one notice off', { notices: { newDevice: false } }],
  ['stepUp', { stepUp: { within: '5m' } }],
  ['closedAccounts', { closedAccounts: { eraseAfter: '1d' } }],
  ['cookies', { cookies: 'insecure-localhost' }],
  ['trustedProxies', { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] }],
]

describe('an option given alone switches no other control off', () => {
  let site: Site
  afterEach(() => site.close())

  it.each(alone)('%s', async (_name, options) => {
    const limits = { auth: { points: 5 }, ...options.limits }
    site = await openSite({ ...options, limits })
    const person = await site.signUp('ada@example.com')
    await expectHeaders(site)
    await expectGuards(site, person.bearer)
    await expectCsrf(site)
    await expectLimits(site)
    await expectValidation(site)
  })
})

async function expectHeaders({ get }: Site): Promise<void> {
  for (const path of ['/open', '/api/orders', '/healthz', '/nowhere']) {
    const { headers } = await get(path)
    expect(headers.get('content-security-policy'), path).toMatch(/default-src 'none'.*script-src/)
    expect(headers.get('content-security-policy'), path).toMatch(/object-src 'none'/)
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(headers.get('x-frame-options'), path).toMatch(/^(DENY|SAMEORIGIN)$/)
    expect(headers.get('cross-origin-opener-policy'), path).toBe('same-origin')
    expect(headers.get('permissions-policy'), path).toMatch(/geolocation=\(\)/)
    expect(headers.get('x-powered-by'), path).toBeNull()
    expect(headers.get('access-control-allow-origin'), path).toBeNull()
  }
}

async function expectGuards(site: Site, bearer: Readonly<Record<string, string>>): Promise<void> {
  const forged = { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }
  expect((await site.get('/api/orders')).status).toBe(401)
  expect((await site.get('/api/orders', forged)).status).toBe(401)
  expect((await site.get('/api/orders', { ...bearer })).status).toBe(403)
  expect((await site.get('/api/users', { ...bearer })).status).toBe(403)
  expect((await site.get('/auth/me', { ...bearer })).status).toBe(200)
}

async function expectCsrf(site: Site): Promise<void> {
  const body = { email: 'ada@example.com', password: goodPassword }
  const login = await site.post('/auth/login', { ...body, transport: 'session' })
  expect(login.json.status).toBe('signed_in')
  const cookie = (login.headers.getSetCookie() ?? []).map((line) => line.split(';')[0]).join('; ')
  const evil = { origin: 'https://evil.example' }
  expect((await site.post('/auth/logout', {}, { cookie, ...evil })).status).toBe(403)
  expect((await site.post('/auth/logout', {}, { cookie })).status).toBe(403)
  expect((await site.post('/auth/login', body, evil)).status).toBe(403)
  for (const line of login.headers.getSetCookie()) expect(line).toMatch(/HttpOnly.*SameSite=/)
}

async function expectLimits(site: Site): Promise<void> {
  const statuses: unknown[] = []
  let captcha: string | undefined
  for (let tries = 0; tries < 8; tries++) {
    const guess = { email: 'ada@example.com', password: 'wrong password', transport: 'body' }
    const body = captcha === undefined ? guess : { ...guess, captcha }
    const { json } = await site.post('/auth/login', body, from('10.1.1.1'))
    statuses.push(json.status)
    captcha = json.challenge && solveCaptcha(json.challenge)
  }
  const asked = 'challenge_required'
  expect(statuses).toEqual([401, 401, 401, asked, 401, asked, 401, 429])
  const { headers } = await site.get('/open', from('10.1.1.2'))
  expect(headers.get('ratelimit-policy')).toMatch(/^"general";q=\d+;w=\d+$/)
}

async function expectValidation(site: Site): Promise<void> {
  const register = { email: 'b@example.com', password: goodPassword }
  const unknown = await site.post('/auth/register', { ...register, role: 'admin' })
  expect([unknown.status, unknown.json.code]).toEqual([400, 'unknown_field'])
  const weak = await site.post('/auth/register', { ...register, password: 'password1234' })
  expect([weak.status, weak.json.code]).toEqual([400, 'weak_password'])
  const big = await site.post('/auth/register', { ...register, displayName: 'x'.repeat(200_000) })
  expect(big.status).toBe(413)
}
