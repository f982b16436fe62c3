import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Site } from './identity-kit.ts'
import {
  codeAt,
  freshCode,
  makeTotpPerson,
  openFactorSite,
  outcome,
  recordsOf,
  sessionsEver,
  stepMs,
  type TotpPerson,
  visitor,
  wrongCode,
} from './second-factor-kit.ts'

const hourMs = 60 * 60 * 1000

let site: Site
let people = 0
let person: TotpPerson
beforeAll(async () => {
  site = await openFactorSite()
})
afterAll(() => site.close())
beforeEach(async () => {
  person = await makeTotpPerson(site, `guess${++people}@example.com`)
})

const attacksOn = async ({ id }: TotpPerson) =>
  (await recordsOf(site, 'sign_in.factor_attacked')).filter(({ userId }) => userId === id).length

/** Begins a sign-in and tries one wrong code in it. */
const tryWrong = async (client: string) => {
  const who = visitor(site, client)
  const { json } = await who.login(person.email)
  return who.prove(json.flow, { method: 'totp', code: wrongCode(site, person) })
}

describe('rule 14: codes', () => {
  it('more than five in one flow are not looked at: the sixth is refused though it is right', async () => {
    const who = visitor(site)
    const { flow } = (await who.login(person.email)).json
    for (let turn = 0; turn < 5; turn++) {
      expect(await attacksOn(person)).toBe(0)
      const answer = await who.prove(flow, { method: 'totp', code: wrongCode(site, person) })
      expect(outcome(answer)).toBe('401 factor_rejected')
    }
    expect(await attacksOn(person)).toBe(1)
    site.clock.jump(hourMs / 60)
    const code = codeAt(person.secret, site.clock.now())
    expect(outcome(await who.prove(flow, { method: 'totp', code }))).toBe('401 flow_invalid')
    expect(outcome(await visitor(site).login(person.email, { mfaCode: code }))).toBe('signed_in')
  })

  it('a step is spent once, whatever door it came through, and nothing outside of {current, previous} is one', async () => {
    const code = await freshCode(site, person)
    const signIn = (mfaCode: string) => visitor(site).login(person.email, { mfaCode })
    const now = site.clock.now()
    for (const steps of [-3, -2, 1, 2]) {
      const other = codeAt(person.secret, now + steps * stepMs)
      if (other !== code) expect(outcome(await signIn(other))).toBe('401 factor_rejected')
    }
    site.clock.jump(25 * hourMs)
    const current = codeAt(person.secret, site.clock.now())
    expect(outcome(await signIn(current))).toBe('signed_in')
    expect(outcome(await signIn(current))).toBe('401 factor_rejected')
    await site.advance(stepMs)
    expect(outcome(await signIn(current))).toBe('401 factor_rejected')
    await site.advance(stepMs)
    const previous = codeAt(person.secret, site.clock.now() - stepMs)
    expect(outcome(await signIn(previous))).toBe('signed_in')
  })

  it('an attempt is counted before it is looked at: of 30 at once in one flow five are', async () => {
    const who = visitor(site)
    const { flow } = (await who.login(person.email)).json
    const wrong = { method: 'totp', code: wrongCode(site, person) }
    const answers = await Promise.all(Array.from({ length: 30 }, () => who.prove(flow, wrong)))
    const outcomes = answers.map(outcome).toSorted()
    expect(outcomes.filter((one) => one === '401 factor_rejected')).toHaveLength(5)
    expect(outcomes.filter((one) => one === '401 flow_invalid')).toHaveLength(25)
  })
})

describe('rule 13: there is no door at which guesses are not counted', () => {
  it('flows do not multiply guesses: the lane of the account holds them back, and looks the same', async () => {
    const { factors } = site.security.parts.rooms
    const looked = { count: 0 }
    const { spend } = factors
    factors.spend = (trx, guess) => {
      looked.count += 1
      return spend.call(factors, trx, guess)
    }
    try {
      for (let turn = 0; turn < 30; turn++) {
        expect(outcome(await tryWrong(`198.51.100.${turn}`))).toBe('401 factor_rejected')
      }
      expect(looked.count).toBe(5)
      const right = { mfaCode: await freshCode(site, person) }
      expect(outcome(await visitor(site).login(person.email, right))).toBe('signed_in')
      expect(looked.count).toBe(6)
    } finally {
      factors.spend = spend
    }
  })

  it('mfaCode is counted in the same lane', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const mfaCode = wrongCode(site, person)
      const answer = await visitor(site, '198.51.100.8').login(person.email, { mfaCode })
      expect(outcome(answer)).toBe('401 factor_rejected')
    }
    const mfaCode = codeAt(person.secret, site.clock.now())
    const held = await visitor(site).login(person.email, { mfaCode })
    expect(outcome(held)).toBe('401 factor_rejected')
    site.clock.jump(hourMs)
    const later = { mfaCode: codeAt(person.secret, site.clock.now()) }
    expect(outcome(await visitor(site).login(person.email, later))).toBe('signed_in')
  })

  it('a hundred wrong ones in a row are the end of this factor, and of no other; the owner hears of it', async () => {
    const { factors } = site.security.parts.rooms
    let looked = 0
    const { spend } = factors
    factors.spend = (trx, guess) => {
      looked += 1
      return spend.call(factors, trx, guess)
    }
    for (let turn = 0; turn < 104; turn++) {
      site.clock.jump(25 * hourMs)
      await tryWrong('198.51.100.9')
    }
    factors.spend = spend
    expect(looked).toBe(100)
    site.clock.jump(25 * hourMs)
    const mfaCode = codeAt(person.secret, site.clock.now())
    const closed = await visitor(site).login(person.email, { mfaCode })
    expect(outcome(closed)).toBe('401 factor_rejected')
    const [code = ''] = person.recoveryCodes
    const other = await visitor(site).login(person.email, { mfaCode: code })
    expect(outcome(other)).toBe('signed_in')
  }, 60_000)

  it('ten wrong ones in a row are told to the owner once a day', async () => {
    for (let turn = 0; turn < 14; turn++) {
      site.clock.jump(hourMs / 2)
      await tryWrong('198.51.100.10')
    }
    expect(await attacksOn(person)).toBe(1)
  })

  it('the right password of somebody who cannot go on spends the budget of guesses no more than a success', async () => {
    const tight = await openFactorSite({ limits: { auth: { points: 5 } } })
    try {
      const victim = await makeTotpPerson(tight, 'victim@example.com')
      const before = await sessionsEver(tight)
      for (let turn = 0; turn < 8; turn++) {
        const answer = await visitor(tight, '198.51.100.11').login(victim.email)
        expect(outcome(answer)).toBe('mfa_required')
      }
      const wrong = () =>
        visitor(tight, '198.51.100.11').login(victim.email, { password: 'wrong horse 1' })
      for (let turn = 0; turn < 5; turn++) {
        expect(outcome(await wrong())).toBe('401 invalid_credentials')
      }
      expect((await wrong()).status).toBe(429)
      expect(await sessionsEver(tight)).toBe(before)
    } finally {
      await tight.close()
    }
  })
})
