import { expect, it } from 'vitest'
import { fuzz } from '../fuzz/campaign.ts'
import { describeFuzz } from '../fuzz/report.ts'

/** Fifty times as many in `npm run soak -- fuzz`. */
const soaking = process.env.HOLDFAST_SOAK !== undefined
const requests = soaking ? 1_000_000 : 20_000
const seed = Number(process.env.HOLDFAST_SEED ?? 20_260_301)
const mebibyte = 2 ** 20

it('rule 30: fuzzed requests are each answered as documented, and the node lives on', {
  timeout: soaking ? 6 * 3_600_000 : 300_000,
}, async () => {
  const report = await fuzz({ requests, seed })
  console.log(describeFuzz(report))
  expect(report.faults).toEqual([])
  expect(report).toMatchObject({ alive: true, hangs: 0, unanswered: 0 })
  expect([...report.perRoute].filter(([, count]) => count < 50)).toEqual([])
  expect(report.passed).toBeGreaterThanOrEqual(0.6 * requests)
  expect(report.limited).toBeLessThan(0.05 * requests)
  expect(report.growth).toBeLessThan(50 * mebibyte)
})
