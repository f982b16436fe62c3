import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AdminKit, adminKit, verdict } from './admin-kit.ts'
import { goodPassword, openSite, type Person, type Site } from './identity-kit.ts'

const newPassword = 'another horse battery staple 43'
const hour = 60 * 60 * 1000

let site: Site
let kit: AdminKit
let admin: Person
let turn = 0

beforeAll(async () => {
  site = await openSite({ captcha: { provider: 'none' } })
  kit = adminKit(site)
  await kit.someone('root', ['super_admin'])
  admin = await kit.someone('admin', ['admin', 'user'])
})
afterAll(() => site.close())

/** An account of its own for each test, with its address. Its notice of a new device is delivered. */
async function person(roles?: readonly string[]) {
  const name = `person${++turn}`
  const made = { ...(await kit.someone(name, roles)), email: `${name}@example.com` }
  await site.deliverMail()
  return made
}

const act = (name: string, id: string, body: object = {}) =>
  kit.post(admin, `/admin/users/${id}/${name}`, { reason: 'a test', ...body })
const opens = async (email: string, password = goodPassword) =>
  (await site.login(email, password)).json.status === 'signed_in'
const linkTo = async (email: string) => {
  await site.deliverMail()
  return site.mailbox.latestToken(email)
}
const reset = (token: string, password = newPassword) =>
  site.post('/auth/password/reset', { token, password })

describe('what an administrator does acts on the next request', () => {
  it('a disabled account has no session and gets none, until it is enabled', async () => {
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
    const ada = await person()
    expect((await act('lock', ada.id)).json).toMatchObject({
      ...{ status: 'locked', statusReason: 'a test', lockedUntil: null },
    })
    expect([await kit.isAlive(ada), await opens(ada.email)]).toEqual([false, false])
    expect((await act('unlock', ada.id)).json.status).toBe('active')
    expect(await opens(ada.email)).toBe(true)
  })

  it('a lock with an end opens by itself, without a cleaner, and is shown as open', async () => {
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
    admin = { ...admin, ...(await again('admin@example.com')) }
  })

  it('no new password opens a lock, which ends the links that were mailed before it', async () => {
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
    const ada = await person()
    for (const reason of ['reported_by_owner', 'closed_by_owner']) {
      expect(await verdict(act('lock', ada.id, { reason }))).toBe('400 invalid_request')
      expect(await verdict(act('disable', ada.id, { reason }))).toBe('400 invalid_request')
    }
    expect(await kit.isAlive(ada)).toBe(true)
  })

  it('unlock forgets wrong guesses', async () => {
    const ada = await person()
    for (let guess = 0; guess < 8; guess++) await site.login(ada.email, `wrong ${guess} guess`)
    expect(await opens(ada.email)).toBe(false)
    expect((await site.security.users.find(ada.id))?.passwordLockedUntil).toBeGreaterThan(0)
    expect((await act('unlock', ada.id)).json.passwordLockedUntil).toBe(null)
    expect(await opens(ada.email)).toBe(true)
  })

  it('a forced reset leaves neither password nor session, and mails the way back', async () => {
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
    const ada = await person()
    await again(ada.email)
    expect((await act('end-sessions', ada.id)).json).toEqual({ ended: 2 })
    expect(await kit.isAlive(ada)).toBe(false)
    expect(await opens(ada.email)).toBe(true)
  })

  async function again(email: string) {
    const { json } = await site.login(email, goodPassword)
    return { bearer: { authorization: `Bearer ${json.accessToken}` } }
  }
})

describe('accounts that administrators make', () => {
  const make = (body: object, by = admin) => kit.post(by, '/admin/users', body)

  it('with a password are ready at once, under the rules of passwords and names', async () => {
    const made = await make({
      email: 'made@example.com',
      password: goodPassword,
      roles: ['manager'],
    })
    expect([made.status, made.json]).toMatchObject([
      201,
      { status: 'active', roles: ['manager'], createdBy: admin.id },
    ])
    expect(await opens('made@example.com')).toBe(true)
    const refusals = [
      [{ email: 'made@example.com', password: goodPassword }, '409 account_exists'],
      [{ email: 'MADE@Example.com' }, '409 account_exists'],
      [{ email: 'weak@example.com', password: 'password1234' }, '400 weak_password'],
      [{ email: 'no address' }, '400 email_invalid'],
      [{ email: 'a@example.com', username: '?' }, '400 username_invalid'],
      [{ email: 'a@example.com', roles: ['emperor'] }, '400 role_unknown'],
      [{ email: 'a@example.com', roles: ['super_admin'] }, '403 role_outranks_giver'],
      [{ email: 'a@example.com', status: 'active' }, '400 unknown_field'],
      [{ email: 'a@example.com', createdBy: 'me' }, '400 unknown_field'],
      [{ email: 'a@example.com', verifiedAt: 1 }, '400 unknown_field'],
    ] as const
    for (const [body, refusal] of refusals) {
      expect(await verdict(make(body)), JSON.stringify(body)).toBe(refusal)
    }
    expect(await site.security.users.find('a@example.com')).toBeUndefined()
  })

  it('a name that is taken is refused, also where a stranger had registered the address', async () => {
    const names = { email: 'named@example.com', username: 'named_one' }
    expect((await make(names)).status).toBe(201)
    const other = { email: 'other@example.com', username: 'NAMED_ONE' }
    expect(await verdict(make(other))).toBe('409 account_exists')
    await site.register('other@example.com')
    expect(await verdict(make(other))).toBe('409 account_exists')
    expect((await make({ email: 'other@example.com' })).json.createdBy).toBe(admin.id)
  })

  it('without one wait for their owner, whose link sets the password and confirms the address', async () => {
    const invited = await make({ email: 'ida@example.com', roles: ['manager'], reason: 'new here' })
    expect([invited.status, invited.json]).toMatchObject([
      201,
      { status: 'pending', verifiedAt: null, passwordChangedAt: null, roles: ['manager'] },
    ])
    expect(await kit.record('user.created', invited.json.id)).toMatchObject({ reason: 'new here' })
    const token = await linkTo('ida@example.com')
    expect(site.mailbox.latest('ida@example.com').text).toContain('/account/reset?token=')
    expect((await reset(token, 'short')).json.code).toBe('weak_password')
    expect((await reset(token)).status).toBe(200)
    expect(await opens('ida@example.com', newPassword)).toBe(true)
    const view = await site.security.users.find('ida@example.com')
    expect(view).toMatchObject({ status: 'active', verifiedAt: site.clock.now() })
    expect((await reset(token)).json.code).toBe('link_invalid')
    expect(await verdict(act('invite', invited.json.id))).toBe('409 account_state_conflict')
  })

  it('are invited again by a new link, and the one before ends', async () => {
    const { json } = await make({ email: 'ivy@example.com' })
    const first = await linkTo('ivy@example.com')
    expect((await act('invite', json.id)).json.status).toBe('pending')
    const second = await linkTo('ivy@example.com')
    expect((await reset(first)).json.code).toBe('link_invalid')
    expect((await reset(second)).status).toBe(200)
  })

  it('an invitation ends with its time, and with the account being disabled', async () => {
    const { json } = await make({ email: 'ian@example.com' })
    const token = await linkTo('ian@example.com')
    await act('disable', json.id)
    expect((await reset(token)).json.code).toBe('link_invalid')
    expect((await act('enable', json.id)).json.status).toBe('pending')
    expect((await reset(token)).json.code).toBe('link_invalid')
    await act('invite', json.id)
    const late = await linkTo('ian@example.com')
    const own = await openSite({ captcha: { provider: 'none' } })
    const { invitationMs } = own.security.config.links
    await own.security.users.invite({ email: 'ian@example.com' })
    await own.deliverMail()
    own.clock.jump(invitationMs)
    const body = { token: own.mailbox.latestToken('ian@example.com'), password: newPassword }
    expect((await own.post('/auth/password/reset', body)).json.code).toBe('link_invalid')
    await own.close()
    expect((await reset(late)).status).toBe(200)
  })

  it('nobody gets into an invited account by registering its address', async () => {
    const invited = await make({ email: 'boss@example.com', roles: ['manager'] })
    const invitation = await linkTo('boss@example.com')
    const evil = 'the password of an attacker 66'
    await site.post('/auth/register', { email: 'boss@example.com', password: evil })
    await site.deliverMail()
    const mailed = site.mailbox.list('boss@example.com').map(({ text }) => text)
    expect(mailed.filter((text) => /verify\?token=/.test(text))).toEqual([])
    await site.post('/auth/verify-email/resend', { email: 'boss@example.com' })
    await site.deliverMail()
    const after = site.mailbox.list('boss@example.com').map(({ text }) => text)
    expect(after.filter((text) => /verify\?token=/.test(text))).toEqual([])
    expect(await opens('boss@example.com', evil)).toBe(false)
    expect((await reset(invitation)).status).toBe(200)
    expect(await opens('boss@example.com', evil)).toBe(false)
    expect(invited.json.id).toBe((await site.security.users.find('boss@example.com'))?.id)
  })

  it('nor by having registered it before, nor with the link mailed for that', async () => {
    const evil = 'the password of an attacker 66'
    const token = await site.register('chef@example.com', { password: evil })
    await make({ email: 'chef@example.com', roles: ['manager'] })
    expect((await site.post('/auth/verify-email', { token })).json.code).toBe('link_invalid')
    expect(await opens('chef@example.com', evil)).toBe(false)
    expect((await site.security.users.find('chef@example.com'))?.status).toBe('pending')
  })

  it('no lesser administrator takes an invited account over by making it anew', async () => {
    await site.security.users.invite({ email: 'top@example.com', roles: ['super_admin'] })
    const body = { email: 'top@example.com', password: goodPassword }
    expect(await verdict(make(body))).toBe('409 account_exists')
    const { id } = (await site.security.users.find('top@example.com')) ?? { id: '' }
    expect(await verdict(act('invite', id))).toBe('403 role_outranks_giver')
  })

  it('the job that clears registrations leaves invitations alone', async () => {
    const own = await openSite({ captcha: { provider: 'none' } })
    await own.security.users.invite({ email: 'ina@example.com' })
    await own.register('stranger@example.com')
    own.clock.jump(400 * 24 * hour)
    await own.security.parts.rooms.signUp.sweep()
    expect((await own.security.users.find('ina@example.com'))?.status).toBe('pending')
    expect(await own.security.users.find('stranger@example.com')).toBeUndefined()
    await own.close()
  })

  it('where only those who are invited may come, an invitation opens the door and nothing else does', async () => {
    const own = await openSite({ captcha: { provider: 'none' }, registration: 'invite' })
    const register = { email: 'una@example.com', password: goodPassword }
    expect((await own.post('/auth/register', register)).json.code).toBe('registration_closed')
    await own.security.users.invite({ email: 'una@example.com' })
    expect((await own.post('/auth/register', register)).json.code).toBe('registration_closed')
    await own.deliverMail()
    const body = { token: own.mailbox.latestToken('una@example.com'), password: newPassword }
    expect((await own.post('/auth/password/reset', body)).status).toBe(200)
    expect((await own.login('una@example.com', newPassword)).json.status).toBe('signed_in')
    await own.close()
  })

  it('where nobody may come, nobody is invited; accounts are made with a password', async () => {
    const own = await openSite({ captcha: { provider: 'none' }, registration: 'closed' })
    const ownKit = adminKit(own)
    const boss = await ownKit.someone('boss', ['super_admin'])
    const names = { email: 'una@example.com' }
    const invite = ownKit.post(boss, '/admin/users', names)
    expect(await verdict(invite)).toBe('403 invitations_closed')
    const create = ownKit.post(boss, '/admin/users', { ...names, password: goodPassword })
    expect(await verdict(create)).toBe('201')
    const again = ownKit.post(boss, `/admin/users/${boss.id}/invite`, { reason: 'x' })
    expect(await verdict(again)).toBe('403 invitations_closed')
    await own.close()
  })
})
