import { describe, expect, it } from 'vitest'
import { runSiege } from '../siege/siege.ts'

/** `npm run siege` is the whole one. */
describe('a siege of one account, and a spray over many', () => {
  it.each(['none', 'ignored', 'solved'] as const)(
    'does not keep its owner out, evaluates few guesses, explains each refusal: CAPTCHA %s',
    async (captcha) => {
      const report = await runSiege({
        ...{ captcha, guesses: 400, clients: 40, sprayed: 100, ownerSignIns: 6, minutes: 10 },
      })
      expect(report.faults, JSON.stringify(report.answers)).toEqual([])
      expect(report.ownerSucceeded).toBe(6)
      const least = captcha === 'ignored' ? 3 : 10
      expect(report.evaluated).toBeGreaterThanOrEqual(least)
      expect(report.evaluated).toBeLessThanOrEqual(14 + 6)
      expect(report.sprayEvaluated).toBe(100)
    },
    180_000,
  )
})
