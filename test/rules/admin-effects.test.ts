import { describe, expect, it } from 'vitest'
import { hour, newPassword, openAdminBench } from './admin-bench.ts'
import { verdict } from './admin-kit.ts'
import { goodPassword } from './identity-kit.ts'

const bench = openAdminBench()
const { act, linkTo, opens, reset } = bench

let turn = 0

/** An account of its own for each test, with its address. Its notice of a new device is delivered. */
async function person(roles?: readonly string[]) {
  const { kit, site } = bench
  const name = `person${++turn}`
  const made = { ...(await kit.someone(name, roles)), email: `${name}@example.com` }
  await site.deliverMail()
  return made
}

describe('what an administrator does acts on the next request', () => {
  it('a disabled account has no session and gets none, until it is enabled', async () => {
    const { kit } = bench
    const ada = await person()
    expect((await act('disable', ada.id)).json).toMatchObject({
      ...{ id: ada.id, status: 'disabled', statusReason: 'a test' },
    })
    expect([await kit.isAlive(ada), await opens(ada.email)]).toEqual([false, false])
    expect((await act('unlock', ada.id)).json.code).toBe('account_state_conflict')
    expect((await act('lock', ada.id)).json.code).toBe('account_state_conflict')
    expect((await act('force-reset', ada.id)).json.code).toBe('account_state_conflict')
    expect((await act('enable', ada.id)).json).toMatchObject({
      ...{ status: 'active', statusReason: null },
    })
    expect([await kit.isAlive(ada), await opens(ada.email)]).toEqual([false, true])
  })

  it('a locked account has no session and gets none, until it is unlocked', async () => {
    const { kit } = bench
    const ada = await person()
    expect((await act('lock', ada.id)).json).toMatchObject({
      ...{ status: 'locked', statusReason: 'a test', lockedUntil: null },
    })
    expect([await kit.isAlive(ada), await opens(ada.email)]).toEqual([false, false])
    expect((await act('unlock', ada.id)).json.status).toBe('active')
    expect(await opens(ada.email)).toBe(true)
  })

  it('a lock with an end opens by itself, without a cleaner, and is shown as open', async () => {
    const { site } = bench
    const ada = await person()
    const until = site.clock.now() + hour
    for (const past of [site.clock.now(), 1]) {
      expect(await verdict(act('lock', ada.id, { until: past }))).toBe('400 invalid_request')
    }
    expect((await act('lock', ada.id, { until })).json.lockedUntil).toBe(until)
    site.clock.jump(hour - 1)
    expect(await opens(ada.email)).toBe(false)
    site.clock.jump(1)
    await site.advance(0)
    expect(await opens(ada.email)).toBe(true)
    expect(await site.security.users.find(ada.id)).toMatchObject({
      ...{ status: 'active', statusReason: null, lockedUntil: null },
    })
    await bench.renewAdmin()
  })

  it('no new password opens a lock, which ends the links that were mailed before it', async () => {
    const { site } = bench
    const ada = await person()
    await site.post('/auth/password/forgot', { email: ada.email })
    const earlier = await linkTo(ada.email)
    await act('lock', ada.id)
    expect((await reset(earlier)).json.code).toBe('link_invalid')
    await site.post('/auth/password/forgot', { email: ada.email })
    expect((await reset(await linkTo(ada.email))).status).toBe(200)
    expect(await opens(ada.email, newPassword)).toBe(false)
    expect((await site.security.users.find(ada.id))?.status).toBe('locked')
  })

  it('the link of a report opens the lock of that report, not that of an administrator', async () => {
    const { kit, site } = bench
    const ada = await person()
    const change = { currentPassword: goodPassword, password: newPassword }
    await kit.post(ada, '/auth/password/change', change)
    const report = { token: await linkTo(ada.email) }
    await act('lock', ada.id)
    expect((await site.post('/auth/report', report)).status).toBe(200)
    expect((await reset(await linkTo(ada.email))).status).toBe(200)
    expect(await site.security.users.find(ada.id)).toMatchObject({
      ...{ status: 'locked', statusReason: 'a test', lockedUntil: null },
    })
  })

  it('the words that say an owner did it are not for administrators', async () => {
    const { kit } = bench
    const ada = await person()
    for (const reason of ['reported_by_owner', 'closed_by_owner']) {
      expect(await verdict(act('lock', ada.id, { reason }))).toBe('400 invalid_request')
      expect(await verdict(act('disable', ada.id, { reason }))).toBe('400 invalid_request')
    }
    expect(await kit.isAlive(ada)).toBe(true)
  })

  it('unlock forgets wrong guesses', async () => {
    const { site } = bench
    const ada = await person()
    for (let guess = 0; guess < 8; guess++) await site.login(ada.email, `wrong ${guess} guess`)
    expect(await opens(ada.email)).toBe(false)
    expect((await site.security.users.find(ada.id))?.passwordLockedUntil).toBeGreaterThan(0)
    expect((await act('unlock', ada.id)).json.passwordLockedUntil).toBe(null)
    expect(await opens(ada.email)).toBe(true)
  })

  it('a forced reset leaves neither password nor session, and mails the way back', async () => {
    const { kit, site } = bench
    const ada = await person()
    expect((await act('force-reset', ada.id)).status).toBe(200)
    expect([await kit.isAlive(ada), await opens(ada.email)]).toEqual([false, false])
    const token = await linkTo(ada.email)
    expect(site.mailbox.latest(ada.email).text).toContain('administrator')
    expect((await reset(token)).status).toBe(200)
    expect([await opens(ada.email), await opens(ada.email, newPassword)]).toEqual([false, true])
    expect((await reset(token)).json.code).toBe('link_invalid')
  })

  it('ended sessions are counted and gone; the password stays', async () => {
    const { kit, site } = bench
    const ada = await person()
    await site.login(ada.email, goodPassword)
    expect((await act('end-sessions', ada.id)).json).toEqual({ ended: 2 })
    expect(await kit.isAlive(ada)).toBe(false)
    expect(await opens(ada.email)).toBe(true)
  })
})
