import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedApp, serveApp } from '../../test/served-app.ts'

const email = 'ada@example.com'

let app: ServedApp
beforeAll(async () => {
  app = await serveApp({ sessions: { maxPerUser: 2 } })
  await app.person(email)
})
afterAll(() => app.stop())

test('rule 39: a session that makes room for a newer one is ended with a record', async () => {
  const oldest = await app.signIn(email)
  await app.advance(1_000)
  const others = [await app.signIn(email), await app.signIn(email)]
  const me = (token: string) => app.request('GET', '/auth/me', { token })
  expect((await me(oldest.accessToken)).json.code).toBe('session_revoked')
  for (const { accessToken } of others) expect((await me(accessToken)).status).toBe(200)
  const records = await app.security.parts.ground.audit.find({ action: 'session.ended', limit: 9 })
  expect(records).toMatchObject([
    { resource_id: oldest.sessionId, reason: 'too_many', actor_kind: 'system' },
  ])
})
