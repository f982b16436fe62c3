import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SoftwareAuthenticator } from '../passkeys/authenticator.ts'
import type { Site } from './identity-kit.ts'
import {
  codeAt,
  freshCode,
  makePerson,
  makeTotpPerson,
  openFactorSite,
  outcome,
  recordsOf,
  seen,
  sessionsEver,
  stepMs,
  type Visitor,
  visitor,
} from './second-factor-kit.ts'

const origin = 'http://localhost:3000'
const dayMs = 24 * 60 * 60 * 1000

let site: Site
let people = 0
let email = ''
let id = ''
let browser: Visitor
beforeAll(async () => {
  site = await openFactorSite({ mfa: { required: 'everyone' } })
})
afterAll(() => site.close())
beforeEach(async () => {
  email = `enrol${++people}@example.com`
  id = await makePerson(site, email)
  browser = visitor(site)
  await site.advance(1_000)
})

const begin = async (who = browser, address = email): Promise<string> => {
  const answer = await who.login(address)
  expect(answer.json).toMatchObject({ status: 'mfa_required', methods: [], expiresIn: 900 })
  return answer.json.flow
}
const setup = (flow: string, who = browser) => who.post('/auth/login/enrol/totp/setup', { flow })
const enable = (flow: string, code: string, who = browser) =>
  who.post('/auth/login/enrol/totp/enable', { flow, code })
const secretOf = async (flow: string) => (await setup(flow)).json.secret as string

describe('rule 2: who must enrol a factor gets a flow for that, and no session', () => {
  it('an authenticator app: its first code enables it and signs in at level 2; codes are shown once', async () => {
    const before = await sessionsEver(site)
    const flow = await begin()
    const [cookie = ''] = (await browser.login(email)).headers.getSetCookie()
    expect(cookie).toMatch(/^__Host-hf_flow=[\w-]{43}; Path=\/; Max-Age=900; HttpOnly; Secure/)
    expect(outcome(await setup(flow))).toBe('401 flow_invalid')
    const second = await begin()
    const given = await setup(second)
    expect(Object.keys(given.json).toSorted()).toEqual(
      ['manualEntry', 'otpauthUrl', 'qrCode', 'qrSvg', 'secret'].toSorted(),
    )
    expect(await sessionsEver(site)).toBe(before)
    const done = await enable(second, codeAt(given.json.secret, site.clock.now()))
    expect(outcome(done)).toBe('signed_in')
    expect(done.json.recoveryCodes).toHaveLength(10)
    expect(await sessionsEver(site)).toBe(before + 1)
    const bearer = { authorization: `Bearer ${done.json.accessToken}` }
    expect((await site.get('/auth/me', bearer)).json).toMatchObject({ level: 2, user: { id } })
    expect(browser.cookies.has('__Host-hf_flow')).toBe(false)
    expect((await recordsOf(site, 'sign_in.succeeded')).at(-1)).toMatchObject({
      ...{ userId: id, factors: 'pwd otp', level: 2 },
    })
    const next = await visitor(site).login(email)
    expect(next.json).toMatchObject({ methods: ['totp', 'recovery_code'], expiresIn: 300 })
  })

  it('a passkey: registered and signed in at once', async () => {
    const flow = await begin()
    const asked = await browser.post('/auth/login/enrol/passkey/options', { flow })
    const response = new SoftwareAuthenticator().create(asked.json.options, origin)
    const before = await sessionsEver(site)
    const body = { flow, response, name: 'Desk' }
    const done = await browser.post('/auth/login/enrol/passkey', body)
    expect(outcome(done)).toBe('signed_in')
    expect(done.json.recoveryCodes).toHaveLength(10)
    expect(await sessionsEver(site)).toBe(before + 1)
    const bearer = { authorization: `Bearer ${done.json.accessToken}` }
    expect((await site.get('/auth/me', bearer)).json.level).toBe(2)
    expect((await site.get('/auth/passkeys', bearer)).json).toMatchObject({
      passkeys: [{ name: 'Desk' }],
    })
  })

  it('a native client gets its tokens in the body, by its user agent', async () => {
    const native = visitor(site, '192.0.2.9', { 'user-agent': 'Shop/1.0' })
    const { flow } = (await native.login(email, { transport: 'body' })).json
    const { secret } = (await setup(flow, native)).json
    const done = await enable(flow, codeAt(secret, site.clock.now()), native)
    expect(done.json.refreshToken).toMatch(/^[\w-]{43}$/)
    expect(native.cookies.size).toBe(0)
  })
})

describe('rules 3 and 4: an enrolment flow', () => {
  it('belongs to its browser, ends after 15 minutes and after five wrong codes, and finishes once', async () => {
    const flow = await begin()
    const secret = await secretOf(flow)
    const stranger = visitor(site, '198.51.100.1')
    await begin(stranger)
    const now = () => codeAt(secret, site.clock.now())
    expect(outcome(await setup(flow, stranger))).toBe('401 flow_invalid')
    expect(outcome(await enable(flow, now(), stranger))).toBe('401 flow_invalid')
    const answers = new Set<string>()
    for (const code of ['', '12345', '１２３４５６', 'x'.repeat(9_000)]) {
      const answer = await enable(flow, code)
      expect(outcome(answer)).toBe('401 factor_rejected')
      answers.add(seen(answer))
    }
    expect(answers.size).toBe(1)
    expect(outcome(await enable(flow, now()))).toBe('signed_in')
    expect(outcome(await enable(flow, now()))).toBe('401 flow_invalid')
  })

  it('is dead after five wrong codes, and after its end', async () => {
    const flow = await begin()
    const secret = await secretOf(flow)
    for (let turn = 0; turn < 5; turn++) await enable(flow, '')
    const code = () => codeAt(secret, site.clock.now())
    expect(outcome(await enable(flow, code()))).toBe('401 flow_invalid')
    const other = await begin()
    const again = await secretOf(other)
    await site.advance(15 * 60_000)
    const late = codeAt(again, site.clock.now())
    expect(outcome(await enable(other, late))).toBe('401 flow_invalid')
  })

  it('takes no code before a secret was asked for, no empty passkey, and none of the second step', async () => {
    const flow = await begin()
    const before = await sessionsEver(site)
    expect(outcome(await enable(flow, '123456'))).toBe('401 factor_rejected')
    const empty = await browser.post('/auth/login/enrol/passkey', { flow, response: {} })
    expect(outcome(empty)).toBe('401 factor_rejected')
    const mfa = await browser.prove(flow, { method: 'totp', code: '123456' })
    expect(outcome(mfa)).toBe('401 flow_invalid')
    const options = await browser.post('/auth/login/mfa/options', { flow })
    expect(outcome(options)).toBe('401 flow_invalid')
    const sessionOnly = await browser.post('/auth/mfa/totp/setup', {})
    expect(sessionOnly.status).toBe(401)
    expect(await sessionsEver(site)).toBe(before)
  })

  it('is of no use once the account has a second factor, or is locked', async () => {
    const mine = await begin()
    const secret = await secretOf(mine)
    const theirs = visitor(site, '198.51.100.1')
    const other = await begin(theirs)
    expect(outcome(await enable(mine, codeAt(secret, site.clock.now())))).toBe('signed_in')
    expect(outcome(await setup(other, theirs))).toBe('401 flow_invalid')
    const asked = await theirs.post('/auth/login/enrol/passkey/options', { flow: other })
    expect(outcome(asked)).toBe('401 flow_invalid')
    await site.advance(stepMs)
    const code = codeAt(secret, site.clock.now())
    expect(outcome(await enable(other, code, theirs))).toBe('401 flow_invalid')

    const locked = `locked${people}@example.com`
    const lockedId = await makePerson(site, locked)
    const who = visitor(site)
    const flow = await begin(who, locked)
    const pending = (await setup(flow, who)).json.secret
    await site.security.users.lock(lockedId, {}, { reason: 'test' })
    const late = codeAt(pending, site.clock.now())
    expect(outcome(await enable(flow, late, who))).toBe('401 flow_invalid')
    await site.security.users.unlock(lockedId, { reason: 'test' })
    expect((await who.login(locked)).json.enrol).toEqual(['totp', 'passkey'])
  })

  it('of fifty uses at once one finishes, and there is one session', async () => {
    const flow = await begin()
    const code = codeAt(await secretOf(flow), site.clock.now())
    const before = await sessionsEver(site)
    const answers = await Promise.all(Array.from({ length: 50 }, () => enable(flow, code)))
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
    expect(await sessionsEver(site)).toBe(before + 1)
  })
})

describe('time to comply', () => {
  it('begins with the first sign-in that demands a factor, and ends by itself', async () => {
    const lenient = await openFactorSite({ mfa: { roles: ['manager'], grace: '7d' } })
    try {
      const address = 'manager@example.com'
      const manager = await makePerson(lenient, address)
      await lenient.security.users.grantRole(manager, 'manager')
      expect(outcome(await visitor(lenient).login(address))).toBe('signed_in')
      lenient.clock.jump(6 * dayMs)
      expect(outcome(await visitor(lenient).login(address))).toBe('signed_in')
      lenient.clock.jump(dayMs)
      const asked = await visitor(lenient).login(address)
      expect(asked.json).toMatchObject({ status: 'mfa_required', enrol: ['totp', 'passkey'] })
      const person = await makeTotpPerson(lenient, 'has@example.com')
      await lenient.security.users.grantRole(person.id, 'manager')
      expect((await visitor(lenient).login(person.email)).json.methods).toContain('totp')
      const mfaCode = await freshCode(lenient, person)
      expect(outcome(await visitor(lenient).login(person.email, { mfaCode }))).toBe('signed_in')
    } finally {
      await lenient.close()
    }
  })
})
