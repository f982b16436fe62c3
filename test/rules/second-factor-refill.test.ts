import { afterAll, beforeAll, expect, it } from 'vitest'
import { goodPassword, type Site } from './identity-kit.ts'
import { type RecoveryKit, recoveryKit } from './recovery-kit.ts'
import {
  freshCode,
  makeTotpPerson,
  openFactorSite,
  outcome,
  recordsOf,
  type TotpPerson,
  visitor,
  wrongCode,
} from './second-factor-kit.ts'

const minuteMs = 60_000

let site: Site
let kit: RecoveryKit
beforeAll(async () => {
  site = await openFactorSite()
  kit = recoveryKit(site)
})
afterAll(() => site.close())

/** How many codes of somebody are looked at while `during` goes on. */
async function lookedAt({ id }: TotpPerson, during: () => Promise<void>): Promise<number> {
  const { factors } = site.security.parts.rooms
  const { spend } = factors
  let count = 0
  factors.spend = (trx, guess) => {
    if (guess.userId === id) count += 1
    return spend.call(factors, trx, guess)
  }
  await during().finally(() => {
    factors.spend = spend
  })
  return count
}

/** Wrong codes of somebody who knows the password, as slowly as lanes want it. */
async function guess(person: TotpPerson, thief = visitor(site, '198.51.100.7'), times = 9) {
  const password = passwords.get(person) ?? goodPassword
  for (let n = 0; n < times; n++) {
    await thief.login(person.email, { password, mfaCode: wrongCode(site, person) })
    await site.advance(15 * minuteMs + 1_000)
  }
}
const passwords = new Map<TotpPerson, string>()

it('rules 13 and 14: an owner who signs in each day refills nothing of somebody who guesses each day, and hears of it', async () => {
  const person = await makeTotpPerson(site, 'daily@example.com')
  const known = visitor(site, '192.0.2.11')
  const right = async () => ({ mfaCode: await freshCode(site, person) })
  const native = { 'user-agent': 'app' }
  const first = { transport: 'body', ...(await right()) }
  expect(outcome(await visitor(site, '192.0.2.10', native).login(person.email, first))).toBe(
    'signed_in',
  )
  expect(outcome(await known.login(person.email, await right()))).toBe('signed_in')
  const answers: string[] = []
  const looked = await lookedAt(person, async () => {
    for (let day = 0; day < 20; day++) {
      await guess(person)
      const body = { transport: 'body', ...(await right()) }
      answers.push(outcome(await visitor(site, '192.0.2.10', native).login(person.email, body)))
    }
  })
  // Her own are looked at as long as there is one left of a hundred.
  const own = answers.filter((one) => one === 'signed_in').length
  expect(looked - own).toBe(100)
  expect(answers.lastIndexOf('signed_in')).toBe(own - 1)
  const told = await recordsOf(site, 'sign_in.factor_attacked')
  expect(told.filter(({ userId }) => userId === person.id).length).toBeGreaterThan(0)
  expect(outcome(await known.login(person.email, await right()))).toBe('signed_in')
}, 120_000)

it('rules 11 and 13: whoever reads the mailbox has a hundred codes of the app however many resets, and closes no device that proves itself', async () => {
  const person = await makeTotpPerson(site, 'mailbox@example.com')
  const reset = async (by: ReturnType<typeof visitor>) => {
    await site.advance(60 * minuteMs)
    const token = await kit.forgot(person.email)
    const password = `some horse battery staple ${100 + passwords.size}${token.slice(0, 3)}`
    expect((await by.post('/auth/password/reset', { token, password })).status).toBe(200)
    passwords.set(person, password)
  }
  const right = async () => {
    return { password: passwords.get(person), mfaCode: await freshCode(site, person) }
  }
  const looked = await lookedAt(person, async () => {
    for (let round = 0; round < 6; round++) {
      const thief = visitor(site, '198.51.100.7')
      await reset(thief)
      await guess(person, thief, round === 5 ? 41 : 20)
    }
  })
  expect(looked).toBe(100)
  const own = visitor(site, '192.0.2.50')
  await reset(own)
  const { password } = await right()
  const [mfaCode = ''] = person.recoveryCodes
  expect(outcome(await own.login(person.email, { password, mfaCode }))).toBe('signed_in')
  // It has proven itself: what strangers have used up holds it back no more.
  expect(outcome(await own.login(person.email, await right()))).toBe('signed_in')
  const elsewhere = visitor(site, '192.0.2.51')
  expect(outcome(await elsewhere.login(person.email, await right()))).toBe('401 factor_rejected')
}, 120_000)
