import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SoftwareAuthenticator } from '../passkeys/authenticator.ts'
import { goodPassword } from './identity-kit.ts'
import {
  freshCode,
  makePerson,
  makeTotpPerson,
  outcome,
  recordsOf,
  seen,
  type TotpPerson,
  visitor,
  wrongCode,
} from './second-factor-kit.ts'
import {
  type Caller,
  openStepUpSite,
  type StepUpSite,
  stepUp,
  withBoth,
  withinMs,
  withPassword,
} from './step-up-kit.ts'

let site: StepUpSite
let people = 0
beforeAll(async () => {
  site = await openStepUpSite({ mfa: { trustedDevices: '7d' }, body: { json: '2mb' } })
})
afterAll(() => site.close())

const newEmail = () => `step${++people}@example.com`
async function manager(): Promise<TotpPerson> {
  const person = await makeTotpPerson(site, newEmail())
  await site.security.users.grantRole(person.id, 'manager')
  return person
}
async function plainManager(): Promise<Caller> {
  const email = newEmail()
  await site.security.users.grantRole(await makePerson(site, email), 'manager')
  const browser = visitor(site)
  const { json } = await browser.login(email)
  return { visitor: browser, bearer: { authorization: `Bearer ${json.accessToken}` } }
}
const totp = async (person: TotpPerson) => ({ method: 'totp', code: await freshCode(site, person) })
const get = (path: string, { bearer }: Pick<Caller, 'bearer'>) => site.get(path, bearer)
const claimsOf = async ({ bearer }: Caller) => {
  const keys = createLocalJWKSet((await site.get('/.well-known/jwks.json')).json)
  const { payload } = await jwtVerify(String(bearer.authorization).slice(7), keys, {
    currentDate: new Date(site.clock.now()),
  })
  return payload
}
const sameOrigin = { 'sec-fetch-site': 'same-origin' }
const challenge =
  'Bearer error="insufficient_user_authentication", error_description="A more recent proof is required", acr_values="urn:holdfast:aal2", max_age="300"'

describe('a guard that asks for a level and a recent proof', () => {
  it.each(['/payroll', '/roles', '/resource'])(
    'asks who first, then for the permission, then for the proof: %s',
    async (path) => {
      const person = await makeTotpPerson(site, newEmail())
      const caller = await withPassword(site, person)
      expect(outcome(await site.get(path))).toBe('401 authentication_required')
      expect(outcome(await get(path, caller))).toBe('403 forbidden')
      await site.security.users.grantRole(person.id, 'manager')
      const refused = await get(path, caller)
      expect(outcome(refused)).toBe('401 step_up_required')
      expect(refused.headers.get('www-authenticate')).toBe(challenge)
      expect(refused.json).toMatchObject({ level: 2, maxAge: 300 })
      expect(outcome(await stepUp(caller, await totp(person)))).toBe('stepped_up')
      expect((await get(path, caller)).status).toBe(200)
      await site.advance(withinMs + 1)
      expect(outcome(await get(path, caller))).toBe('401 step_up_required')
    },
  )

  it('answers the same behind node:http', async () => {
    const person = await makeTotpPerson(site, newEmail())
    const caller = await withPassword(site, person)
    const compare = async (expected: number) => {
      const [express, node] = [
        await get('/payroll', caller),
        await site.byNode('/payroll', caller.bearer),
      ]
      expect([express.status, node.status]).toEqual([expected, expected])
      expect(node.headers.get('www-authenticate')).toBe(express.headers.get('www-authenticate'))
      expect({ ...node.json, requestId: '' }).toEqual({ ...express.json, requestId: '' })
    }
    await compare(403)
    await site.security.users.grantRole(person.id, 'manager')
    await compare(401)
    await stepUp(caller, await totp(person))
    expect((await site.byNode('/payroll', caller.bearer)).status).toBe(200)
  })

  it('asks for each alone: a recent proof, or a level however old', async () => {
    const person = await manager()
    const caller = await withBoth(site, person)
    await site.advance(withinMs + 1)
    expect(outcome(await get('/recent', caller))).toBe('401 step_up_required')
    expect((await get('/high', caller)).status).toBe(200)
  })

  it('of somebody with a second factor, takes a recent proof of that one alone', async () => {
    const caller = await withPassword(site, await manager())
    const refused = await get('/recent', caller)
    expect(outcome(refused)).toBe('401 step_up_required')
    expect(refused.json).toMatchObject({ level: 2, maxAge: 300 })
    const plain = await plainManager()
    expect((await get('/recent', plain)).status).toBe(200)
  })

  it('tells whoever has no second factor what can be set up', async () => {
    const plain = await plainManager()
    const refused = await get('/high', plain)
    expect(refused.json).toMatchObject({ code: 'step_up_required', enrol: ['totp', 'passkey'] })
    const proven = await stepUp(plain, { currentPassword: goodPassword })
    expect(proven.json).toMatchObject({ status: 'stepped_up', level: 1 })
    expect(outcome(await get('/high', plain))).toBe('401 step_up_required')
  })
})

describe('a step-up', () => {
  it.each(['totp', 'recovery_code'] as const)(
    'by %s raises the session: its level, its age, what it proved, its secret',
    async (method) => {
      const person = await manager()
      const caller = await withPassword(site, person)
      const copy = { ...caller }
      expect(await claimsOf(caller)).toMatchObject({ acr: 'urn:holdfast:aal1', amr: ['pwd'] })
      const before = caller.visitor.cookies.get('__Host-hf_refresh')
      const code =
        method === 'totp' ? await freshCode(site, person) : String(person.recoveryCodes[0])
      const { json } = await stepUp(caller, { method, code })
      expect(json).toMatchObject({ status: 'stepped_up', level: 2, authTime: site.clock.now() })
      expect(await claimsOf(caller)).toMatchObject({
        ...{ acr: 'urn:holdfast:aal2', amr: ['pwd', 'otp', 'mfa'] },
        auth_time: Math.floor(site.clock.now() / 1000),
      })
      const sessions = (await get('/auth/sessions', caller)).json.sessions
      expect(sessions.find((one: { current: boolean }) => one.current)).toMatchObject({
        level: 2,
        factors: ['pwd', method === 'totp' ? 'otp' : 'recovery'],
      })
      expect(caller.visitor.cookies.get('__Host-hf_refresh')).not.toBe(before)
      expect((await get('/payroll', caller)).status).toBe(200)
      // The copy of the token was made before, and stays what it was.
      expect(outcome(await get('/payroll', copy))).toBe('401 step_up_required')
      expect(outcome(await get('/high', copy))).toBe('401 step_up_required')
      expect((await get('/auth/me', copy)).json.level).toBe(1)
    },
  )

  it('by a passkey is bound to the browser that asked, and works once', async () => {
    const email = newEmail()
    const id = await makePerson(site, email)
    await site.security.users.grantRole(id, 'manager')
    const { baseUrl } = site.security.config
    const authenticator = new SoftwareAuthenticator()
    const first = visitor(site, '192.0.2.5', sameOrigin)
    const { json: login } = await first.login(email)
    const caller = { visitor: first, bearer: { authorization: `Bearer ${login.accessToken}` } }
    const before = await first.post('/auth/step-up/options', undefined, caller.bearer)
    expect(outcome(before)).toBe('401 factor_rejected')
    const registration = await first.post('/auth/passkeys/options', {}, caller.bearer)
    const response = authenticator.create(registration.json.options, baseUrl)
    const added = await first.post('/auth/passkeys', { response }, caller.bearer)
    expect(added.status).toBe(201)
    const { accessToken } = (await first.post('/auth/refresh')).json
    caller.bearer = { authorization: `Bearer ${accessToken}` }
    await site.advance(withinMs + 1)
    const signed = async () => {
      const answer = await first.post('/auth/step-up/options', undefined, caller.bearer)
      expect(answer.status).toBe(200)
      return { method: 'passkey', response: authenticator.get(answer.json.options, baseUrl) }
    }
    const elsewhere = await signed()
    const kept = first.cookies.get('__Host-hf_flow')
    expect(kept).toMatch(/^[\w-]{43}$/)
    first.cookies.delete('__Host-hf_flow')
    expect(outcome(await stepUp(caller, elsewhere))).toBe('401 factor_rejected')
    first.cookies.set('__Host-hf_flow', String(kept))
    const proof = await signed()
    expect((await stepUp(caller, proof)).json).toMatchObject({ status: 'stepped_up', level: 2 })
    expect(outcome(await stepUp(caller, proof))).toBe('401 factor_rejected')
    expect((await get('/payroll', caller)).status).toBe(200)
    expect((await claimsOf(caller)).amr).toEqual(expect.arrayContaining(['swk', 'user', 'mfa']))
  })

  it('by the password is none where a second factor is enrolled, and says what is', async () => {
    const person = await manager()
    const caller = await withPassword(site, person)
    const { json, status } = await stepUp(caller, { currentPassword: goodPassword })
    expect([status, json.code, json.methods]).toEqual([
      ...[401, 'step_up_required', ['totp', 'recovery_code']],
    ])
    const sent = { method: 'password', currentPassword: goodPassword }
    expect(outcome(await stepUp(caller, sent))).toBe('401 step_up_required')
    expect(outcome(await get('/payroll', caller))).toBe('401 step_up_required')
  })

  it('by the password makes nothing fresh that a factor of before had proven', async () => {
    const person = await manager()
    const caller = await withBoth(site, person)
    const removed = await caller.visitor.post('/auth/mfa/totp/disable', {}, caller.bearer)
    expect(removed.status).toBe(200)
    await site.advance(withinMs + 1)
    const { json } = await caller.visitor.post('/auth/refresh', {}, sameOrigin)
    caller.bearer = { authorization: `Bearer ${json.accessToken}` }
    expect((await stepUp(caller, { currentPassword: goodPassword })).json.level).toBe(1)
    expect(outcome(await get('/payroll', caller))).toBe('401 step_up_required')
  })

  it('that is wrong, malformed, huge, spent or not enrolled is one answer, counted and recorded', async () => {
    const person = await manager()
    const caller = await withPassword(site, person)
    const code = await freshCode(site, person)
    expect(outcome(await stepUp(caller, { method: 'totp', code }))).toBe('stepped_up')
    const failures = () => recordsOf(site, 'session.step_up_failed')
    const before = (await failures()).length
    const answers = []
    for (const proof of [
      { method: 'totp', code },
      { method: 'totp', code: wrongCode(site, person) },
      { method: 'totp', code: '' },
      { method: 'totp', code: '١٢٣٤٥٦' },
      { method: 'totp', code: '1'.repeat(5_000) },
      { method: 'recovery_code', code: 'AAAAA-AAAAA' },
      { method: 'passkey', response: {} },
      { method: 'passkey', response: { id: 'x', response: { clientDataJSON: 'x' } } },
    ]) {
      answers.push(await stepUp(caller, proof))
      await site.advance(60_000)
    }
    expect(new Set(answers.map(outcome))).toEqual(new Set(['401 factor_rejected']))
    expect(new Set(answers.map(seen)).size).toBe(1)
    expect((await failures()).length - before).toBe(answers.length)
  })

  it('of another shape is 400', async () => {
    const caller = await withPassword(site, await manager())
    for (const proof of [
      {},
      { method: 'totp' },
      { method: 'email', code: '123456' },
      { method: 'totp', code: '123456', currentPassword: goodPassword },
      { method: 'totp', code: 123456 },
      { method: 'passkey', response: 'x' },
      { method: 'totp', code: '123456', level: 2 },
    ]) {
      expect((await stepUp(caller, proof)).status, JSON.stringify(proof)).toBe(400)
    }
  })

  it('spends a code that a sign-in could have used, and the reverse', async () => {
    const person = await manager()
    const caller = await withPassword(site, person)
    const code = await freshCode(site, person)
    await stepUp(caller, { method: 'totp', code })
    const stranger = visitor(site, '192.0.2.9')
    expect(outcome(await stranger.login(person.email, { mfaCode: code }))).toBe(
      '401 factor_rejected',
    )
    const next = await freshCode(site, person)
    expect(outcome(await stranger.login(person.email, { mfaCode: next }))).toBe('signed_in')
    expect(outcome(await stepUp(caller, { method: 'totp', code: next }))).toBe(
      '401 factor_rejected',
    )
  })

  it('of a session that has ended spends nothing', async () => {
    const person = await manager()
    const caller = await withPassword(site, person)
    await caller.visitor.post('/auth/logout', {}, caller.bearer)
    const code = await freshCode(site, person)
    expect(outcome(await stepUp(caller, { method: 'totp', code }))).toBe('401 session_revoked')
    const other = visitor(site)
    expect(outcome(await other.login(person.email, { mfaCode: code }))).toBe('signed_in')
  })

  it('by a recovery code tells how many are left', async () => {
    const person = await manager()
    const caller = await withPassword(site, person)
    await stepUp(caller, { method: 'recovery_code', code: person.recoveryCodes[3] })
    expect(await recordsOf(site, 'factor.code_used')).toContainEqual({ userId: person.id, left: 9 })
  })
})
