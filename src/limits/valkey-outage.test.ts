import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { policy } from '../../test/limits/exact-contract.ts'
import { type ValkeyNode, type ValkeyNodes, valkeyNodes } from '../../test/limits/valkey-node.ts'
import { ManualClock } from '../../test/manual-clock.ts'
import { Gate } from '../../test/outage/gate.ts'
import { isAvailable } from '../../test/services/binaries.ts'
import { serviceUrl, testWorkspace } from '../../test/services/context.ts'
import { startRedis } from '../../test/services/redis.ts'
import type { Service } from '../../test/services/services.ts'

const gone = 'does not answer'
const back = 'answers again'

describe.skipIf(!isAvailable('redis'))('while Valkey is away', () => {
  let nodes: ValkeyNodes
  let url: string
  const gates: Gate[] = []

  beforeAll(async () => {
    url = await serviceUrl('redis')
    nodes = await valkeyNodes()
  })

  afterEach(async () => {
    for (const gate of gates.splice(0)) await gate.close()
  })

  afterAll(() => nodes?.stop())

  /** A node behind a gate, and a name of its own to count under. */
  const behindGate = async () => {
    const gate = await Gate.before(url)
    gates.push(gate)
    const node = await nodes.start(gate.url)
    return { gate, node, key: randomBytes(8).toString('hex') }
  }
  const take = (node: ValkeyNode, key: string, points = 1) =>
    node.limits.consume(policy, key, points)

  it.each(['cut', 'hang'] as const)(
    '(%s) SQL decides, nobody fails, and the log hears it once',
    async (mode) => {
      const { gate, key, node } = await behindGate()
      expect(await take(node, key)).toMatchObject({ store: 'valkey' })
      gate.mode = mode
      const verdicts = await Promise.all(Array.from({ length: 50 }, () => take(node, key)))
      expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(5)
      expect(new Set(verdicts.map(({ store }) => store))).toEqual(new Set(['sql']))
      expect(await node.limits.peek(policy, key)).toMatchObject({ allowed: false })
      expect(node.logger.count(gone)).toBe(1)
    },
  )

  it('a server that is slow is waited for', async () => {
    const { gate, key, node } = await behindGate()
    gate.mode = 'slow'
    expect(await take(node, key)).toMatchObject({ allowed: true, store: 'valkey' })
    expect(node.logger.lines).toEqual([])
  })

  it('it is given up after a second, and nobody waits for it again', async () => {
    const waits = new ManualClock()
    const gate = await Gate.before(url)
    gates.push(gate)
    const node = await nodes.start(gate.url, waits)
    gate.mode = 'hang'
    const asked = take(node, 'given-up')
    while (waits.pending === 0) await new Promise(setImmediate)
    await waits.advance(1_000)
    expect(await asked).toMatchObject({ allowed: true, store: 'sql' })
    expect(await take(node, 'given-up')).toMatchObject({ allowed: true, store: 'sql' })
  })

  it.each(['cut', 'hang'] as const)(
    '(%s) counts of SQL are counted too once it is back, and the log hears that once',
    async (mode) => {
      const { gate, key, node } = await behindGate()
      await take(node, key)
      gate.mode = mode
      for (let use = 0; use < 2; use += 1) await take(node, key)
      expect((await node.sql.peek(policy, key)).remaining).toBe(3)
      await nodes.clock.advance(100_000)
      gate.mode = 'open'
      await node.logger.hears(back)
      expect(await take(node, key)).toMatchObject({ allowed: true, remaining: 1, store: 'valkey' })
      expect(await take(node, key)).toMatchObject({ allowed: true, remaining: 0 })
      expect(await take(node, key)).toMatchObject({ allowed: false })
      expect([node.logger.count(gone), node.logger.count(back)]).toEqual([1, 1])
    },
  )

  it('a guess counted in Valkey is not given back in SQL', async () => {
    const { gate, key, node } = await behindGate()
    const { endsAt, store } = await take(node, key, 2)
    gate.mode = 'cut'
    await node.logger.hears(gone)
    await take(node, key, 2)
    const charge = { key, points: 2, endsAt, store }
    await node.database.transaction((trx) => node.limits.refund(trx, policy, charge))
    expect((await node.sql.peek(policy, key)).remaining).toBe(3)
  })

  it('a guess counted in SQL is given back there, also when Valkey is back', async () => {
    const { gate, key, node } = await behindGate()
    gate.mode = 'cut'
    await node.logger.hears(gone)
    const { endsAt, store } = await take(node, key, 2)
    gate.mode = 'open'
    await node.logger.hears(back)
    await take(node, key, 2)
    const charge = { key, points: 2, endsAt, store }
    await node.database.transaction((trx) => node.limits.refund(trx, policy, charge))
    expect((await node.sql.peek(policy, key)).remaining).toBe(5)
    expect((await node.limits.peek(policy, key)).remaining).toBe(3)
  })

  it('a reset holds in SQL', async () => {
    const { gate, key, node } = await behindGate()
    gate.mode = 'cut'
    await node.logger.hears(gone)
    await take(node, key, 5)
    await node.limits.reset(policy, key)
    expect((await take(node, key)).allowed).toBe(true)
  })

  it('a process starts, and counts there once it comes', async () => {
    const gate = await Gate.before(url)
    gates.push(gate)
    gate.mode = 'cut'
    const node = await nodes.start(gate.url)
    expect(node.logger.count(gone)).toBe(1)
    expect(await take(node, 'early', 5)).toMatchObject({ allowed: true, store: 'sql' })
    gate.mode = 'open'
    await node.logger.hears(back)
    expect(await take(node, 'late')).toMatchObject({ allowed: true, store: 'valkey' })
    expect(await take(node, 'early')).toMatchObject({ allowed: false })
  })
})

describe.skipIf(!isAvailable('redis'))('a Valkey of its own', () => {
  let nodes: ValkeyNodes
  let server: Service
  let admin: Redis

  beforeAll(async () => {
    server = await startRedis(await mkdtemp(join(testWorkspace(), 'valkey-')))
    admin = new Redis(server.url)
    admin.on('error', () => {})
    nodes = await valkeyNodes()
  })

  afterAll(async () => {
    admin?.disconnect()
    await nodes?.stop()
    await server?.stop()
  })

  it('that pauses is insured, and its late answers give nobody more', async () => {
    const node = await nodes.start(server.url)
    await node.limits.consume(policy, 'paused', 1)
    await admin.client('PAUSE', 1_500, 'ALL')
    expect(await node.limits.consume(policy, 'paused', 4)).toMatchObject({ store: 'sql' })
    await node.logger.hears(back)
    expect(await node.limits.consume(policy, 'paused', 1)).toMatchObject({ allowed: false })
  })

  it('that takes no writes is away, though it answers', async () => {
    const node = await nodes.start(server.url)
    await admin.config('SET', 'maxmemory', '1')
    expect(await node.limits.consume(policy, 'full', 1)).toMatchObject({ store: 'sql' })
    expect(node.logger.lines).toMatchObject([{ fields: { reason: 'OOM' } }])
    await admin.config('SET', 'maxmemory', '0')
    await node.logger.hears(back)
    expect(await node.limits.consume(policy, 'full', 4)).toMatchObject({ store: 'valkey' })
  })

  it('that forgets when its memory is full is told of at the start', async () => {
    await admin.config('SET', 'maxmemory', '100mb')
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const node = await nodes.start(server.url)
    expect(node.logger.lines).toMatchObject([
      { message: expect.stringContaining('noeviction'), fields: { policy: 'allkeys-lru' } },
    ])
    await admin.config('SET', 'maxmemory-policy', 'noeviction')
    expect((await nodes.start(server.url)).logger.lines).toEqual([])
  })

  it('that asks for another password is told of without telling the one we have', async () => {
    await admin.config('SET', 'requirepass', 'another')
    const wrong = new URL(server.url)
    wrong.password = 'canary-of-ours'
    const node = await nodes.start(wrong.href)
    expect(await node.limits.consume(policy, 'a', 1)).toMatchObject({ allowed: true, store: 'sql' })
    expect(node.logger.lines).toMatchObject([{ fields: { reason: 'WRONGPASS' } }])
    expect(JSON.stringify(node.logger.lines)).not.toContain('canary')
    await admin.config('SET', 'requirepass', '')
    await node.stop()
  })

  it('that is killed is insured, and the node ends without it', async () => {
    const node = await nodes.start(server.url)
    await server.stop()
    await node.logger.hears(gone)
    expect(await node.limits.consume(policy, 'killed', 1)).toMatchObject({
      ...{ allowed: true, store: 'sql' },
    })
    await node.stop()
    expect(node.logger.count(gone)).toBe(1)
  })
})
