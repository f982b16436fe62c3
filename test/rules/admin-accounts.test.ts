import { describe, expect, it } from 'vitest'
import { hour, newPassword, openAdminBench } from './admin-bench.ts'
import { adminKit, verdict } from './admin-kit.ts'
import { goodPassword, openSite } from './identity-kit.ts'

const bench = openAdminBench()
const { act, linkTo, opens, reset } = bench

describe('accounts that administrators make', () => {
  const make = (body: object, by = bench.admin) => bench.kit.post(by, '/admin/users', body)

  it('with a password are ready at once, under the rules of passwords and names', async () => {
    const { admin, site } = bench
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
    const { admin, site } = bench
    const names = { email: 'named@example.com', username: 'named_one' }
    expect((await make(names)).status).toBe(201)
    const other = { email: 'other@example.com', username: 'NAMED_ONE' }
    expect(await verdict(make(other))).toBe('409 account_exists')
    await site.register('other@example.com')
    expect(await verdict(make(other))).toBe('409 account_exists')
    expect((await make({ email: 'other@example.com' })).json.createdBy).toBe(admin.id)
  })

  it('without one wait for their owner, whose link sets the password and confirms the address', async () => {
    const { kit, site } = bench
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
    const { site } = bench
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
    const { site } = bench
    const evil = 'the password of an attacker 66'
    const token = await site.register('chef@example.com', { password: evil })
    await make({ email: 'chef@example.com', roles: ['manager'] })
    expect((await site.post('/auth/verify-email', { token })).json.code).toBe('link_invalid')
    expect(await opens('chef@example.com', evil)).toBe(false)
    expect((await site.security.users.find('chef@example.com'))?.status).toBe('pending')
  })

  it('no lesser administrator takes an invited account over by making it anew', async () => {
    const { site } = bench
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
