import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedApp, serveApp } from '../../test/served-app.ts'

const minute = 60_000

let app: ServedApp
beforeAll(async () => {
  app = await serveApp({ sessions: { body: { idle: '1h', absolute: '3h' } } })
})
afterAll(() => app.stop())

async function caller(email: string) {
  const { accessToken } = await app.signIn(email)
  const verified = await app.security.tokens.verify(accessToken)
  if (!verified.ok) throw verified.error
  return verified.auth
}

const expiresAt = (
  ...[auth]: Parameters<typeof app.security.parts.rooms.authenticator.expiresAt>
) => app.security.parts.rooms.authenticator.expiresAt(auth)

test('a caller must be judged again at the absolute end of the session', async () => {
  await app.person('absolute@example.com', ['manager'])
  const signedInAt = app.clock.now()
  expect(expiresAt(await caller('absolute@example.com'))).toBe(signedInAt + 180 * minute)
})

test('a caller must be judged again when a role ends before the session', async () => {
  await app.person('role@example.com', ['user'])
  const ends = app.clock.now() + 5 * minute
  await app.security.users.grantRole('role@example.com', 'manager', { expiresAt: ends })
  expect(expiresAt(await caller('role@example.com'))).toBe(ends)
})

test('a caller that this node did not make must be judged at once', async () => {
  await app.person('copy@example.com', ['manager'])
  const auth = await caller('copy@example.com')
  expect(expiresAt({ ...auth })).toBe(0)
})
