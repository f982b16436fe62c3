import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { SecurityError } from '../errors/index.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'

const hour = 60 * 60 * 1000
const day = 24 * hour
const password = 'correct horse battery staple 42'

describeEngines('API keys of one owner', (engine) => {
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
    const email = `person${++people}@example.com`
    userId = (await kit.security.users.create({ email, password, roles: ['manager'] })).id
  })

  const keys = () => kit.security.apiKeys
  const make = (more: object = {}) =>
    keys().create({ kind: 'user', id: userId }, { name: 'x', scopes: ['read:orders'], ...more })
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'passes',
      (error: SecurityError) => error.code,
    )
  const working = async (shown: readonly string[]) => {
    const authenticator = kit.security.parts.rooms.keyAuthenticator
    const outcomes = await Promise.all(
      shown.map((key) => authenticator.authenticate({ key, origin: {} })),
    )
    return outcomes.filter((one) => !(one instanceof SecurityError)).length
  }

  it('are doubled by rotation until the overlap ends, and no more', async () => {
    const first = [await make(), await make(), await make()]
    const shown = first.map(({ key }) => key)
    let ids = first.map(({ apiKey }) => apiKey.id)
    for (let turn = 0; turn < 3; turn++) {
      const asked = await Promise.allSettled(ids.map((id) => keys().rotate(id)))
      const made = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      expect(made).toHaveLength(turn === 0 ? 3 : 0)
      shown.push(...made.map(({ key }) => key))
      if (made.length > 0) ids = made.map(({ apiKey }) => apiKey.id)
    }
    expect(await working(shown)).toBe(6)
    expect(await refusal(make())).toBe('api_key_limit_reached')
    expect(await refusal(keys().rotate(ids[0] ?? ''))).toBe('api_key_not_rotatable')
    kit.clock.jump(day)
    expect(await working(shown)).toBe(3)
    expect(await refusal(keys().rotate(ids[0] ?? ''))).toBe('passes')
  })

  it('are rotated again once the one before has ended, however it did', async () => {
    const { apiKey } = await make()
    const next = await keys().rotate(apiKey.id, { overlapMs: hour })
    expect(await refusal(keys().rotate(next.apiKey.id))).toBe('api_key_not_rotatable')
    await keys().revoke(apiKey.id)
    const third = await keys().rotate(next.apiKey.id, { overlapMs: 0 })
    expect(await refusal(keys().rotate(third.apiKey.id))).toBe('passes')
  })

  it('are 20 a day at most, those among them that were ended and those that follow another', async () => {
    const made: string[] = []
    for (let turn = 0; turn < 10; turn++) {
      const { apiKey } = await make()
      const next = await keys().rotate(apiKey.id, { overlapMs: 0 })
      await keys().revoke(next.apiKey.id)
      made.push(apiKey.id)
    }
    expect(await refusal(make())).toBe('api_key_limit_reached')
    kit.clock.jump(day - 1)
    expect(await refusal(make())).toBe('api_key_limit_reached')
    kit.clock.jump(1)
    const { apiKey } = await make()
    expect(await refusal(keys().rotate(apiKey.id))).toBe('passes')
  })

  it('are listed page by page, the newest first, and all of them end at once', async () => {
    const made: string[] = []
    for (let turn = 0; turn < 3; turn++) made.unshift((await make()).apiKey.id)
    const all = (await keys().list(userId)).map(({ id }) => id)
    expect(all.toSorted()).toEqual(made.toSorted())
    const [first] = await keys().list(userId, { limit: 1 })
    if (!first) throw new Error('there are three')
    const rest = await keys().list(userId, {
      limit: 5,
      after: { at: first.createdAt, id: first.id },
    })
    expect([first, ...rest].map(({ id }) => id)).toEqual(all)
    await keys().revoke(first.id)
    const { database } = kit.security.parts.ground
    const end = () => database.transaction((trx) => keys().revokeAll(trx, userId, {}))
    expect([await end(), await end()]).toEqual([2, 0])
  })
})
