import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Kit, openKit, type Person } from '../../test/adapters/site.ts'

const hour = 3_600_000
let kit: Kit
let temp: Person
let friend: Person
let end: number
const giver = () => ({ userId: temp.userId, roles: ['admin', 'user'] })

beforeAll(async () => {
  kit = await openKit({
    access: { resources: { orders: {} }, roles: { clerk: { permissions: ['read:orders'] } } },
  })
  ;[temp, friend] = [await kit.person('user'), await kit.person('user')]
  end = kit.clock.now() + hour
  await kit.security.users.grantRole(temp.userId, 'admin', { expiresAt: end })
})
afterAll(() => kit.close())

const grantsOf = async ({ userId }: Person) => {
  const { ground, rooms } = kit.security.parts
  const held = await rooms.access.grantsOf(ground.database.reader, userId)
  return new Map(held.map((row) => [row.role, row.expires_at]))
}

it('rule 10: nobody gives a role for longer than they hold it, and the record tells its end', async () => {
  const { users } = kit.security
  await users.grantRole(friend.userId, 'admin', { giver: giver() })
  await users.grantRole(friend.userId, 'manager', { giver: giver(), expiresAt: end + hour })
  await users.grantRole(friend.userId, 'clerk', { giver: giver(), expiresAt: end - 1 })
  const grants = await grantsOf(friend)
  expect([grants.get('admin'), grants.get('manager'), grants.get('clerk')]).toEqual([
    ...[end, end],
    end - 1,
  ])
  const rows = await kit.security.parts.ground.database.reader
    .selectFrom('hf_audit')
    .selectAll()
    .where('action', '=', 'role.granted')
    .where('resource_id', '=', friend.userId)
    .execute()
  const told = rows.map((row) => /expiresAt[^0-9]+(\d+)/.exec(JSON.stringify(row))?.[1])
  expect(told.filter(Boolean).map(Number).sort()).toEqual([end - 1, end, end])
})

it('rule 10: what a giver holds for good, they give for good; and code gives as it says', async () => {
  const other = await kit.person('user')
  const lasting = await kit.person('admin')
  const by = { userId: lasting.userId, roles: ['admin'] }
  await kit.security.users.grantRole(other.userId, 'clerk', { giver: by })
  await kit.security.users.grantRole(other.userId, 'manager')
  const grants = await grantsOf(other)
  expect([grants.get('clerk'), grants.get('manager')]).toEqual([null, null])
})

it('rule 10: roles of a new account end with their giver, and the one that every account gets does not', async () => {
  const { users } = kit.security
  const chosen = { email: 'chosen@example.com', roles: ['clerk'] }
  const { id } = await users.invite(chosen, { giver: giver() })
  const plain = await users.invite({ email: 'plain@example.com' }, { giver: giver() })
  expect((await grantsOf({ userId: id } as Person)).get('clerk')).toBe(end)
  expect((await grantsOf({ userId: plain.id } as Person)).get('user')).toBeNull()
})

it('rule 10: a program holds nothing for longer than whoever gave it, and no key of theirs lasts longer', async () => {
  const { apiKeys, serviceAccounts } = kit.security
  const by = { giver: giver() }
  const robot = await serviceAccounts.create({ name: 'robot', roles: ['clerk'] }, by)
  expect(robot.roles).toMatchObject([{ role: 'clerk', expiresAt: end }])
  await serviceAccounts.grantRole({ kind: 'service_account', id: robot.id }, 'manager')
  const owner = { kind: 'service_account', id: robot.id } as const
  const made = await apiKeys.create(owner, { name: 'k', scopes: ['read:orders'] }, by)
  expect(made.apiKey.expiresAt).toBe(end)
  const lasting = await apiKeys.create(owner, { name: 'l', scopes: ['read:orders'] })
  expect(lasting.apiKey.expiresAt).toBeNull()
  const next = await apiKeys.rotate(lasting.apiKey.id, {}, by)
  expect(next.apiKey.expiresAt).toBe(end)
})

it('rule 10: nobody writes into a role what they hold for a while, and narrows it as they like', async () => {
  const { roles } = kit.security
  await roles.set('made', { permissions: ['read:orders', 'write:orders'] })
  const by = { giver: giver() }
  const wider = { permissions: ['read:orders', 'write:orders', 'delete:orders'] }
  await expect(roles.set('made', wider, by)).rejects.toMatchObject({ code: 'role_outranks_giver' })
  await expect(roles.set('new', { permissions: ['read:orders'] }, by)).rejects.toMatchObject({
    code: 'role_outranks_giver',
  })
  await roles.set('made', { permissions: ['read:orders'] }, by)
  expect((await roles.find('made'))?.permissions).toEqual(['read:orders'])
})

it('explains nothing as allowed to an account that is not in use', async () => {
  const { access, users } = kit.security
  const { userId } = await kit.person('manager')
  const asked = { userId, permission: 'read:orders' }
  expect((await access.explain(asked)).allowed).toBe(true)
  await users.disable(userId)
  expect(await access.explain(asked)).toMatchObject({ allowed: false, reason: 'account_closed' })
})
