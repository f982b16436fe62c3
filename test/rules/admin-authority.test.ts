import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AdminKit, adminKit, verdict } from './admin-kit.ts'
import { goodPassword, openSite, type Person, type Site } from './identity-kit.ts'

let site: Site
let kit: AdminKit
let root: Person
let admin: Person
let helper: Person

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
  root = await kit.someone('root', ['super_admin', 'admin', 'user'])
  admin = await kit.someone('admin', ['admin', 'user'])
  helper = await kit.someone('helper', ['helper'])
})
afterAll(() => site.close())

const outranked = { code: 'role_outranks_giver' }

describe('roles of a new account', () => {
  const make = (by: Person, email: string, more: object = {}) =>
    verdict(kit.post(by, '/admin/users', { email, ...more }))

  it('are named only by who may give roles, also roles that they hold themselves', async () => {
    const password = goodPassword
    for (const roles of [['helper'], ['user'], []]) {
      expect(await make(helper, 'sock@example.com', { roles, password })).toBe('403 forbidden')
      expect(await make(helper, 'sock@example.com', { roles })).toBe('403 forbidden')
    }
    expect(await site.security.users.find('sock@example.com')).toBeUndefined()
    expect(await make(helper, 'plain@example.com', { password })).toBe('201')
    expect(await make(helper, 'guest@example.com')).toBe('201')
    expect((await site.security.users.find('plain@example.com'))?.roles).toEqual(['user'])
    expect(await make(admin, 'made@example.com', { roles: ['helper'] })).toBe('201')
  })

  it('are named in code by the same rule', async () => {
    const { users } = site.security
    const giver = { userId: helper.id, roles: ['helper'] }
    const input = { email: 'code@example.com', roles: ['helper'] }
    const forbidden = { code: 'forbidden' }
    await expect(users.invite(input, { giver })).rejects.toMatchObject(forbidden)
    const ready = { ...input, password: goodPassword }
    await expect(users.create(ready, { giver })).rejects.toMatchObject(forbidden)
    expect(await users.find('code@example.com')).toBeUndefined()
  })

  it('somebody who registered and was given a role is not made anew by who holds less', async () => {
    const { users } = site.security
    await site.register('early@example.com')
    await users.grantRole('early@example.com', 'admin')
    const password = goodPassword
    const answer = make(helper, 'early@example.com', { password })
    expect(await answer).toBe('403 role_outranks_giver')
    expect(await users.find('early@example.com')).toMatchObject({ status: 'pending' })
    expect(await make(root, 'early@example.com', { password })).toBe('201')
  })
})

describe('roles of somebody who holds more', () => {
  it('are neither given nor taken, whatever the role is', async () => {
    const roles = `/admin/users/${root.id}/roles`
    const take = site.request('DELETE', `${roles}/admin`, { headers: { ...admin.bearer } })
    expect(await verdict(take)).toBe('403 role_outranks_giver')
    const give = kit.post(admin, roles, { role: 'manager' })
    expect(await verdict(give)).toBe('403 role_outranks_giver')
    expect((await site.security.users.find(root.id))?.roles).toEqual([
      ...['admin', 'super_admin', 'user'],
    ])
  })
})

describe('authority', () => {
  it('is what is held inside the transaction: who was demoted meanwhile does no more', async () => {
    const { users } = site.security
    const demoted = await kit.someone('demoted', ['super_admin'])
    const target = await kit.someone('target', ['admin', 'manager'])
    await users.withdrawRole(demoted.id, 'super_admin')
    const by = { giver: { userId: demoted.id, roles: ['super_admin'] } }
    const input = { email: 'late@example.com', roles: ['manager'] }
    for (const change of [
      () => users.disable(target.id, by),
      () => users.erase(target.id, by),
      () => users.grantRole(target.id, 'user', by),
      () => users.withdrawRole(target.id, 'manager', by),
    ]) {
      await expect(change()).rejects.toMatchObject(outranked)
    }
    await expect(users.invite(input, by)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await users.find(target.id)).toMatchObject({
      ...{ status: 'active', roles: ['admin', 'manager'] },
    })
  })

  it('is no more than the request came with, although the person holds more', async () => {
    const { users } = site.security
    const target = await kit.someone('narrow', ['manager'])
    const by = { giver: { userId: root.id, roles: ['user'] } }
    await expect(users.disable(target.id, by)).rejects.toMatchObject(outranked)
    await expect(users.grantRole(target.id, 'admin', by)).rejects.toMatchObject(outranked)
    expect(await kit.isAlive(target)).toBe(true)
  })
})
