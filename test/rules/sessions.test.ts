import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cookiesOf, goodPassword, type ServedApp, serveApp } from '../served-app.ts'

const minute = 60_000

let app: ServedApp
beforeAll(async () => {
  app = await serveApp({ sessions: { session: { absolute: '3h' } } })
  // No cleaner runs: what has expired must be refused because it has expired.
  await app.security.parts.ground.jobs.stop()
})
afterAll(() => app.stop())

let counter = 0
async function someone(roles: readonly string[] = ['manager']) {
  const email = `person${counter++}@example.com`
  const id = await app.person(email, roles)
  return { email, id, ...(await app.signIn(email)) }
}

const refresh = (refreshToken: string, headers: Record<string, string> = {}) =>
  app.request('POST', '/auth/refresh', { body: { refreshToken }, headers })

describe('rule 18: refresh tokens', () => {
  test('a refresh token works once and its successor goes on', async () => {
    const { refreshToken } = await someone()
    const first = await refresh(refreshToken)
    expect(first.status).toBe(200)
    expect(first.json.refreshToken).not.toBe(refreshToken)
    expect((await refresh(first.json.refreshToken)).status).toBe(200)
  })

  test('100 parallel refreshes give one successor', async () => {
    const { refreshToken } = await someone()
    const replies = await Promise.all(Array.from({ length: 100 }, () => refresh(refreshToken)))
    const successors = new Set(replies.map((reply) => reply.json.refreshToken))
    expect(replies.every((reply) => reply.status === 200)).toBe(true)
    expect(successors.size).toBe(1)
  })

  test('a retry of the immediate parent within 10 s by the same client gets the same successor', async () => {
    const { refreshToken } = await someone()
    const first = await refresh(refreshToken)
    await app.advance(9_000)
    const again = await refresh(refreshToken)
    expect(again.json.refreshToken).toBe(first.json.refreshToken)
  })

  test('after the grace a reuse ends the session and its access tokens at once', async () => {
    const { refreshToken, accessToken, id } = await someone()
    const reused: unknown[] = []
    const end = app.security.on('token.reused', (event) => void reused.push(event.payload))
    const first = await refresh(refreshToken)
    await app.advance(10_001)
    expect(await refresh(refreshToken)).toMatchObject({
      status: 401,
      json: { code: 'session_revoked' },
    })
    expect((await refresh(first.json.refreshToken)).json.code).toBe('session_revoked')
    expect((await app.request('GET', '/auth/me', { token: accessToken })).json.code).toBe(
      'session_revoked',
    )
    expect(
      (await app.request('GET', '/auth/me', { token: first.json.accessToken })).json.code,
    ).toBe('session_revoked')
    expect(reused).toHaveLength(1)
    expect(reused[0]).toMatchObject({ userId: id })
    end()
  })

  test('another client gets no grace', async () => {
    const { refreshToken } = await someone()
    await refresh(refreshToken, { 'user-agent': 'phone/1' })
    const thief = await refresh(refreshToken, { 'user-agent': 'thief/1' })
    expect(thief).toMatchObject({ status: 401, json: { code: 'session_revoked' } })
  })

  test('a grandparent is never accepted, not within the grace either', async () => {
    const { refreshToken } = await someone()
    const child = await refresh(refreshToken)
    await refresh(child.json.refreshToken)
    expect((await refresh(refreshToken)).json.code).toBe('session_revoked')
  })

  test('noise, an access token or a foreign token is not a refresh token', async () => {
    const { accessToken } = await someone()
    for (const token of ['x', 'A'.repeat(43), accessToken.slice(0, 200)]) {
      expect(await refresh(token)).toMatchObject({ status: 401, json: { code: 'token_invalid' } })
    }
  })

  test("a browser's refresh token is not taken from a body, and never answered in one", async () => {
    const { email } = await someone()
    const login = await app.request('POST', '/auth/login', {
      body: { email, password: goodPassword },
    })
    expect(login.json.refreshToken).toBeUndefined()
    const cookie = cookiesOf(login)
    const token = /__Host-hf_refresh=([^;]+)/.exec(cookie)?.[1] ?? ''
    expect((await refresh(token)).json.code).toBe('token_invalid')
    const ok = await app.request('POST', '/auth/refresh', {
      cookie,
      headers: { 'x-csrf-token': login.json.csrfToken },
    })
    expect(ok.status).toBe(200)
    expect(ok.json.refreshToken).toBeUndefined()
    expect(cookiesOf(ok)).toMatch(/__Host-hf_refresh=/)
  })
})

describe('rule 20: cookies and fixation', () => {
  test('cookies are __Host-, HttpOnly, Secure and SameSite', async () => {
    const { email } = await someone()
    for (const transport of ['cookie', 'session']) {
      const login = await app.request('POST', '/auth/login', {
        body: { email, password: goodPassword, transport },
      })
      const cookies = login.headers.getSetCookie()
      const [set, removed] = [0, 1].map((gone) =>
        cookies.filter((cookie) => Number(cookie.includes('Max-Age=0;')) === gone),
      )
      expect(set?.length).toBeGreaterThanOrEqual(2)
      expect(removed).toHaveLength(1)
      for (const cookie of set ?? []) {
        expect(cookie).toMatch(
          /^__Host-hf_(?:device=[\w-]{43}\.[\w-]{22}|\w+=[\w-]{43}); Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=(Lax|Strict)$/,
        )
      }
      expect(login.text).not.toMatch(/hf_session|refreshToken/)
    }
  })

  test('a session cookie sent before sign-in is not the one that sign-in gives', async () => {
    const { email } = await someone()
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
    const { email } = await someone()
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
  const { email } = await someone()
  const [one, two] = await Promise.all([app.signIn(email), app.signIn(email)])
  expect(one.accessToken).not.toBe(two.accessToken)
  expect(one.refreshToken).not.toBe(two.refreshToken)
})

describe('rule 22: lifetimes are kept by the server', () => {
  const cookieLogin = async () => {
    const { email } = await someone()
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
    const { email } = await someone()
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
    const { accessToken } = await someone()
    await app.advance(15 * minute + 61_000)
    const reply = await app.request('GET', '/auth/me', { token: accessToken })
    expect(reply).toMatchObject({
      status: 401,
      json: { code: 'token_expired', error: 'Token expired' },
    })
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/)
  })
})

describe('rule 19: what ends a session ends it on the next request', () => {
  test('logout', async () => {
    const { accessToken } = await someone()
    expect(
      (await app.request('POST', '/auth/logout', { token: accessToken, body: {} })).status,
    ).toBe(204)
    expect((await app.request('GET', '/api/orders', { token: accessToken })).json.code).toBe(
      'session_revoked',
    )
  })

  const logIn = (email: string, transport: 'cookie' | 'session') =>
    app.request('POST', '/auth/login', { body: { email, password: goodPassword, transport } })

  test('logout by the refresh cookie alone, a spent one too: a copy of its successor is worth nothing', async () => {
    const { email } = await someone()
    const first = cookiesOf(await logIn(email, 'cookie'))
    const headers = { 'sec-fetch-site': 'same-origin' }
    const second = cookiesOf(await app.request('POST', '/auth/refresh', { cookie: first, headers }))
    const out = await app.request('POST', '/auth/logout', { cookie: first, headers })
    expect(out.status).toBe(204)
    const copied = await app.request('POST', '/auth/refresh', { cookie: second, headers })
    expect(copied).toMatchObject({ status: 401, json: { code: 'session_revoked' } })
  })

  describe('logout with several credentials ends the session of each', () => {
    async function several() {
      const { email } = await someone()
      const [refreshed, opaque, native] = [
        cookiesOf(await logIn(email, 'cookie')),
        cookiesOf(await logIn(email, 'session')),
        await app.signIn(email),
      ]
      const pick = (cookies: string, name: string) =>
        cookies.split('; ').find((cookie) => cookie.startsWith(`__Host-${name}=`)) ?? ''
      return {
        refreshCookie: pick(refreshed, 'hf_refresh'),
        sessionCookie: pick(opaque, 'hf_session'),
        native,
      }
    }
    const headers = { 'sec-fetch-site': 'same-origin' }

    /** Which of refresh cookie, session cookie and native session still live. */
    async function alive({
      refreshCookie,
      sessionCookie,
      native,
    }: Awaited<ReturnType<typeof several>>) {
      const replies = [
        await app.request('GET', '/auth/me', { token: native.accessToken }),
        await app.request('GET', '/auth/me', { cookie: sessionCookie }),
        await app.request('POST', '/auth/refresh', { cookie: refreshCookie, headers }),
      ]
      return replies.map(({ status }) => status === 200)
    }

    test('session cookie and refresh cookie', async () => {
      const shown = await several()
      const cookie = `${shown.sessionCookie}; ${shown.refreshCookie}`
      expect((await app.request('POST', '/auth/logout', { cookie, headers })).status).toBe(204)
      expect(await alive(shown)).toEqual([true, false, false])
    })

    test('access token, session cookie and refresh cookie', async () => {
      const shown = await several()
      const cookie = `${shown.sessionCookie}; ${shown.refreshCookie}`
      const token = shown.native.accessToken
      const out = await app.request('POST', '/auth/logout', { cookie, token, headers })
      expect(out.status).toBe(204)
      expect(await alive(shown)).toEqual([false, false, false])
    })

    test('a refresh token in the body and a session cookie', async () => {
      const shown = await several()
      const body = { refreshToken: shown.native.refreshToken }
      const out = await app.request('POST', '/auth/logout', {
        ...{ body, headers, cookie: shown.sessionCookie },
      })
      expect(out.status).toBe(204)
      expect(await alive(shown)).toEqual([false, false, true])
    })

    test('but none at all when a cookie beside the access token may be sent by another site', async () => {
      for (const name of ['sessionCookie', 'refreshCookie'] as const) {
        const shown = await several()
        const out = await app.request('POST', '/auth/logout', {
          token: shown.native.accessToken,
          cookie: shown[name],
        })
        expect(out).toMatchObject({ status: 403, json: { code: 'csrf_refused' } })
        expect(out.headers.getSetCookie()).toEqual([])
        expect(await alive(shown)).toEqual([true, true, true])
      }
    })

    test("an access token's own refresh cookie needs no other proof", async () => {
      const { email } = await someone()
      const login = await logIn(email, 'cookie')
      const token = login.json.accessToken
      const out = await app.request('POST', '/auth/logout', { token, cookie: cookiesOf(login) })
      expect(out.status).toBe(204)
    })

    test('a sign-in removes the cookie of the other transport, a refresh does not', async () => {
      const { email } = await someone()
      const removed = (reply: Awaited<ReturnType<typeof logIn>>) =>
        reply.headers.getSetCookie().filter((cookie) => cookie.includes('Max-Age=0;'))
      const gone = (name: string) =>
        `__Host-${name}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`
      const login = await logIn(email, 'cookie')
      expect(removed(login)).toEqual([gone('hf_session')])
      expect(removed(await logIn(email, 'session'))).toEqual([gone('hf_refresh')])
      const cookie = cookiesOf(login)
      expect(removed(await app.request('POST', '/auth/refresh', { cookie, headers }))).toEqual([])
    })
  })

  test('a disabled account, and enabling it brings no session back', async () => {
    const { accessToken, email, refreshToken } = await someone()
    await app.security.users.disable(email, { reason: 'test' })
    expect((await app.request('GET', '/api/orders', { token: accessToken })).json.code).toBe(
      'session_revoked',
    )
    await app.security.users.enable(email)
    expect((await app.request('GET', '/api/orders', { token: accessToken })).json.code).toBe(
      'session_revoked',
    )
    expect((await refresh(refreshToken)).json.code).toBe('session_revoked')
  })

  test('a withdrawn role', async () => {
    const { accessToken, email } = await someone()
    expect((await app.request('GET', '/api/orders', { token: accessToken })).status).toBe(200)
    await app.security.users.withdrawRole(email, 'manager')
    expect((await app.request('GET', '/api/orders', { token: accessToken })).status).toBe(403)
  })

  test('a role that runs out', async () => {
    const { accessToken, email } = await someone(['user'])
    await app.security.users.grantRole(email, 'manager', {
      expiresAt: app.clock.now() + 5 * minute,
    })
    expect((await app.request('GET', '/api/orders', { token: accessToken })).status).toBe(200)
    await app.advance(5 * minute)
    expect((await app.request('GET', '/api/orders', { token: accessToken })).status).toBe(403)
  })

  test('the owner ends one session, and all others', async () => {
    const { accessToken, email } = await someone()
    const other = await app.signIn(email)
    const third = await app.signIn(email)
    const list = await app.request('GET', '/auth/sessions', { token: accessToken })
    expect(list.json.sessions).toHaveLength(3)
    expect(
      list.json.sessions.filter((session: { current: boolean }) => session.current),
    ).toHaveLength(1)
    const gone = await app.request('DELETE', `/auth/sessions/${other.sessionId}`, {
      token: accessToken,
    })
    expect(gone.status).toBe(204)
    expect((await app.request('GET', '/auth/me', { token: other.accessToken })).json.code).toBe(
      'session_revoked',
    )
    expect((await app.request('DELETE', '/auth/sessions', { token: accessToken })).json).toEqual({
      ended: 1,
    })
    expect((await app.request('GET', '/auth/me', { token: third.accessToken })).json.code).toBe(
      'session_revoked',
    )
    expect((await app.request('GET', '/auth/me', { token: accessToken })).status).toBe(200)
  })

  test("somebody else's session and an absent one are the same 404", async () => {
    const mine = await someone()
    const theirs = await someone()
    const replies = await Promise.all(
      [theirs.sessionId, '019bc186-de00-7ed0-9889-ceb3622102c5', 'x'].map((id) =>
        app.request('DELETE', `/auth/sessions/${id}`, { token: mine.accessToken }),
      ),
    )
    for (const reply of replies)
      expect(reply).toMatchObject({ status: 404, json: { code: 'session_not_found' } })
    expect((await app.request('GET', '/auth/me', { token: theirs.accessToken })).status).toBe(200)
  })
})

test('rule 23: while revocation state cannot be confirmed, protected routes answer 503', async () => {
  const { accessToken } = await someone()
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
