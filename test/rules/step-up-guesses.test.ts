import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword } from './identity-kit.ts'
import { newPassword } from './recovery-kit.ts'
import {
  bearerOf,
  freshCode,
  makePerson,
  makeTotpPerson,
  outcome,
  recordsOf,
  visitor,
  wrongCode,
} from './second-factor-kit.ts'
import { minuteMs, openStepUpSite, type StepUpSite, stepUp, withBoth } from './step-up-kit.ts'

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

it('rule 11: a stolen session holds back no recovery code of the browser that it was stolen from', async () => {
  const person = await makeTotpPerson(site, 'rex@example.com')
  const stolen = await withBoth(site, person)
  for (let turn = 0; turn < 12; turn++) {
    await stepUp(stolen, { method: 'recovery_code', code: 'AAAAA-AAAAA' })
    await stepUp(stolen, { method: 'totp', code: wrongCode(site, person) })
    if (turn < 11) await site.advance(61_000)
  }
  const [code] = person.recoveryCodes
  expect(outcome(await stolen.visitor.login(person.email, { mfaCode: code }))).toBe('signed_in')
})

it('rule 13: a passkey step-up that signs nothing is held back after five, and is no news for other nodes', async () => {
  const person = await makeTotpPerson(site, 'kay@example.com')
  const caller = await withBoth(site, person)
  const { reader } = site.security.parts.ground.database
  const announced = async () => {
    return (await reader.selectFrom('hf_revocations').selectAll().execute()).length
  }
  const failures = async () => (await recordsOf(site, 'session.step_up_failed')).length
  const before = [await announced(), await failures()]
  for (let turn = 0; turn < 30; turn++) {
    const answer = await stepUp(caller, { method: 'passkey', response: {} })
    expect(outcome(answer)).toBe('401 factor_rejected')
  }
  expect([await announced(), await failures()]).toEqual([before[0], (before[1] ?? 0) + 5])
  const code = await freshCode(site, person)
  expect(outcome(await stepUp(caller, { method: 'totp', code }))).toBe('stepped_up')
})

it('rule 11: a stolen session uses up its own proofs of the password, not the account’s, and its owner hears of it', async () => {
  const email = 'pia@example.com'
  await makePerson(site, email)
  const stolen = await bearerOf(site, email)
  const prove = (currentPassword: string) =>
    visitor(site, '198.51.100.7', {}).post('/auth/step-up', { currentPassword }, stolen)
  for (let turn = 0; turn < 24; turn++) {
    expect(outcome(await prove('wrong horse'))).toBe('401 password_wrong')
    await site.advance(30_000)
  }
  expect(outcome(await prove(goodPassword))).toBe('401 password_wrong')
  await site.deliverMail()
  const subjects = site.mailbox.list(email).map(({ subject }) => subject)
  expect(subjects.filter((one) => one.startsWith('Somebody signed in is guessing'))).toHaveLength(1)
  const own = await bearerOf(site, email)
  const change = { currentPassword: goodPassword, password: newPassword }
  expect((await visitor(site).post('/auth/password/change', change, own)).status).toBe(200)
})

describe('rule 11: once stolen sessions have used up what sessions may get wrong', () => {
  /** Signed in by a browser, after copies of other sessions have guessed all they may. */
  async function besieged(email: string) {
    const userId = await makePerson(site, email)
    const { proof } = site.security.parts.ground
    const wrong = { userId, password: 'wrong horse', origin: {} }
    for (let n = 0; n < 60; n++) {
      const given = proof.prove({ ...wrong, sessionId: `stolen ${n % 5}` })
      await expect(given).rejects.toMatchObject({ code: 'password_wrong' })
      site.clock.jump(16 * minuteMs)
    }
    const owner = visitor(site)
    const { json } = await owner.login(email)
    return { owner, bearer: { authorization: `Bearer ${json.accessToken}` } }
  }
  const changes: Readonly<Record<string, readonly [path: string, body: object]>> = {
    'steps up': ['/auth/step-up', {}],
    'changes the password': ['/auth/password/change', { password: newPassword }],
    'changes the address': ['/auth/email/change', { email: 'elsewhere@example.com' }],
    'closes the account': ['/auth/account/close', {}],
  }

  it.each(Object.keys(changes))(
    'their owner %s in a browser all the same, and a copy of her token nothing',
    async (name) => {
      const [path, body] = changes[name] ?? ['', {}]
      const { bearer, owner } = await besieged(`siege${path.replaceAll('/', '-')}@example.com`)
      const proven = { ...body, currentPassword: goodPassword }
      const copied = await visitor(site, '198.51.100.7', {}).post(path, proven, bearer)
      expect(outcome(copied)).toBe('401 password_wrong')
      const answer = await owner.post(path, proven, bearer)
      expect([200, 202], answer.text).toContain(answer.status)
    },
  )

  it.each([
    ['prove', { next: '/account' }, '/account'],
    ['password', { password: newPassword }, '/account?notice=password-changed'],
    ['email', { email: 'elsewhere@example.com' }, null],
    ['data', {}, null],
    ['close', {}, null],
  ])('so does she on the page %s', async (page, fields, location) => {
    const email = `siege-${page}@example.com`
    const { bearer, owner } = await besieged(email)
    const cookie = [...owner.cookies].map(([key, value]) => `${key}=${value}`).join('; ')
    const form = new URLSearchParams({ ...fields, currentPassword: goodPassword }).toString()
    const type = 'application/x-www-form-urlencoded'
    const submit = (headers: Record<string, string>) =>
      site.request('POST', `/account/${page}`, {
        headers: { ...bearer, ...headers, 'content-type': type },
        body: form,
      })
    expect((await submit({})).status).toBe(401)
    const done = await submit({ cookie })
    expect([200, 202, 303], done.text).toContain(done.status)
    expect(done.headers.get('location')).toBe(location)
  })
})
