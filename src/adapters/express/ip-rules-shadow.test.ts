import { afterEach, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { openKit } from '../../../test/adapters/site.ts'

type Kit = Awaited<ReturnType<typeof openKit>>

const { protectedSite, secret } = openBench()
const kits: Kit[] = []
afterEach(async () => {
  for (const kit of kits.splice(0)) await kit.close()
})

const denial = { action: 'deny', range: '203.0.113.0/24' } as const

/** A site with rules of the table, whose node has lost its database and cannot confirm them any more. */
async function cutOffSite(ipRules: 'on' | 'shadow') {
  const kit = await openKit({ shield: { ipRules } })
  kits.push(kit)
  const { security } = kit
  await security.ready()
  for (const scope of ['all', 'admin']) await security.ipRules.add({ ...denial, scope })
  const site = await protectedSite((app) => {
    app.get('/x', security.open(), secret)
    app.get('/marked', security.open(), security.ipRules('admin'), secret)
  }, kit)
  const statusOf = async (path: string) => (await site.fetch(path)).status
  expect([await statusOf('/x'), await statusOf('/marked')]).toEqual([200, 200])
  const { ipRuleCopy, revocations } = security.parts.ground
  Object.defineProperty(revocations, 'fresh', { get: () => false })
  return { ipRuleCopy, kit, statusOf }
}

it('rules in shadow that cannot judge let the routes of the app pass, and are counted and told once a minute', async () => {
  const { kit, statusOf } = await cutOffSite('shadow')
  expect([await statusOf('/x'), await statusOf('/x'), await statusOf('/marked')]).toEqual([
    200, 200, 200,
  ])
  expect(await statusOf('/auth/me')).toBe(503)
  const { refusals } = await kit.security.shield.report()
  const counted = refusals.map(({ control, count, enforced, route, rule }) => {
    return [control, rule, route, count, enforced]
  })
  expect(counted.sort()).toEqual([
    ['ipRules', 'undecided', 'GET /marked', 2, false],
    ['ipRules', 'undecided', 'GET /x', 2, false],
  ])
  const lines = () => kit.log.filter(({ message }) => message.includes('could not judge')).length
  expect(lines()).toBe(1)
  kit.clock.advance(60_000)
  await statusOf('/x')
  expect(lines()).toBe(2)
})

it('rules that cannot be confirmed refuse where they are on, and say nothing of whether the process is alive', async () => {
  const { ipRuleCopy, kit, statusOf } = await cutOffSite('on')
  const statuses = async () => [await statusOf('/x'), await statusOf('/marked')]
  expect(await statuses()).toEqual([503, 503])
  expect(await statusOf('/healthz')).toBe(200)
  const { database } = kit.security.parts.ground
  const selectFrom = () => {
    throw new Error('away')
  }
  Object.defineProperty(database, 'reader', { configurable: true, get: () => ({ selectFrom }) })
  ipRuleCopy.everything()
  expect(await statusOf('/healthz')).toBe(200)
  expect(await statusOf('/x')).toBe(503)
  Reflect.deleteProperty(database, 'reader')
})
