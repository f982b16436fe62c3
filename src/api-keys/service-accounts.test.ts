import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { SecurityError } from '../errors/index.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'

const password = 'correct horse battery staple 42'

describeEngines('service accounts', (engine) => {
  let fresh: FreshDatabase
  let kit: TestSecurity
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const roles = {
      mighty: { permissions: ['*'] },
      heir: { permissions: [], inherits: ['mighty'] },
    }
    kit = await createTestSecurity({ database: fresh.url, access: { roles } })
  })
  afterAll(async () => {
    await kit?.close()
    await fresh?.drop()
  })

  const keys = () => kit.security.apiKeys
  const accounts = () => kit.security.serviceAccounts
  const show = (key: string) =>
    kit.security.parts.rooms.keyAuthenticator.authenticate({ key, origin: { ip: '192.0.2.1' } })
  const can = async (key: string, permission: string) => {
    const auth = await show(key)
    return auth instanceof SecurityError ? auth.code : auth.can(permission)
  }

  it('hold roles and keys, and stop when they are closed', async () => {
    const { id } = await accounts().create({ name: 'nightly', roles: ['manager'] })
    const owner = { kind: 'service_account', id } as const
    const { key } = await keys().create(owner, { name: 'export', scopes: ['read:orders'] })
    expect(await can(key, 'read:orders')).toBe(true)
    await accounts().disable(id)
    expect(await can(key, 'read:orders')).toBe('api_key_invalid')
    await accounts().enable(id)
    expect(await can(key, 'read:orders')).toBe(true)
    await accounts().withdrawRole({ kind: 'service_account', id }, 'manager')
    expect(await can(key, 'read:orders')).toBe(false)
    const end = { expiresAt: kit.clock.now() + 1_000 }
    expect(await accounts().grantRole({ kind: 'service_account', id }, 'manager', end)).toBe(true)
    expect(await accounts().grantRole({ kind: 'service_account', id }, 'manager', end)).toBe(false)
    expect(await can(key, 'read:orders')).toBe(true)
    await kit.advance(1_000)
    expect(await can(key, 'read:orders')).toBe(false)
    expect(await accounts().grantRole({ kind: 'service_account', id }, 'manager')).toBe(true)
    expect(await can(key, 'read:orders')).toBe(true)
  })

  it('have names of their own', async () => {
    const { id } = await accounts().create({ name: 'twice' })
    const again = accounts().create({ name: 'twice' })
    await expect(again).rejects.toMatchObject({ code: 'service_account_exists' })
    expect(await accounts().get('twice')).toMatchObject({ id, status: 'active', roles: [] })
    expect((await accounts().list()).map(({ name }) => name)).toContain('twice')
    const absent = accounts().get('absent')
    await expect(absent).rejects.toMatchObject({ code: 'service_account_not_found' })
  })

  it('hold everything never, and nothing that their giver does not hold', async () => {
    const everything = accounts().create({ name: 'all', roles: ['super_admin'] })
    await expect(everything).rejects.toMatchObject({ code: 'role_unknown' })
    for (const role of ['mighty', 'heir']) {
      const likewise = accounts().create({ name: role, roles: [role] })
      await expect(likewise).rejects.toMatchObject({
        code: 'role_unknown',
        extras: { members: { roles: expect.not.arrayContaining(['mighty', 'heir']) } },
      })
    }
    const email = 'giver@example.com'
    const giver = await kit.security.users.create({ email, password, roles: ['manager'] })
    const by = { giver: { userId: giver.id, roles: ['manager'] } }
    const wide = accounts().create({ name: 'wide', roles: ['admin'] }, by)
    await expect(wide).rejects.toMatchObject({ code: 'role_outranks_giver' })
    const { id } = await accounts().create({ name: 'strong', roles: ['admin'] })
    const owner = { kind: 'service_account', id } as const
    const input = { name: 'deletes', scopes: ['delete:orders'] }
    const lent = keys().create(owner, input, by)
    await expect(lent).rejects.toMatchObject({ code: 'scope_outranks_owner' })
    const { apiKey } = await keys().create(owner, input)
    const rotated = keys().rotate(apiKey.id, {}, by)
    await expect(rotated).rejects.toMatchObject({ code: 'scope_outranks_owner' })
    await expect(accounts().disable(id, by)).rejects.toMatchObject({ code: 'role_outranks_giver' })
  })
})
