import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { generateSecrets } from '../config/index.ts'
import { SecurityError } from '../errors/index.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import type { ShownKey } from './api-keys.ts'

const hour = 60 * 60 * 1000
const password = 'correct horse battery staple 42'

describeEngines('a key that was made where the options are not known', (engine) => {
  let fresh: FreshDatabase
  let app: TestSecurity
  let tool: TestSecurity
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const apiKeys = { maxLifetime: '1h', maxLimitPerHour: 100, limitPerHour: 50 } as const
    const { masterKey } = generateSecrets()
    app = await createTestSecurity({ database: fresh.url, masterKey, apiKeys })
    const { clock } = app
    tool = await createTestSecurity({ database: fresh.url, masterKey, clock })
  })
  afterAll(async () => {
    await tool?.close()
    await app?.close()
    await fresh?.drop()
  })

  const show = (key: string) =>
    app.security.parts.rooms.keyAuthenticator.authenticate({ key, origin: { ip: '192.0.2.1' } })
  const make = async (more: object = {}) => {
    const email = `person${crypto.randomUUID()}@example.com`
    const { id } = await app.security.users.create({ email, password, roles: ['manager'] })
    const input = { name: 'sync', scopes: ['read:orders'], ...more }
    return tool.security.apiKeys.create({ kind: 'user', id }, input)
  }

  /** As if so much time had passed since a key was made. */
  const age = ({ apiKey }: ShownKey, ms: number) =>
    app.security.parts.ground.database.transaction((trx) =>
      trx
        .updateTable('hf_api_keys')
        .set({ created_at: apiKey.createdAt - ms })
        .where('id', '=', apiKey.id)
        .execute(),
    )

  it('lives no longer than they allow, and is shown with that end', async () => {
    const [young, old] = [await make(), await make()]
    expect(young.apiKey.expiresAt).toBeNull()
    await age(young, hour - 60_000)
    await age(old, hour)
    const auth = await show(young.key)
    if (auth instanceof SecurityError) throw auth
    const end = young.apiKey.createdAt + 60_000
    expect(app.security.parts.rooms.keyAuthenticator.expiresAt(auth)).toBe(end)
    expect(await show(old.key)).toMatchObject({ code: 'api_key_invalid' })
    const view = ({ apiKey: { id } }: ShownKey) => app.security.apiKeys.get(id)
    expect(await view(young)).toMatchObject({ status: 'active', expiresAt: end })
    expect(await view(old)).toMatchObject({ status: 'expired' })
  })

  it('has no more requests an hour than they allow', async () => {
    const { apiKey, key } = await make({ limitPerHour: 5_000 })
    expect(await app.security.apiKeys.get(apiKey.id)).toMatchObject({ limitPerHour: 100 })
    const auth = await show(key)
    if (auth instanceof SecurityError) throw auth
    const { keyAuthenticator } = app.security.parts.rooms
    expect(keyAuthenticator.quotaOf(auth)).toMatchObject({ points: 100 })
  })

  it('ends earlier where that was asked for, and a decoy never', async () => {
    const expiresAt = app.clock.now() + 60_000
    const early = await make({ expiresAt })
    expect((await app.security.apiKeys.get(early.apiKey.id)).expiresAt).toBe(expiresAt)
    const decoy = await tool.security.apiKeys.createDecoy('wiki')
    await age(decoy, 2 * hour)
    const shown = await app.security.apiKeys.get(decoy.apiKey.id)
    expect([shown.expiresAt, shown.status]).toEqual([null, 'active'])
  })
})
