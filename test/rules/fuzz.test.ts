import { expect, it } from 'vitest'
import { fuzz } from '../fuzz/campaign.ts'
import { describeFuzz } from '../fuzz/report.ts'

const requests = 10_000
const mebibyte = 2 ** 20

it('rule 30: 10,000 fuzzed requests are each answered as documented, and the node lives on', {
  timeout: 300_000,
}, async () => {
  const report = await fuzz({ requests, seed: 20_260_301 })
  console.log(describeFuzz(report))
  expect(report.faults).toEqual([])
  expect(report).toMatchObject({ alive: true, hangs: 0, unanswered: 0 })
  expect([...report.perRoute].filter(([, count]) => count < 50)).toEqual([])
  expect(report.passed).toBeGreaterThanOrEqual(0.6 * requests)
  expect(report.limited).toBeLessThan(0.05 * requests)
  expect(report.growth).toBeLessThan(50 * mebibyte)
})
