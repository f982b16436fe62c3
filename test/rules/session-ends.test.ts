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

describe('rule 19: what ends a session ends it on the next request', () => {
  test('logout', async () => {
    const { accessToken } = await kit.someone()
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
    const { email } = await kit.someone()
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
      const { email } = await kit.someone()
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
      const { email } = await kit.someone()
      const login = await logIn(email, 'cookie')
      const token = login.json.accessToken
      const out = await app.request('POST', '/auth/logout', { token, cookie: cookiesOf(login) })
      expect(out.status).toBe(204)
    })

    test('a sign-in removes the cookies of the other transport and of what was begun, a refresh does not', async () => {
      const { email } = await kit.someone()
      const removed = (reply: Awaited<ReturnType<typeof logIn>>) =>
        reply.headers.getSetCookie().filter((cookie) => cookie.includes('Max-Age=0;'))
      const gone = (name: string) =>
        `__Host-${name}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`
      const login = await logIn(email, 'cookie')
      const begun = [gone('hf_flow'), gone('hf_step')]
      expect(removed(login).sort()).toEqual([...begun, gone('hf_session')].sort())
      const other = removed(await logIn(email, 'session'))
      expect(other.sort()).toEqual([...begun, gone('hf_refresh')].sort())
      const cookie = cookiesOf(login)
      expect(removed(await app.request('POST', '/auth/refresh', { cookie, headers }))).toEqual([])
    })
  })

  test('a disabled account, and enabling it brings no session back', async () => {
    const { accessToken, email, refreshToken } = await kit.someone()
    await app.security.users.disable(email, { reason: 'test' })
    expect((await app.request('GET', '/api/orders', { token: accessToken })).json.code).toBe(
      'session_revoked',
    )
    await app.security.users.enable(email)
    expect((await app.request('GET', '/api/orders', { token: accessToken })).json.code).toBe(
      'session_revoked',
    )
    expect((await kit.refresh(refreshToken)).json.code).toBe('session_revoked')
  })

  test('a withdrawn role', async () => {
    const { accessToken, email } = await kit.someone()
    expect((await app.request('GET', '/api/orders', { token: accessToken })).status).toBe(200)
    await app.security.users.withdrawRole(email, 'manager')
    expect((await app.request('GET', '/api/orders', { token: accessToken })).status).toBe(403)
  })

  test('a role that runs out', async () => {
    const { accessToken, email } = await kit.someone(['user'])
    await app.security.users.grantRole(email, 'manager', {
      expiresAt: app.clock.now() + 5 * minute,
    })
    expect((await app.request('GET', '/api/orders', { token: accessToken })).status).toBe(200)
    await app.advance(5 * minute)
    expect((await app.request('GET', '/api/orders', { token: accessToken })).status).toBe(403)
  })

  test('the owner ends one session, and all others', async () => {
    const { accessToken, email } = await kit.someone()
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
    const mine = await kit.someone()
    const theirs = await kit.someone()
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
