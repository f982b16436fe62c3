import { afterAll, beforeAll, expect, it } from 'vitest'
import { goodPassword, type Site } from './identity-kit.ts'
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
import { stepUp, withBoth } from './step-up-kit.ts'

const minuteMs = 60_000

let site: Site
beforeAll(async () => {
  site = await openFactorSite({
    sessions: { cookie: { idle: '30d', absolute: '90d' } },
    tokens: { accessLifetime: '1h' },
  })
})
afterAll(() => site.close())

/** A browser that signed in with both factors before. */
async function knownBrowser(person: TotpPerson, client: string) {
  const browser = visitor(site, client)
  const mfaCode = await freshCode(site, person)
  expect(outcome(await browser.login(person.email, { mfaCode }))).toBe('signed_in')
  return browser
}

const totp = async (person: TotpPerson) => ({ mfaCode: await freshCode(site, person) })

/** Everything that somebody can send who knows the password, in one flow. */
async function besiege(person: TotpPerson): Promise<void> {
  const thief = visitor(site, '198.51.100.7')
  const { flow } = (await thief.login(person.email)).json
  const proofs = [
    { method: 'totp', code: wrongCode(site, person) },
    { method: 'recovery_code', code: 'AAAAA-AAAAA' },
    { method: 'passkey', response: {} },
  ]
  for (const proof of proofs) {
    expect(outcome(await thief.prove(flow, proof))).toBe('401 factor_rejected')
  }
}

it('rule 11: while somebody who knows the password guesses, the owner signs in at the first try: by her app from a known device, by a recovery code from a new one', async () => {
  const person = await makeTotpPerson(site, 'siege@example.com')
  const own = await knownBrowser(person, '192.0.2.10')
  for (let turn = 0; turn < 103; turn++) {
    await site.advance(15 * minuteMs + 1_000)
    await besiege(person)
  }
  // A burst now closes what can be closed for as long as possible.
  for (let turn = 0; turn < 6; turn++) await besiege(person)
  expect(outcome(await own.login(person.email, await totp(person)))).toBe('signed_in')
  const [code = ''] = person.recoveryCodes
  const elsewhere = visitor(site, '192.0.2.11')
  const { json } = await elsewhere.login(person.email, { mfaCode: code })
  expect(json.status).toBe('signed_in')
  expect(await recordsOf(site, 'sign_in.factor_attacked')).toContainEqual({ userId: person.id })
  // The hundred of strangers are used up, until a session of both factors replaces the password.
  const stranger = () => visitor(site, '192.0.2.12')
  expect(outcome(await stranger().login(person.email, await totp(person)))).toBe(
    '401 factor_rejected',
  )
  const password = 'quite another horse 57'
  const bearer = { authorization: `Bearer ${json.accessToken}` }
  const change = { currentPassword: goodPassword, password }
  expect((await elsewhere.post('/auth/password/change', change, bearer)).status).toBe(200)
  const anew = { ...(await totp(person)), password }
  expect(outcome(await stranger().login(person.email, anew))).toBe('signed_in')
}, 120_000)

it('rule 11: a stolen session uses up itself and its own device, and nothing that strangers share', async () => {
  const person = await makeTotpPerson(site, 'stolen@example.com')
  const own = await knownBrowser(person, '192.0.2.20')
  const stolen = await withBoth(site, person)
  const elsewhere = visitor(site, '192.0.2.21')
  let looked = 0
  const { factors } = site.security.parts.rooms
  const { spend } = factors
  factors.spend = (trx, guess) => {
    looked += 1
    return spend.call(factors, trx, guess)
  }
  try {
    for (let turn = 0; turn < 130; turn++) {
      const wrong = { method: 'totp', code: wrongCode(site, person) }
      expect((await stepUp(stolen, wrong)).status).toBe(401)
      if (turn === 12) {
        const right = await elsewhere.login(person.email, await totp(person))
        expect(outcome(right)).toBe('signed_in')
      }
      await site.advance(15 * minuteMs + 1_000)
      await refresh(stolen)
    }
  } finally {
    factors.spend = spend
  }
  // One of them was the right one from elsewhere.
  expect(looked).toBe(20 + 1)
  expect(outcome(await own.login(person.email, await totp(person)))).toBe('signed_in')
  expect(outcome(await elsewhere.login(person.email, await totp(person)))).toBe('signed_in')
  // The device that it was stolen from counts as a stranger's now, until a right code.
  expect(outcome(await stolen.visitor.login(person.email, await totp(person)))).toBe('signed_in')
}, 120_000)

/** Keeps a stolen session alive, as its holder would. */
async function refresh(stolen: Awaited<ReturnType<typeof withBoth>>): Promise<void> {
  const { json, status } = await stolen.visitor.post('/auth/refresh')
  expect(status).toBe(200)
  stolen.bearer = { authorization: `Bearer ${json.accessToken}` }
}
