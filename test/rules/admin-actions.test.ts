import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AdminKit, actions, adminKit, verdict } from './admin-kit.ts'
import { openSite, type Person, type Site } from './identity-kit.ts'

let site: Site
let kit: AdminKit
let root: Person
let admin: Person
let eve: Person
let ada: Person

beforeAll(async () => {
  site = await openSite({
    captcha: { provider: 'none' },
    access: {
      roles: {
        helper: {
          permissions: ['read:security:users', 'write:security:users', 'read:own', 'write:own'],
        },
      },
    },
  })
  kit = adminKit(site)
  root = await kit.someone('root', ['super_admin'])
  admin = await kit.someone('admin', ['admin', 'user'])
  eve = await kit.someone('eve')
  ada = await kit.someone('ada')
})
afterAll(() => site.close())

const nobodysId = '01980000-0000-7000-8000-000000000000'

describe.each(actions)('$name', (action) => {
  it('needs its permission, and changes nothing without it', async () => {
    const manager = await kit.someone(`manager-${action.name}`, ['manager'])
    const before = site.dump().hf_users
    expect(await verdict(kit.act(undefined, action, ada.id))).toBe('401 authentication_required')
    expect(await verdict(kit.act(eve, action, ada.id))).toBe('403 forbidden')
    expect(await verdict(kit.act(manager, action, ada.id))).toBe('403 forbidden')
    if (action.permission === 'delete:security:users') {
      const helper = await kit.someone(`helper-${action.name}`, ['helper'])
      expect(await verdict(kit.act(helper, action, ada.id))).toBe('403 forbidden')
      expect(site.dump().hf_users).toHaveLength((before?.length ?? 0) + 1)
    } else {
      expect(site.dump().hf_users).toEqual(before)
    }
  })

  it('needs a reason, and takes nothing else than it says', async () => {
    for (const body of [
      {},
      { reason: '' },
      { reason: ' \t ' },
      { reason: 7 },
      { reason: 'x'.repeat(501) },
      undefined,
    ]) {
      const answer = kit.act(admin, action, ada.id, body ?? null)
      expect(await verdict(answer), JSON.stringify(body)).toBe('400 invalid_request')
    }
    for (const field of ['role', 'roles', 'status', 'id', 'userId', 'actor', 'giver', 'by']) {
      const body = { reason: 'x', [field]: 'super_admin' }
      expect(await verdict(kit.act(admin, action, ada.id, body)), field).toBe('400 unknown_field')
    }
    expect(await kit.isAlive(ada)).toBe(true)
  })

  it('is not done to oneself, to who holds more, or to nobody', async () => {
    const before = site.dump().hf_users
    expect(await verdict(kit.act(admin, action, admin.id))).toBe('403 own_account_unchangeable')
    expect(await verdict(kit.act(root, action, root.id))).toBe('403 own_account_unchangeable')
    expect(await verdict(kit.act(admin, action, root.id))).toBe('403 role_outranks_giver')
    for (const id of [nobodysId, 'ada@example.com', "'%20or%201=1", 'x', '%25']) {
      expect(await verdict(kit.act(admin, action, id)), id).toMatch(/^404 /)
    }
    expect(await verdict(kit.act(admin, action, '%00'))).toBe('400 path_ambiguous')
    expect(site.dump().hf_users).toEqual(before)
  })

  it('stands in the audit log with who did it, why and from where', async () => {
    const target = await kit.someone(`target-${action.name}`)
    if (action.name === 'enable') await site.security.users.disable(target.id)
    expect(await verdict(kit.act(admin, action, target.id))).toMatch(/^20[04]$/)
    expect(await kit.record(action.event, target.id)).toMatchObject({
      actor_kind: 'user',
      actor_id: admin.id,
      resource_kind: 'user',
      reason: `because of ${action.name}`,
      outcome: 'success',
      method: action.method,
      ip: '127.0.0.1',
    })
  })

  it('asks for a recent proof of the person behind the session', async () => {
    const late = await openSite({ captcha: { provider: 'none' } })
    const lateKit = adminKit(late)
    const old = await lateKit.someone('old', ['super_admin'])
    const other = await lateKit.someone('other')
    const before = late.dump().hf_users
    await late.advance(late.security.config.stepUp.withinMs + 1)
    expect(await verdict(lateKit.act(old, action, other.id))).toBe('401 step_up_required')
    expect(late.dump().hf_users).toEqual(before)
    await late.close()
  })
})

it('making an account and changing roles ask for a recent proof as well', async () => {
  const late = await openSite({ captcha: { provider: 'none' } })
  const lateKit = adminKit(late)
  const old = await lateKit.someone('old', ['super_admin'])
  const other = await lateKit.someone('other')
  await late.advance(late.security.config.stepUp.withinMs + 1)
  const roles = `/admin/users/${other.id}/roles`
  expect(await verdict(lateKit.post(old, roles, { role: 'manager' }))).toBe('401 step_up_required')
  const take = late.request('DELETE', `${roles}/user`, { headers: old.bearer })
  expect(await verdict(take)).toBe('401 step_up_required')
  const make = lateKit.post(old, '/admin/users', { email: 'new@example.com' })
  expect(await verdict(make)).toBe('401 step_up_required')
  const again = await lateKit.post(old, `/admin/users/${other.id}/invite`, { reason: 'x' })
  expect(again.json.code).toBe('step_up_required')
  expect((await late.get('/admin/users', { ...old.bearer })).status).toBe(200)
  await late.close()
})

describe('reading accounts', () => {
  const paths = () => ['/admin/users', `/admin/users/${ada.id}`, `/admin/users/${ada.id}/sessions`]

  it('needs read:security:users', async () => {
    for (const path of paths()) {
      expect(await verdict(site.get(path)), path).toBe('401 authentication_required')
      expect(await verdict(site.get(path, { ...eve.bearer })), path).toBe('403 forbidden')
      expect((await site.get(path, { ...admin.bearer })).status, path).toBe(200)
    }
    for (const path of [`/admin/users/${nobodysId}`, '/admin/users/x', '/admin/users/x/sessions']) {
      expect(await verdict(site.get(path, { ...admin.bearer }))).toBe('404 account_not_found')
    }
  })

  it('gives a role until an instant to come, and no other', async () => {
    const path = `/admin/users/${ada.id}/roles`
    const give = (expiresAt: number) => kit.post(root, path, { role: 'helper', expiresAt })
    const now = site.clock.now()
    for (const past of [1, now - 1, now]) {
      const { json, status } = await give(past)
      expect([status, json.errors]).toMatchObject([
        400,
        [{ pointer: '#/body/expiresAt', code: 'in_the_past' }],
      ])
    }
    const later = site.security.users.grantRole(ada.id, 'helper', { expiresAt: now - 1 })
    await expect(later).rejects.toMatchObject({ code: 'invalid_request' })
    expect((await give(now + 60_000)).status).toBe(200)
    await site.security.users.withdrawRole(ada.id, 'helper')
  })

  it('shows no secret, and says what administrators ask for', async () => {
    const { json } = await site.get(`/admin/users/${ada.id}`, { ...admin.bearer })
    expect(json).toEqual({
      ...{ id: ada.id, email: 'ada@example.com', username: null, displayName: null },
      ...{ companyName: null, status: 'active', statusReason: null, lockedUntil: null },
      ...{ passwordLockedUntil: null, eraseAt: null, roles: ['user'], metadata: {} },
      ...{ createdAt: expect.any(Number), createdBy: 'code', verifiedAt: expect.any(Number) },
      ...{ passwordChangedAt: expect.any(Number), lastSignInAt: expect.any(Number) },
      ...{ lastSignInIp: '192.0.2.1', lastFailureAt: null },
      ...{ totpSince: null, passkeys: 0, requiredLevel: 1 },
    })
    await site.login('ada@example.com', 'not hers at all', '192.0.2.77')
    const later = await site.get(`/admin/users/${ada.id}`, { ...admin.bearer })
    expect(later.json.lastFailureAt).toBe(site.clock.now())
    const sessions = await site.get(`/admin/users/${ada.id}/sessions`, { ...admin.bearer })
    expect(sessions.json.sessions).toMatchObject([{ ip: '192.0.2.1', current: false }])
    expect(sessions.text).not.toMatch(/hash|token/i)
  })
})
