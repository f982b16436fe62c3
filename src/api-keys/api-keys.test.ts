import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { SecurityError } from '../errors/index.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import { checksumOf } from './format.ts'

const hour = 60 * 60 * 1000
const day = 24 * hour
const password = 'correct horse battery staple 42'

describeEngines('API keys', (engine) => {
  let fresh: FreshDatabase
  let kit: TestSecurity
  let userId = ''
  let people = 0
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    kit = await createTestSecurity({ database: fresh.url, apiKeys: { maxPerOwner: 3 } })
  })
  afterAll(async () => {
    await kit?.close()
    await fresh?.drop()
  })
  beforeEach(async () => {
    userId = await someone(['user', 'manager'])
  })

  const someone = async (roles: readonly string[]) => {
    const email = `person${++people}@example.com`
    return (await kit.security.users.create({ email, password, roles })).id
  }
  const keys = () => kit.security.apiKeys
  const rooms = () => kit.security.parts.rooms
  const owner = () => ({ kind: 'user', id: userId }) as const
  const make = (more: object = {}) =>
    keys().create(owner(), { name: 'sync', scopes: ['read:orders'], ...more })
  const show = (key: string, ip = '192.0.2.1') =>
    rooms().keyAuthenticator.authenticate({ key, origin: { ip } })
  const codeOf = async (key: string, ip?: string) => {
    const outcome = await show(key, ip)
    return outcome instanceof SecurityError ? outcome.code : 'passes'
  }
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'passes',
      (error: SecurityError) => error.code,
    )

  it('name their owner, and are worth their scopes and no more', async () => {
    const { apiKey, key } = await make()
    const auth = await show(key)
    expect(auth).toMatchObject({
      userId,
      sessionId: '',
      keyId: apiKey.id,
      csrfToken: '',
      roles: [],
    })
    if (auth instanceof SecurityError) throw auth
    expect(auth.permissions).toEqual(['read:orders'])
    expect(auth.can('read:orders')).toBe(true)
    expect(auth.can('write:tasks')).toBe(false)
    expect(auth.can('read:projects')).toBe(false)
  })

  it('carry no scope that their owner does not hold, and none at all is a question', async () => {
    const wide = make({ scopes: ['read:orders', 'write:orders'] })
    await expect(wide).rejects.toMatchObject({
      code: 'scope_outranks_owner',
      extras: { members: { scopes: ['write:orders'] } },
    })
    for (const scopes of [undefined, []]) {
      await expect(make({ scopes })).rejects.toMatchObject({
        code: 'scopes_required',
        extras: { members: { available: expect.arrayContaining(['read:*', 'write:tasks']) } },
      })
    }
    for (const scope of ['*', 'read:security:users', '*:orders', 'delete:tasks']) {
      expect(await refusal(make({ scopes: [scope] })), scope).toBe('scope_outranks_owner')
    }
  })

  it('lose what their owner loses, with the next request', async () => {
    const { key } = await make({ scopes: ['write:tasks'] })
    const can = async () => {
      const auth = await show(key)
      return !(auth instanceof SecurityError) && auth.can('write:tasks')
    }
    expect(await can()).toBe(true)
    await kit.security.users.withdrawRole(userId, 'manager')
    expect(await can()).toBe(false)
    await kit.security.users.grantRole(userId, 'manager')
    expect(await can()).toBe(true)
  })

  it('stop with their owner, and go on with them', async () => {
    const { key } = await make()
    expect(await codeOf(key)).toBe('passes')
    await kit.security.users.disable(userId)
    expect(await codeOf(key)).toBe('api_key_invalid')
    await kit.security.users.enable(userId)
    expect(await codeOf(key)).toBe('passes')
    await kit.security.users.lock(userId)
    expect(await codeOf(key)).toBe('api_key_invalid')
    await kit.security.users.unlock(userId)
    expect(await codeOf(key)).toBe('passes')
    await kit.security.users.erase(userId)
    expect(await codeOf(key)).toBe('api_key_invalid')
    expect(await keys().list(userId)).toEqual([])
  })

  it('end when they are revoked, once, and by their owner alone', async () => {
    const { apiKey, key } = await make()
    await show(key)
    const other = { ownerId: await someone(['user']) }
    expect(await refusal(keys().revoke(apiKey.id, other))).toBe('api_key_not_found')
    expect(await codeOf(key)).toBe('passes')
    await keys().revoke(apiKey.id, {}, { reason: 'leaked' })
    expect(await codeOf(key)).toBe('api_key_invalid')
    await keys().revoke(apiKey.id, {}, { reason: 'again' })
    const view = await keys().get(apiKey.id)
    expect(view).toMatchObject({ status: 'revoked', revokeReason: 'leaked' })
  })

  it('end with their time', async () => {
    const { apiKey, key } = await make({ expiresAt: kit.clock.now() + hour })
    expect(await codeOf(key)).toBe('passes')
    kit.clock.jump(hour - 1)
    expect(await codeOf(key)).toBe('passes')
    kit.clock.jump(1)
    expect(await codeOf(key)).toBe('api_key_invalid')
    expect(await keys().get(apiKey.id)).toMatchObject({ status: 'expired' })
  })

  it('have one successor, however many ask, and overlap with it', async () => {
    const { apiKey, key } = await make({ expiresAt: kit.clock.now() + 30 * day })
    kit.clock.jump(day)
    const rotate = () => keys().rotate(apiKey.id, { ownerId: userId, overlapMs: hour })
    const asked = await Promise.allSettled(Array.from({ length: 8 }, rotate))
    const won = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const lost = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(won).toHaveLength(1)
    expect(lost).toEqual(Array(7).fill('api_key_not_rotatable'))
    const [next] = won
    if (!next) throw new Error('no successor')
    expect(await keys().list(userId)).toHaveLength(2)
    expect(next.apiKey).toMatchObject({ name: 'sync', scopes: ['read:orders'] })
    expect(next.apiKey.expiresAt).toBe(kit.clock.now() + 30 * day)
    expect([await codeOf(key), await codeOf(next.key)]).toEqual(['passes', 'passes'])
    kit.clock.jump(hour)
    expect([await codeOf(key), await codeOf(next.key)]).toEqual(['api_key_invalid', 'passes'])
    expect(await keys().get(apiKey.id)).toMatchObject({
      ...{ status: 'rotated', successorId: next.apiKey.id },
    })
  })

  it('that have ended have no successor', async () => {
    const { apiKey } = await make()
    await keys().revoke(apiKey.id)
    expect(await refusal(keys().rotate(apiKey.id))).toBe('api_key_not_rotatable')
    const short = await make({ expiresAt: kit.clock.now() + hour })
    kit.clock.jump(hour)
    expect(await refusal(keys().rotate(short.apiKey.id))).toBe('api_key_not_rotatable')
  })

  it('of one owner are so many at most, exactly, also when all are asked for at once', async () => {
    const asked = await Promise.all(Array.from({ length: 8 }, () => refusal(make())))
    expect(asked.filter((code) => code === 'passes')).toHaveLength(3)
    expect(asked.filter((code) => code === 'api_key_limit_reached')).toHaveLength(5)
    const [first] = await keys().list(userId)
    await keys().revoke(first?.id ?? '')
    expect(await refusal(make())).toBe('passes')
  })

  it('work from the addresses they are for', async () => {
    const { key } = await make({ ipRanges: ['192.0.2.0/24', '2001:db8::/32'] })
    expect(await codeOf(key, '192.0.2.200')).toBe('passes')
    expect(await codeOf(key, '::ffff:192.0.2.200')).toBe('passes')
    expect(await codeOf(key, '2001:db8::1')).toBe('passes')
    expect(await codeOf(key, '198.51.100.1')).toBe('api_key_invalid')
    expect(await codeOf(key, 'unknown')).toBe('api_key_invalid')
  })

  it('are the same 401 for whatever is wrong with them', async () => {
    const { key } = await make()
    const other = await make()
    const id = key.slice(0, key.lastIndexOf('_'))
    const body = `${id}${other.key.slice(other.key.lastIndexOf('_'), -6)}`
    const mixed = `${body}${checksumOf(body)}`
    const cut = key.slice(0, -1)
    for (const wrong of [cut, mixed, 'hf_', 'x', '', 'x'.repeat(10_000), `${key} `]) {
      expect(await codeOf(wrong), wrong.slice(0, 20)).toBe('api_key_invalid')
    }
  })

  it('note their last use once a minute, with where it came from', async () => {
    const { apiKey, key } = await make()
    const stored = () =>
      kit.security.parts.ground.database.reader
        .selectFrom('hf_api_keys')
        .select(['first_used_at', 'last_used_at', 'last_used_ip'])
        .where('id', '=', apiKey.id)
        .executeTakeFirst()
    const first = kit.clock.now()
    await show(key, '192.0.2.1')
    expect((await stored())?.last_used_at).toBeNull()
    expect(await keys().get(apiKey.id)).toMatchObject({
      lastUsedAt: first,
      lastUsedIp: '192.0.2.1',
    })
    await kit.advance(1_000)
    await show(key, '192.0.2.2')
    await rooms().keyUsage.flush()
    const seen = { first_used_at: first + 1_000, last_used_at: first + 1_000 }
    expect(await stored()).toMatchObject({ ...seen, last_used_ip: '192.0.2.2' })
    await kit.advance(1_000)
    await show(key, '192.0.2.3')
    await rooms().keyUsage.flush()
    expect(await stored()).toMatchObject({
      first_used_at: first + 1_000,
      last_used_ip: '192.0.2.3',
    })
  })

  it('that are decoys open nothing and raise one alert, however often and at once they are shown', async () => {
    const heard: unknown[] = []
    const end = kit.security.on('api_key.decoy_used', (event) => void heard.push(event.payload))
    const { apiKey, key } = await keys().createDecoy('in the wiki')
    expect(heard).toEqual([])
    const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(key)))
    expect(codes).toEqual(Array(8).fill('api_key_invalid'))
    expect(await codeOf(key)).toBe('api_key_invalid')
    await expect.poll(() => heard).toEqual([{ keyId: apiKey.id, name: 'in the wiki' }])
    end()
    const all = await keys().search({ limit: 500 })
    expect(all.filter(({ decoy }) => decoy).map(({ id }) => id)).toContain(apiKey.id)
    expect(await keys().list(userId)).toEqual([])
  })

  it('that are decoys raise their alert after somebody has tidied them away, too', async () => {
    const heard: unknown[] = []
    const end = kit.security.on('api_key.decoy_used', (event) => void heard.push(event.payload))
    const { apiKey, key } = await keys().createDecoy('in an old wiki')
    await keys().revoke(apiKey.id)
    expect(await codeOf(key)).toBe('api_key_invalid')
    await expect.poll(() => heard).toEqual([{ keyId: apiKey.id, name: 'in an old wiki' }])
    end()
    expect((await keys().get(apiKey.id)).status).toBe('revoked')
  })

  it('that ended long ago are deleted, and no other', async () => {
    const { apiKey: gone } = await make()
    await keys().revoke(gone.id)
    const { apiKey: kept } = await make()
    kit.clock.jump(91 * day)
    await keys().sweep()
    expect((await keys().list(userId)).map(({ id }) => id)).toEqual([kept.id])
  })
})
