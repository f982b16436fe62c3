import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cookiesOf, goodPassword, type ServedApp } from '../served-app.ts'
import { type SessionKit, serveSessions, sessionKit } from './session-kit.ts'

let app: ServedApp
let kit: SessionKit
beforeAll(async () => {
  app = await serveSessions()
  kit = sessionKit(app)
})
afterAll(() => app.stop())

describe('rule 18: refresh tokens', () => {
  test('a refresh token works once and its successor goes on', async () => {
    const { refreshToken } = await kit.someone()
    const first = await kit.refresh(refreshToken)
    expect(first.status).toBe(200)
    expect(first.json.refreshToken).not.toBe(refreshToken)
    expect((await kit.refresh(first.json.refreshToken)).status).toBe(200)
  })

  test('100 parallel refreshes give one successor', async () => {
    const { refreshToken } = await kit.someone()
    const replies = await Promise.all(Array.from({ length: 100 }, () => kit.refresh(refreshToken)))
    const successors = new Set(replies.map((reply) => reply.json.refreshToken))
    expect(replies.every((reply) => reply.status === 200)).toBe(true)
    expect(successors.size).toBe(1)
  })

  test('a retry of the immediate parent within 10 s by the same client gets the same successor', async () => {
    const { refreshToken } = await kit.someone()
    const first = await kit.refresh(refreshToken)
    await app.advance(9_000)
    const again = await kit.refresh(refreshToken)
    expect(again.json.refreshToken).toBe(first.json.refreshToken)
  })

  test('after the grace a reuse ends the session and its access tokens at once', async () => {
    const { refreshToken, accessToken, id } = await kit.someone()
    const reused: unknown[] = []
    const end = app.security.on('token.reused', (event) => void reused.push(event.payload))
    const first = await kit.refresh(refreshToken)
    await app.advance(10_001)
    expect(await kit.refresh(refreshToken)).toMatchObject({
      status: 401,
      json: { code: 'session_revoked' },
    })
    expect((await kit.refresh(first.json.refreshToken)).json.code).toBe('session_revoked')
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
    const { refreshToken } = await kit.someone()
    await kit.refresh(refreshToken, { 'user-agent': 'phone/1' })
    const thief = await kit.refresh(refreshToken, { 'user-agent': 'thief/1' })
    expect(thief).toMatchObject({ status: 401, json: { code: 'session_revoked' } })
  })

  test('a grandparent is never accepted, not within the grace either', async () => {
    const { refreshToken } = await kit.someone()
    const child = await kit.refresh(refreshToken)
    await kit.refresh(child.json.refreshToken)
    expect((await kit.refresh(refreshToken)).json.code).toBe('session_revoked')
  })

  test('noise, an access token or a foreign token is not a refresh token', async () => {
    const { accessToken } = await kit.someone()
    for (const token of ['x', 'A'.repeat(43), accessToken.slice(0, 200)]) {
      expect(await kit.refresh(token)).toMatchObject({
        status: 401,
        json: { code: 'token_invalid' },
      })
    }
  })

  test("a browser's refresh token is not taken from a body, and never answered in one", async () => {
    const { email } = await kit.someone()
    const login = await app.request('POST', '/auth/login', {
      body: { email, password: goodPassword },
    })
    expect(login.json.refreshToken).toBeUndefined()
    const cookie = cookiesOf(login)
    const token = /__Host-hf_refresh=([^;]+)/.exec(cookie)?.[1] ?? ''
    expect((await kit.refresh(token)).json.code).toBe('token_invalid')
    const ok = await app.request('POST', '/auth/refresh', {
      cookie,
      headers: { 'x-csrf-token': login.json.csrfToken },
    })
    expect(ok.status).toBe(200)
    expect(ok.json.refreshToken).toBeUndefined()
    expect(cookiesOf(ok)).toMatch(/__Host-hf_refresh=/)
  })
})
