import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cookiesOf, goodPassword, type ServedApp } from '../served-app.ts'
import { minute, type SessionKit, serveSessions, sessionKit } from './session-kit.ts'

let app: ServedApp
let kit: SessionKit
beforeAll(async () => {
  app = await serveSessions()
  kit = sessionKit(app)
})
afterAll(() => app.stop())

describe('rule 20: cookies and fixation', () => {
  test('cookies are __Host-, HttpOnly, Secure and SameSite', async () => {
    const { email } = await kit.someone()
    for (const transport of ['cookie', 'session']) {
      const login = await app.request('POST', '/auth/login', {
        body: { email, password: goodPassword, transport },
      })
      const cookies = login.headers.getSetCookie()
      const [set, removed] = [0, 1].map((gone) =>
        cookies.filter((cookie) => Number(cookie.includes('Max-Age=0;')) === gone),
      )
      expect(set?.length).toBeGreaterThanOrEqual(2)
      expect(removed).toHaveLength(3)
      for (const cookie of removed ?? []) {
        expect(cookie).toMatch(
          /^__Host-hf_\w+=; Path=\/; Max-Age=0; HttpOnly; Secure; SameSite=\w+$/,
        )
      }
      for (const cookie of set ?? []) {
        expect(cookie).toMatch(
          /^__Host-hf_(?:device=[\w-]{43}\.[\w-]{22}|\w+=[\w-]{43}); Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=(Lax|Strict)$/,
        )
      }
      expect(login.text).not.toMatch(/hf_session|refreshToken/)
    }
  })

  test('a session cookie sent before sign-in is not the one that sign-in gives', async () => {
    const { email } = await kit.someone()
    const planted = `__Host-hf_session=${'A'.repeat(43)}`
    const login = await app.request('POST', '/auth/login', {
      body: { email, password: goodPassword, transport: 'session' },
      cookie: planted,
    })
    expect(login.status).toBe(200)
    expect(cookiesOf(login)).not.toContain(planted)
    const me = await app.request('GET', '/auth/me', { cookie: planted })
    expect(me).toMatchObject({ status: 401, json: { code: 'token_invalid' } })
  })

  test('a sign-in never continues an existing session', async () => {
    const { email } = await kit.someone()
    const login = () =>
      app.request('POST', '/auth/login', {
        body: { email, password: goodPassword, transport: 'session' },
      })
    const first = await login()
    const second = await login()
    expect(second.json.sessionId).not.toBe(first.json.sessionId)
  })
})

test('rule 21: two sign-ins in one second give different tokens', async () => {
  const { email } = await kit.someone()
  const [one, two] = await Promise.all([app.signIn(email), app.signIn(email)])
  expect(one.accessToken).not.toBe(two.accessToken)
  expect(one.refreshToken).not.toBe(two.refreshToken)
})

describe('rule 22: lifetimes are kept by the server', () => {
  const cookieLogin = async () => {
    const { email } = await kit.someone()
    const login = await app.request('POST', '/auth/login', {
      body: { email, password: goodPassword, transport: 'session' },
    })
    return cookiesOf(login)
  }

  test('idle ends a browser session 17 minutes after its last activity', async () => {
    const cookie = await cookieLogin()
    await app.advance(16 * minute)
    expect((await app.request('GET', '/auth/me', { cookie })).status).toBe(200)
    await app.advance(16 * minute)
    expect((await app.request('GET', '/auth/me', { cookie })).status).toBe(200)
    await app.advance(17 * minute + 1)
    expect(await app.request('GET', '/auth/me', { cookie })).toMatchObject({
      status: 401,
      json: { code: 'token_expired' },
    })
  })

  test('requests marked as background and refreshing are no activity', async () => {
    const { email } = await kit.someone()
    const login = await app.request('POST', '/auth/login', {
      body: { email, password: goodPassword },
    })
    const cookie = cookiesOf(login)
    const headers = { 'x-csrf-token': login.json.csrfToken }
    await app.advance(9 * minute)
    const background = { token: login.json.accessToken, headers: { 'x-background': '1' } }
    expect((await app.request('GET', '/auth/me', background)).status).toBe(200)
    const refreshed = await app.request('POST', '/auth/refresh', { cookie, headers })
    expect(refreshed.status).toBe(200)
    await app.advance(8 * minute + 1)
    const late = await app.request('POST', '/auth/refresh', {
      cookie: cookiesOf(refreshed),
      headers,
    })
    expect(late).toMatchObject({ status: 401, json: { code: 'token_expired' } })
  })

  test('the absolute end comes however active somebody is', async () => {
    const cookie = await cookieLogin()
    for (let passed = 16; passed < 180; passed += 16) {
      await app.advance(16 * minute)
      expect((await app.request('GET', '/auth/me', { cookie })).status).toBe(200)
    }
    await app.advance(5 * minute)
    expect(await app.request('GET', '/auth/me', { cookie })).toMatchObject({
      status: 401,
      json: { code: 'token_expired' },
    })
  })

  test('an access token past its end is refused as expired, with the challenge', async () => {
    const { accessToken } = await kit.someone()
    await app.advance(15 * minute + 61_000)
    const reply = await app.request('GET', '/auth/me', { token: accessToken })
    expect(reply).toMatchObject({
      status: 401,
      json: { code: 'token_expired', error: 'Token expired' },
    })
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/)
  })
})

test('rule 23: while revocation state cannot be confirmed, protected routes answer 503', async () => {
  const { accessToken } = await kit.someone()
  expect((await app.request('GET', '/api/orders', { token: accessToken })).status).toBe(200)
  app.clock.advance(0)
  const stale = app.security.parts.ground.revocations
  const poll = stale.poll
  stale.poll = () => Promise.reject(new Error('the database is away'))
  app.clock.advance(10_001)
  const reply = await app.request('GET', '/api/orders', { token: accessToken })
  stale.poll = poll
  expect(reply).toMatchObject({ status: 503, json: { code: 'revocation_unconfirmed' } })
  expect(reply.headers.get('retry-after')).toBe('1')
  await app.advance(0)
  expect((await app.request('GET', '/api/orders', { token: accessToken })).status).toBe(200)
})
