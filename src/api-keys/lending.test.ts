import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import type { Giver } from '../access/index.ts'
import { SecurityError } from '../errors/index.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'

const password = 'correct horse battery staple 42'
const north = { column: 'region', equals: 'north' } as const

describeEngines('keys that somebody makes for somebody else', (engine) => {
  let fresh: FreshDatabase
  let kit: TestSecurity
  let people = 0
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    kit = await createTestSecurity({
      database: fresh.url,
      access: {
        resources: { orders: { columns: { region: 'text' } }, tasks: {} },
        roles: {
          northern: { permissions: [{ permission: 'read:orders', when: north }] },
          all: { permissions: ['read:*', 'write:orders'] },
          barred: { permissions: ['read:*'], deny: ['read:orders'] },
          partly_barred: {
            permissions: ['read:*'],
            deny: [{ permission: 'read:orders', when: north }],
          },
          writer: { permissions: ['write:*'], deny: ['update:orders'] },
        },
      },
    })
  })
  afterAll(async () => {
    await kit?.close()
    await fresh?.drop()
  })

  const keys = () => kit.security.apiKeys
  const accounts = () => kit.security.serviceAccounts
  const giver = async (...roles: string[]): Promise<{ readonly giver: Giver }> => {
    const email = `giver${++people}@example.com`
    const { id } = await kit.security.users.create({ email, password, roles })
    return { giver: { userId: id, roles } }
  }
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'passes',
      (error: SecurityError) => error.code,
    )
  const program = async (...roles: string[]) => {
    const { id } = await accounts().create({ name: `program ${++people}`, roles })
    return { kind: 'service_account', id } as const
  }

  it('do nothing that their maker may do for some rows alone, or may not do at all', async () => {
    const owner = await program('all')
    const cases: readonly [string, string, string][] = [
      ['northern', 'read:orders', 'scope_outranks_owner'],
      ['barred', 'read:orders', 'scope_outranks_owner'],
      ['barred', 'read:*', 'scope_outranks_owner'],
      ['partly_barred', 'read:orders', 'scope_outranks_owner'],
      ['partly_barred', 'read:*', 'scope_outranks_owner'],
      ['writer', 'write:orders', 'scope_outranks_owner'],
      ['writer', 'update:orders', 'scope_outranks_owner'],
      ['barred', 'read:tasks', 'passes'],
      ['partly_barred', 'read:tasks', 'passes'],
      ['writer', 'create:orders', 'passes'],
      ['all', 'read:*', 'passes'],
    ]
    for (const [role, scope, code] of cases) {
      const by = await giver(role)
      const made = await refusal(keys().create(owner, { name: 'x', scopes: [scope] }, by))
      const { apiKey } = await keys().create(owner, { name: 'x', scopes: [scope] })
      const rotated = await refusal(keys().rotate(apiKey.id, {}, by))
      expect([role, scope, made, rotated]).toEqual([role, scope, code, code])
    }
  })

  it('do no more than their maker still may, however they asked', async () => {
    const owner = await program('all')
    const asked = await giver('all')
    await kit.security.users.withdrawRole(asked.giver.userId, 'all')
    const { apiKey } = await keys().create(owner, { name: 'x', scopes: ['read:tasks'] })
    const input = { name: 'x', scopes: ['read:tasks'] }
    expect(await refusal(keys().create(owner, input, asked))).toBe('scope_outranks_owner')
    expect(await refusal(keys().rotate(apiKey.id, {}, asked))).toBe('scope_outranks_owner')
    const since = await giver('barred')
    await kit.security.users.grantRole(since.giver.userId, 'all')
    const early = { giver: { ...since.giver, roles: [] } }
    expect(await refusal(keys().create(owner, input, early))).toBe('scope_outranks_owner')
  })

  it('are lent by their owner for the rows that are theirs', async () => {
    const email = `giver${++people}@example.com`
    const { id } = await kit.security.users.create({ email, password, roles: ['northern'] })
    const own = { kind: 'user', id } as const
    const { key } = await keys().create(own, { name: 'x', scopes: ['read:orders'] })
    const auth = await kit.security.parts.rooms.keyAuthenticator.authenticate({ key, origin: {} })
    if (auth instanceof SecurityError) throw auth
    expect(auth.can('read:orders', { region: 'north' })).toBe(true)
    expect(auth.can('read:orders', { region: 'south' })).toBe(false)
  })
})
