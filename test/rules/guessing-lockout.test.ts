import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserOf, cheapHashes, resetTokenOf, wrongPassword } from './guessing-kit.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'

const minute = 60_000
const denied = '401 invalid_credentials'
const ada = 'ada@example.com'

describe("lockout: 'strict'", () => {
  let site: Site
  beforeAll(async () => {
    site = await openSite({ captcha: 'none', lockout: 'strict' })
    cheapHashes(site)
  })
  afterAll(() => site.close())

  it('five failures lock the password for everyone, for 15 minutes; sessions and recovery go on', async () => {
    const person = await site.signUp(ada)
    const home = browserOf(site, '192.0.2.1')
    await home.signIn(ada)
    for (let n = 0; n < 5; n++) await site.login(ada, wrongPassword, `203.0.113.${n}`)
    expect(await home.signIn(ada)).toBe(denied)
    expect(await site.security.users.find(ada)).toMatchObject({
      status: 'active',
      passwordLockedUntil: site.clock.now() + 15 * minute,
    })
    expect((await site.get('/auth/me', { ...person.bearer })).status).toBe(200)
    site.clock.jump(15 * minute - 1)
    expect(await home.signIn(ada)).toBe(denied)
    site.clock.jump(1)
    expect(await home.signIn(ada)).toBe('signed_in')
    expect(await site.security.users.find(ada)).toMatchObject({ passwordLockedUntil: null })
  })

  it('a reset lifts the lock', async () => {
    await site.signUp('bob@example.com')
    for (let n = 0; n < 5; n++) await site.login('bob@example.com', wrongPassword, `203.0.113.${n}`)
    const token = await resetTokenOf(site, 'bob@example.com')
    const body = { token, password: goodPassword }
    expect((await site.post('/auth/password/reset', body)).text).toBe('{"status":"done"}')
    expect((await site.login('bob@example.com', goodPassword, '203.0.113.9')).status).toBe(200)
  })
})
