/**
 * npm run siege [-- --guesses 10000] [--clients 200] [--spray 5000] [--minutes 10] [--captcha none]
 *
 * Ten simulated minutes of 10,000 wrong guesses at one account from 200 addresses, and one password
 * tried on 5,000 others, while the owner signs in now and then from a device that signed in before. Run
 * by HTTP against a server with default limits and lockout: with no CAPTCHA, with one that attackers
 * ignore, and with one that they solve. The owner must get in at first try each time, at most 100
 * guesses at her password may be evaluated, and the audit log must explain every refusal; else it exits 1.
 */
import { parseArgs } from 'node:util'
import { type CaptchaCase, runSiege, type SiegeReport } from '../test/siege/siege.ts'

const { values } = parseArgs({
  options: {
    guesses: { type: 'string', default: '10000' },
    clients: { type: 'string', default: '200' },
    spray: { type: 'string', default: '5000' },
    minutes: { type: 'string', default: '10' },
    captcha: { type: 'string' },
  },
})
const cases = ['none', 'ignored', 'solved'] as const satisfies readonly CaptchaCase[]
const chosen = cases.filter((one) => values.captcha === undefined || values.captcha === one)
if (chosen.length === 0) throw new Error(`--captcha is one of ${cases.join(', ')}`)

let missed = false
for (const captcha of chosen) {
  const report = await runSiege({
    captcha,
    guesses: Number(values.guesses),
    clients: Number(values.clients),
    sprayed: Number(values.spray),
    minutes: Number(values.minutes),
    ownerSignIns: 12,
  })
  print(report)
  missed ||= report.faults.length > 0
}
process.exitCode = missed ? 1 : 0

function print(report: SiegeReport): void {
  const { evaluated, faults, ownerSucceeded, plan, refused, sprayEvaluated } = report
  const share = (100 * ownerSucceeded) / plan.ownerSignIns
  console.log(
    `CAPTCHA ${plan.captcha}: ${plan.guesses} guesses from ${plan.clients} addresses, one`,
  )
  console.log(`  password on ${plan.sprayed} accounts, ${plan.minutes} simulated minutes`)
  console.log(`  owner at first try      ${ownerSucceeded} of ${plan.ownerSignIns} (${share} %)`)
  console.log(`  guesses evaluated       ${evaluated} (at most 100)`)
  console.log(`  of the spray            ${sprayEvaluated}, none of them right`)
  console.log(`  refused                 ${refused}; answered ${inWords(report.answers)}`)
  console.log(`  explained on record     ${inWords(report.recorded)}`)
  console.log(faults.length === 0 ? '  withstood\n' : `  MISSED: ${faults.join('; ')}\n`)
}

function inWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}: ${count}`)
    .join(', ')
}
