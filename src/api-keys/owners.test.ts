import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { SecurityError } from '../errors/index.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'

describeEngines('keys and roles of organisations', (engine) => {
  let fresh: FreshDatabase
  let kit: TestSecurity
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    kit = await createTestSecurity({
      database: fresh.url,
      access: {
        resources: {
          orders: { columns: { organisation_id: 'text' }, tenant: 'organisation_id' },
        },
        roles: { reader: { permissions: ['read:orders'] } },
      },
    })
  })
  afterAll(async () => {
    await kit?.close()
    await fresh?.drop()
  })

  const scopes = ['read:orders']
  const show = async (key: string) => {
    const origin = { ip: '192.0.2.1' }
    const outcome = await kit.security.parts.rooms.keyAuthenticator.authenticate({ key, origin })
    return outcome instanceof SecurityError ? outcome.code : outcome.organisation
  }
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'passes',
      (error: SecurityError) => error.code,
    )

  it('are theirs by their ids, whichever name they were given by', async () => {
    const { apiKeys, organisations, serviceAccounts } = kit.security
    const { id } = await organisations.create({ name: 'Acme', slug: 'acme' })
    const named = { kind: 'organisation', id: 'acme' } as const
    expect(await serviceAccounts.grantRole(named, 'reader')).toBe(true)
    expect(await serviceAccounts.grantRole({ ...named, id }, 'reader')).toBe(false)
    const held = await serviceAccounts.roles({ ...named, id })
    expect(held.map(({ role }) => role)).toEqual(['reader'])
    const { apiKey } = await apiKeys.create(named, { name: 'x', scopes: scopes })
    expect(apiKey).toMatchObject({ owner: { kind: 'organisation', id }, organisation: id })
    expect(await apiKeys.list(id)).toHaveLength(1)
    await serviceAccounts.withdrawRole(named, 'reader')
    expect(await serviceAccounts.roles({ ...named, id })).toEqual([])
  })

  it('rule 26: are not made for a program that acts elsewhere than the key is meant to', async () => {
    const { apiKeys, organisations, serviceAccounts } = kit.security
    const { id: here } = await organisations.create({ name: 'Here', slug: 'here' })
    await organisations.create({ name: 'There', slug: 'there' })
    const everywhere = await serviceAccounts.create({ name: 'everywhere' })
    await serviceAccounts.grantRole({ kind: 'service_account', id: everywhere.id }, 'reader')
    const asked = (owner: Parameters<typeof apiKeys.create>[0]) =>
      refusal(apiKeys.create(owner, { name: 'x', scopes }))
    const program = { kind: 'service_account', id: everywhere.id } as const
    for (const organisation of ['here', here, 'absent']) {
      expect(await asked({ ...program, organisation }), organisation).toBe('invalid_request')
    }
    const own = { kind: 'organisation', id: 'here' } as const
    expect(await asked({ ...own, organisation: 'there' })).toBe('invalid_request')
    await serviceAccounts.grantRole(own, 'reader')
    expect(await asked({ ...own, organisation: here })).toBe('passes')
    expect(await asked(program)).toBe('passes')
  })

  it('stay behind when its short name goes to another one', async () => {
    const { apiKeys, organisations, serviceAccounts } = kit.security
    const first = await organisations.create({ name: 'First', slug: 'brand' })
    const second = await organisations.create({ name: 'Second', slug: 'second' })
    const named = { kind: 'organisation', id: 'brand' } as const
    await serviceAccounts.grantRole(named, 'reader')
    const { key } = await apiKeys.create(named, { name: 'x', scopes })
    expect(await show(key)).toBe(first.id)
    await moveName('brand', { from: first.id, to: second.id })
    expect(await show(key)).toBe(first.id)
    expect(await serviceAccounts.roles(named)).toEqual([])
    expect(await apiKeys.list(second.id)).toEqual([])
    await organisations.close(first.id)
    expect(await show(key)).toBe('api_key_invalid')
  })

  it('work in no organisation that merely has the name of their owner', async () => {
    const { apiKeys, organisations, serviceAccounts } = kit.security
    const { id } = await organisations.create({ name: 'Old', slug: 'oldname' })
    await serviceAccounts.grantRole({ kind: 'organisation', id }, 'reader')
    const { apiKey, key } = await apiKeys.create(
      { kind: 'organisation', id },
      { name: 'x', scopes },
    )
    expect(await show(key)).toBe(id)
    const change = (values: object) =>
      database().transaction(async (trx) => {
        await revocations().announce(trx, { kind: 'key', id: apiKey.id })
        await trx.updateTable('hf_api_keys').set(values).where('id', '=', apiKey.id).execute()
      })
    await change({ owner_id: 'oldname' })
    expect(await show(key)).toBe('api_key_invalid')
    const other = await organisations.create({ name: 'Other', slug: 'elsewhere' })
    await change({ owner_id: id, organisation_id: other.id })
    expect(await show(key)).toBe('api_key_invalid')
    await change({ organisation_id: id })
    expect(await show(key)).toBe(id)
  })

  it('are of nobody who is not there', async () => {
    const { apiKeys, serviceAccounts } = kit.security
    const absent = { kind: 'organisation', id: 'nowhere' } as const
    expect(await refusal(serviceAccounts.grantRole(absent, 'reader'))).toBe(
      'organisation_not_found',
    )
    expect(await refusal(apiKeys.create(absent, { name: 'x', scopes }))).toBe(
      'organisation_not_found',
    )
    const gone = { kind: 'service_account', id: 'nobody' } as const
    expect(await refusal(serviceAccounts.grantRole(gone, 'reader'))).toBe(
      'service_account_not_found',
    )
    expect(await refusal(apiKeys.create(gone, { name: 'x', scopes }))).toBe('api_key_not_found')
  })

  it('are those of a service account by its id, too', async () => {
    const { apiKeys, serviceAccounts } = kit.security
    const { id } = await serviceAccounts.create({ name: 'nightly', roles: ['organisation_member'] })
    const named = { kind: 'service_account', id: 'nightly' } as const
    expect(await serviceAccounts.grantRole(named, 'reader')).toBe(true)
    const { apiKey, key } = await apiKeys.create(named, { name: 'x', scopes })
    expect(apiKey.owner).toEqual({ kind: 'service_account', id })
    const { roles } = await serviceAccounts.get('nightly')
    expect(roles.map(({ role }) => role)).toEqual(['organisation_member', 'reader'])
    await serviceAccounts.withdrawRole(named, 'reader')
    await serviceAccounts.disable('nightly')
    expect(await show(key)).toBe('api_key_invalid')
  })

  const database = () => kit.security.parts.ground.database
  const revocations = () => kit.security.parts.ground.revocations

  /** As a rename does it, whatever is in the way of giving such a name again. */
  async function moveName(slug: string, { from, to }: { from: string; to: string }) {
    await database().transaction(async (trx) => {
      const rows = () => trx.updateTable('hf_organisations')
      await rows().set({ slug: 'former' }).where('id', '=', from).execute()
      await rows().set({ slug }).where('id', '=', to).execute()
    })
  }
})
