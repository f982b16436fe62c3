import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshCode, makeTotpPerson, outcome, recordsOf, wrongCode } from './second-factor-kit.ts'
import { openStepUpSite, type StepUpSite, stepUp, withBoth } from './step-up-kit.ts'

let site: StepUpSite
beforeAll(async () => {
  site = await openStepUpSite({ mfa: { trustedDevices: '7d' } })
})
afterAll(() => site.close())

it('rule 13: guesses in a session are counted in the lane that sign-in has, and tell the owner', async () => {
  const person = await makeTotpPerson(site, 'gus@example.com')
  const caller = await withBoth(site, person)
  for (let guess = 0; guess < 11; guess++) {
    await site.advance(60_000)
    const wrong = await stepUp(caller, { method: 'totp', code: wrongCode(site, person) })
    expect(outcome(wrong)).toBe('401 factor_rejected')
  }
  // A minute and more is to pass until the next. A right code is held back now, in the session and at sign-in, and says nothing else.
  const code = await freshCode(site, person)
  expect(outcome(await stepUp(caller, { method: 'totp', code }))).toBe('401 factor_rejected')
  const elsewhere = await caller.visitor.login(person.email, { mfaCode: code })
  expect(outcome(elsewhere)).toBe('401 factor_rejected')
  // The other lanes are open: recovery codes are for this.
  const [recovery] = person.recoveryCodes
  expect(outcome(await stepUp(caller, { method: 'recovery_code', code: recovery }))).toBe(
    'stepped_up',
  )
  expect(await recordsOf(site, 'sign_in.factor_attacked')).toContainEqual({ userId: person.id })
})
