import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countsExactly, policy } from '../../test/limits/exact-contract.ts'
import { type ValkeyNode, type ValkeyNodes, valkeyNodes } from '../../test/limits/valkey-node.ts'
import { isAvailable } from '../../test/services/binaries.ts'
import { serviceUrl } from '../../test/services/context.ts'

const name = '203.0.113.9 alice@example.com'

describe.skipIf(!isAvailable('redis'))('limits in Valkey', () => {
  let nodes: ValkeyNodes
  let url: string
  let one: ValkeyNode
  let two: ValkeyNode
  let looker: Redis

  beforeAll(async () => {
    url = await serviceUrl('redis')
    looker = new Redis(url)
    nodes = await valkeyNodes()
    one = await nodes.start(url)
    two = await nodes.start(url)
    // What SQL has counted is looked at for an hour and a minute: the contract wants Valkey alone.
    await nodes.clock.advance(3_660_000)
  })

  afterAll(async () => {
    await clear()
    await looker?.quit()
    await nodes?.stop()
  })

  const keys = () => looker.keys(`${nodes.prefix}limits:*`)
  const clear = async () => {
    const all = await keys()
    if (all.length > 0) await looker.del(...all)
  }
  const take = (key: string, by = policy, points = 1) => one.limits.consume(by, key, points)
  const theKey = async () =>
    (await keys()).filter((key) => !key.endsWith(':probe'))[0] ?? 'there is none'

  countsExactly(() => ({
    clock: nodes.clock,
    limits: [one.limits, two.limits],
    database: one.database,
    clear,
  }))

  it('nothing is counted in SQL', async () => {
    await take('a', policy, 5)
    expect((await take('a')).store).toBe('valkey')
    expect(await one.database.reader.selectFrom('hf_limits').selectAll().execute()).toEqual([])
  })

  it('no address and no name can be read in a key or its value', async () => {
    await take(name)
    const key = await theKey()
    expect(key).toMatch(new RegExp(`^${nodes.prefix}limits:[0-9a-f]{64}$`))
    const kept = JSON.stringify([await keys(), await looker.hgetall(key)])
    expect(kept).not.toMatch(/203\.0\.113|alice|example|auth/)
  })

  it('a key ends by itself two minutes after its window, for clocks that differ', async () => {
    await take('a')
    const window = await looker.pttl(await theKey())
    expect(window).toBeLessThanOrEqual(900_000 + 120_000)
    expect(window).toBeGreaterThan(900_000)
    await one.limits.consume({ ...policy, blockMs: 3_600_000 }, 'a', 5)
    expect(await looker.pttl(await theKey())).toBeGreaterThan(3_600_000)
  })

  it('a refund is never counted twice and never below nothing', async () => {
    const { endsAt, store } = await take('a', policy, 2)
    const back = { key: 'a', points: 2, endsAt, store }
    for (const node of [one, two]) {
      await node.database.transaction((trx) => node.limits.refund(trx, policy, back))
    }
    expect((await two.limits.peek(policy, 'a')).remaining).toBe(5)
    expect((await take('a')).remaining).toBe(4)
  })

  it('a refund comes after the commit, and not before', async () => {
    const { endsAt, store } = await take('a', policy, 5)
    await one.database.transaction(async (trx) => {
      await one.limits.refund(trx, policy, { key: 'a', points: 1, endsAt, store })
      expect(await looker.hget(await theKey(), 'used')).toBe('5')
    })
    expect((await one.limits.peek(policy, 'a')).remaining).toBe(1)
  })

  it('a window written by a clock that ran far ahead does not hold its key for ever', async () => {
    await take('a', policy, 5)
    await looker.hset(await theKey(), 'ends', nodes.clock.now() + 30 * 86_400_000)
    expect(await one.limits.peek(policy, 'a')).toMatchObject({ allowed: true, remaining: 5 })
    expect(await take('a')).toMatchObject({ allowed: true, remaining: 4, resetSeconds: 900 })
  })

  it('a clock 90 seconds ahead on another node gives nobody a second window', async () => {
    await take('a', policy, 5)
    await looker.hset(await theKey(), 'ends', nodes.clock.now() + 990_000)
    expect((await take('a')).allowed).toBe(false)
  })

  it('a server that forgot the scripts is told them again', async () => {
    await take('a', policy, 4)
    await looker.script('FLUSH')
    expect(await take('a')).toMatchObject({ allowed: true, remaining: 0, store: 'valkey' })
    expect(one.logger.lines).toEqual([])
  })

  it('a process that starts anew sees what was counted', async () => {
    await take('a', policy, 5)
    const later = await nodes.start(url)
    expect((await later.limits.consume(policy, 'a', 1)).allowed).toBe(false)
  })

  it('what SQL has counted is counted too after a start, until its window has ended', async () => {
    await one.sql.consume(policy, 'a', 3)
    const later = await nodes.start(url)
    expect(await later.limits.peek(policy, 'a')).toMatchObject({ allowed: true, remaining: 2 })
    expect(await later.limits.consume(policy, 'a', 3)).toMatchObject({ allowed: false })
    expect(await later.limits.consume(policy, 'a', 2)).toMatchObject({ store: 'valkey' })
    expect(await later.limits.consume(policy, 'a', 1)).toMatchObject({ allowed: false })
    await nodes.clock.advance(900_000)
    expect(await later.limits.consume(policy, 'a', 5)).toMatchObject({ allowed: true })
  })

  it('what is blocked in SQL is refused here', async () => {
    const blocking = { ...policy, name: 'blocking', blockMs: 3_600_000 }
    for (let use = 0; use < 6; use += 1) await one.sql.consume(blocking, 'a', 1)
    const later = await nodes.start(url)
    expect(await later.limits.peek(blocking, 'a')).toMatchObject({ allowed: false })
    expect(await later.limits.consume(blocking, 'a', 1)).toMatchObject({
      ...{ allowed: false, resetSeconds: 3_600 },
    })
  })

  it('reset forgets in both', async () => {
    const later = await nodes.start(url)
    await one.sql.consume(policy, 'a', 3)
    await later.limits.consume(policy, 'a', 2)
    expect((await later.limits.peek(policy, 'a')).allowed).toBe(false)
    await later.limits.reset(policy, 'a')
    expect(await later.limits.peek(policy, 'a')).toMatchObject({ allowed: true, remaining: 5 })
  })
})
