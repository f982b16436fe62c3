import { afterAll, beforeAll, expect, test } from 'vitest'
import { cookiesOf, goodPassword, type ServedApp, serveApp } from '../../test/served-app.ts'
import { hashToken, newToken } from '../crypto/index.ts'
import { systemRandom } from '../ports/index.ts'

let app: ServedApp
beforeAll(async () => {
  app = await serveApp()
  await app.security.parts.ground.jobs.stop()
})
afterAll(() => app.stop())

let counter = 0
async function someone() {
  const email = `someone${counter++}@example.com`
  const userId = await app.person(email, ['manager'])
  return { email, userId, ...(await app.signIn(email)) }
}

/** Does `work` between the read of a session and the decision on it, each time it is read. */
function whileReading(work: () => Promise<unknown>): { reads: number; end: () => void } {
  const { access } = app.security.parts.rooms
  const original = access.rolesOf
  const end = () => {
    access.rolesOf = original
  }
  const watch = { reads: 0, end }
  access.rolesOf = async (...given) => {
    const held = await original.apply(access, given)
    watch.reads++
    await work()
    return held
  }
  return watch
}

test('rule 19: a session that ends while it is being read is not let in', async () => {
  const { accessToken, sessionId, userId } = await someone()
  const request = { reason: 'logout', actor: { kind: 'user', id: userId } } as const
  const reading = whileReading(() =>
    app.security.parts.rooms.sessions.end(sessionId, userId, request),
  )
  const reply = await app.request('GET', '/api/orders', { token: accessToken })
  reading.end()
  expect(reply).toMatchObject({ status: 401, json: { code: 'session_revoked' } })
})

test('a session is read at most five times when others are revoked all the time', async () => {
  const { accessToken } = await someone()
  const { database, revocations } = app.security.parts.ground
  const other = { kind: 'session', id: '019bc186-de00-7ed0-9889-ceb3622102c5' } as const
  const announce = () => database.transaction((trx) => revocations.announce(trx, other))
  const reading = whileReading(announce)
  const reply = await app.request('GET', '/api/orders', { token: accessToken })
  reading.end()
  expect([reply.status, reading.reads]).toEqual([200, 5])
  const again = whileReading(async () => {})
  expect((await app.request('GET', '/api/orders', { token: accessToken })).status).toBe(200)
  again.end()
  expect(again.reads).toBe(1)
})

test('a session that is forgotten leaves nothing behind, a dead one neither', async () => {
  const { verdicts } = app.security.parts.rooms
  verdicts.everything()
  const { email, userId } = await someone()
  const login = await app.request('POST', '/auth/login', {
    body: { email, password: goodPassword, transport: 'session' },
  })
  const cookie = cookiesOf(login)
  const { sessionId } = login.json
  expect((await app.request('GET', '/auth/me', { cookie })).status).toBe(200)
  expect(verdicts.remembered).toEqual({ sessions: 1, tokens: 1, users: 1 })
  const request = { reason: 'logout', actor: { kind: 'user', id: userId } } as const
  await app.security.parts.rooms.sessions.end(sessionId, userId, request)
  expect(verdicts.remembered).toEqual({ sessions: 0, tokens: 0, users: 0 })
  expect((await app.request('GET', '/auth/me', { cookie })).status).toBe(401)
  expect(verdicts.remembered).toEqual({ sessions: 1, tokens: 1, users: 1 })
  verdicts.revoked({ kind: 'user', id: userId })
  expect(verdicts.remembered).toEqual({ sessions: 0, tokens: 0, users: 0 })
})

test('rule 19: a cookie that was replaced is nobody as soon as this node sees the new one', async () => {
  const { verdicts } = app.security.parts.rooms
  const { database } = app.security.parts.ground
  verdicts.everything()
  const { email, userId } = await someone()
  const login = await app.request('POST', '/auth/login', {
    body: { email, password: goodPassword, transport: 'session' },
  })
  const before = cookiesOf(login)
  const name = 'hf_session'
  const token = newToken(systemRandom)
  const after = before.replace(new RegExp(`${name}=[^;]*`), `${name}=${token}`)
  const me = async (cookie: string) => (await app.request('GET', '/auth/me', { cookie })).status
  expect(await me(before)).toBe(200)
  // As another node does it, of whose announcement this one has not heard yet.
  const { sessionId } = login.json
  await database.transaction((trx) =>
    trx
      .updateTable('hf_sessions')
      .set({ token_hash: hashToken(token) })
      .where('id', '=', sessionId)
      .execute(),
  )
  expect([await me(after), await me(before)]).toEqual([200, 401])
  expect(verdicts.remembered).toEqual({ sessions: 1, tokens: 1, users: 1 })
  verdicts.revoked({ kind: 'user', id: userId })
  expect(verdicts.remembered).toEqual({ sessions: 0, tokens: 0, users: 0 })
  expect([await me(before), await me(after), await me(before)]).toEqual([401, 200, 401])
})
