import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'

describeEngines('limits of the app on two nodes', (engine) => {
  let fresh: FreshDatabase
  let nodes: TestSecurity[] = []

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const masterKey = randomBytes(32).toString('base64url')
    const policies = {
      coupons: { points: 5, window: '1m', store: 'exact' },
      blocked: { points: 1, window: '1m', block: '10m', store: 'exact' },
    } as const
    const options = { database: fresh.url, limits: { policies }, masterKey }
    nodes = [await createTestSecurity(options), await createTestSecurity(options)]
  })
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.close()))
    await fresh.drop()
  })

  const consume = async (node: number, policy: string, key: string) => {
    const verdict = await nodes[node % nodes.length]?.security.limits.consume(policy, key)
    return verdict?.allowed === true
  }

  it('an exact one lets exactly its points pass of 500 calls at once', async () => {
    const calls = Array.from({ length: 500 }, (_, at) => consume(at, 'coupons', 'summer'))
    expect((await Promise.all(calls)).filter(Boolean)).toHaveLength(5)
  })

  it('a block holds on both nodes, and ends by itself', async () => {
    const asked: boolean[] = []
    for (const node of [0, 1, 0]) asked.push(await consume(node, 'blocked', 'mallory'))
    expect(asked).toEqual([true, false, false])
    for (const { advance } of nodes) await advance(10 * 60_000 - 1)
    expect(await consume(1, 'blocked', 'mallory')).toBe(false)
    for (const { advance } of nodes) await advance(1)
    expect(await consume(0, 'blocked', 'mallory')).toBe(true)
  })
})
