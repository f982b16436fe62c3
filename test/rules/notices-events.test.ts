import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { goodPassword, openSite, type Site } from './identity-kit.ts'
import {
  account,
  besiege,
  firefox,
  headersOf,
  linkOf,
  login,
  madeAccount,
  newPassword,
  notices,
  ownersClient,
  safari,
  signedIn,
} from './notices-kit.ts'

interface Device {
  readonly current: boolean
  readonly ip: string
}

describe('an owner is told by mail', () => {
  let site: Site
  let turn = 0
  let email = ''
  beforeAll(async () => {
    site = await openSite({ appName: 'Shop', captcha: 'none' })
  })
  beforeEach(() => {
    turn += 1
    email = `ann${turn}@example.com`
  })
  afterAll(() => site?.close())

  async function resetPassword(): Promise<void> {
    await site.post('/auth/password/forgot', { email })
    await site.deliverMail()
    const token = site.mailbox.latestToken(email)
    const body = { token, password: newPassword }
    const { status } = await site.post('/auth/password/reset', body, headersOf({}))
    expect(status).toBe(200)
  }

  async function changePassword(): Promise<void> {
    const body = { currentPassword: goodPassword, password: newPassword }
    const owner = await signedIn(site, email)
    expect((await site.post('/auth/password/change', body, owner)).status).toBe(200)
  }

  it.each([
    ['forgotten and reset', resetPassword],
    ['changed', changePassword],
  ])('that the password was %s: when, from where, with what', async (_, change) => {
    await account(site, email, 'Ann Lee')
    await change()
    const [notice, ...more] = await notices(site, email)
    expect(more).toEqual([])
    expect(notice?.subject).toBe('Your password for Shop was changed')
    expect(notice?.text).toMatch(/^Hello Ann Lee,/)
    expect(notice?.text).toMatch(/\nWhen: \d+ January 2026 at \d\d:\d\d UTC\n/)
    expect(notice?.text).toContain('\nIP address: 203.0.113.9\nDevice: Firefox on Linux\n')
    expect(linkOf(notice).page).toBe('http://localhost:3000/account/not-me')
  })

  it('that somebody else set the password, and not where they sat', async () => {
    const id = await account(site, email)
    await site.security.users.setPassword(id, newPassword, {
      actor: { kind: 'user', id: 'an-administrator' },
      origin: { ip: '192.0.2.77', userAgent: safari },
    })
    const [notice] = await notices(site, email)
    expect(notice?.subject).toBe('Your password for Shop was changed')
    expect(notice?.text).toMatch(/\nWhen: /)
    expect(notice?.text).not.toMatch(/192\.0\.2\.77|Device|iPhone/)
  })

  it('at the old address, that it was replaced; nothing goes to the new one', async () => {
    await account(site, email)
    const fresh = `new-${email}`
    const owner = await signedIn(site, email)
    const body = { email: fresh, currentPassword: goodPassword }
    expect((await site.post('/auth/email/change', body, owner)).status).toBe(202)
    expect(await notices(site, email)).toEqual([])
    const token = site.mailbox.latestToken(fresh)
    expect((await site.post('/auth/email/confirm', { token }, headersOf({}))).status).toBe(200)
    const [notice, ...more] = await notices(site, email)
    expect(more).toEqual([])
    expect(notice?.subject).toBe('Your address for Shop was changed')
    expect(linkOf(notice).page).toBe('http://localhost:3000/account/undo-email')
    expect(notice?.text).not.toContain(fresh)
    expect(await notices(site, fresh)).toEqual([])
    const undone = await site.post('/auth/email/undo', { token: linkOf(notice).token })
    expect(undone.status).toBe(200)
    expect(await site.security.users.find(email)).toMatchObject({ email, status: 'locked' })
  })

  it('of a sign-in from a new device, but not of the first one, nor of a known device', async () => {
    await account(site, email)
    await login(site, email)
    await login(site, email)
    expect(await notices(site, email)).toEqual([])
    await login(site, email, { userAgent: safari, address: '192.0.2.51' })
    await login(site, email, { userAgent: safari, address: '192.0.2.51' })
    await login(site, email, { userAgent: firefox })
    const [notice, ...more] = await notices(site, email)
    expect(more).toEqual([])
    expect(notice?.subject).toBe('New sign-in to Shop')
    expect(notice?.text).toContain('\nIP address: 192.0.2.51\nDevice: Safari on iPhone\n')
    expect(linkOf(notice).page).toBe('http://localhost:3000/account/not-me')
  })

  it('of a sign-in that sends the user agent of her device, from another network', async () => {
    await account(site, email)
    await login(site, email, { address: '2001:db8:0:7::1' })
    await login(site, email, { address: '2001:db8:0:7::2' })
    expect(await notices(site, email)).toEqual([])
    await login(site, email, { address: '2001:db8:0:8::1' })
    const [notice, ...more] = await notices(site, email)
    expect(more).toEqual([])
    expect(notice?.subject).toBe('New sign-in to Shop')
    expect(notice?.text).toContain('\nIP address: 2001:db8:0:8::1\nDevice: Firefox on Linux\n')
    const { json } = await site.get('/auth/devices', await signedIn(site, email))
    const seen = json.devices.map(({ current, ip }: Device) => `${current} ${ip}`)
    expect(seen.sort()).toEqual([
      ...['false 2001:db8:0:7::2', 'false 2001:db8:0:8::1', `true ${ownersClient}`],
    ])
  })

  it('of the first sign-in too, to an account that somebody else made', async () => {
    await site.signUp(`self-${email}`)
    expect(await notices(site, `self-${email}`)).toEqual([])
    await madeAccount(site, email)
    await login(site, email)
    const [notice, ...more] = await notices(site, email)
    expect(more).toEqual([])
    expect(notice?.subject).toBe('New sign-in to Shop')
  })

  it('that strangers guess at the password, once a day', async () => {
    await account(site, email)
    await besiege(site, email)
    const [notice, ...more] = await notices(site, email)
    expect(more).toEqual([])
    expect(notice?.subject).toBe('Somebody is guessing your password for Shop')
    expect(notice?.text).toMatch(/\nIP address: 198\.51\.100\.9\n/)
    expect(linkOf(notice).page).toBe('http://localhost:3000/account/not-me')
    await site.advance(24 * 3_600_000)
    await besiege(site, email)
    expect(await notices(site, email)).toHaveLength(2)
  })

  it.each(['pending', 'disabled'] as const)(
    'of guesses only where the account is in use: %s',
    async (status) => {
      if (status === 'pending') await site.register(email)
      else await site.security.users.disable(await account(site, email))
      await besiege(site, email)
      expect(await notices(site, email)).toEqual([])
    },
  )

  it('and ends all of it with one link, once, until it expires', async () => {
    await account(site, email)
    const owner = await signedIn(site, email)
    await changePassword()
    const [notice] = await notices(site, email)
    const { token } = linkOf(notice)
    const page = `/account/not-me?token=${token}`
    expect((await site.get(page)).status).toBe(200)
    expect((await site.get('/auth/me', owner)).status).toBe(401)
    expect((await site.post('/auth/report', { token })).status).toBe(200)
    expect((await site.post('/auth/report', { token })).json.code).toBe('link_invalid')
    const denied = await site.login(email, newPassword)
    expect([denied.status, denied.json.code]).toEqual([401, 'invalid_credentials'])
    await site.deliverMail()
    expect(site.mailbox.latest(email).subject).toBe('Take back your account at Shop')
    const back = { token: site.mailbox.latestToken(email), password: `${newPassword} again` }
    expect((await site.post('/auth/password/reset', back)).status).toBe(200)
    expect((await site.login(email, back.password)).status).toBe(200)
  })

  it('with a link that ends after seven days', async () => {
    await account(site, email)
    await changePassword()
    const [notice] = await notices(site, email)
    await site.advance(7 * 24 * 3_600_000)
    const answer = await site.post('/auth/report', { token: linkOf(notice).token })
    expect([answer.status, answer.json.code]).toEqual([400, 'link_invalid'])
  })
})
