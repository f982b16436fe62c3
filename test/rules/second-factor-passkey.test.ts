import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SoftwareAuthenticator } from '../passkeys/authenticator.ts'
import { wrongPassword } from './guessing-kit.ts'
import type { Site } from './identity-kit.ts'
import {
  bearerOf,
  codeAt,
  makePerson,
  openFactorSite,
  outcome,
  recordsOf,
  seen,
  sessionsEver,
  type Visitor,
  visitor,
} from './second-factor-kit.ts'

const origin = 'http://localhost:3000'

let site: Site
let people = 0
let email = ''
let id = ''
let key: SoftwareAuthenticator
let browser: Visitor
beforeAll(async () => {
  site = await openFactorSite()
})
afterAll(() => site.close())
beforeEach(async () => {
  email = `passkey${++people}@example.com`
  id = await makePerson(site, email)
  key = new SoftwareAuthenticator()
  await register(site, email, key)
  browser = visitor(site)
  await site.advance(1_000)
})

async function register(where: Site, who: string, with_: SoftwareAuthenticator): Promise<void> {
  const bearer = await bearerOf(where, who)
  const own = visitor(where, '192.0.2.77', bearer)
  const { options } = (await own.post('/auth/passkeys/options')).json
  const added = await own.post('/auth/passkeys', { response: with_.create(options, origin) })
  if (added.status > 201) throw new Error(`${added.status} ${added.text}`)
}

const challenge = async (who = browser) =>
  (await who.post('/auth/login/passkey/options')).json.options
const signIn = (response: unknown, who = browser, more = {}) =>
  who.post('/auth/login/passkey', { response, ...more })

describe('a passkey is the whole sign-in', () => {
  it('without a name: level 2 by itself, one session, and the cookie of the ceremony is gone', async () => {
    const before = await sessionsEver(site)
    const options = await challenge()
    expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required' })
    expect(options.allowCredentials ?? []).toEqual([])
    const done = await signIn(key.get(options, origin))
    expect(outcome(done)).toBe('signed_in')
    expect(done.json.user.id).toBe(id)
    expect(await sessionsEver(site)).toBe(before + 1)
    const bearer = { authorization: `Bearer ${done.json.accessToken}` }
    expect((await site.get('/auth/me', bearer)).json.level).toBe(2)
    const { sessions } = (await site.get('/auth/sessions', bearer)).json
    const session = sessions.find((one: { current: boolean }) => one.current)
    expect(session).toMatchObject({ factors: ['passkey'], level: 2, transport: 'cookie' })
    expect([...browser.cookies.keys()].toSorted()).toEqual([
      '__Host-hf_device',
      '__Host-hf_refresh',
    ])
    expect((await recordsOf(site, 'sign_in.succeeded')).at(-1)).toMatchObject({
      ...{ userId: id, factors: 'passkey', level: 2, newDevice: true },
    })
  })

  it('rule 11: strangers who guess at the password do not stand in its way, on a new device', async () => {
    for (let turn = 0; turn < 120; turn++) {
      await visitor(site, `198.51.${turn}.1`).login(email, { password: wrongPassword })
    }
    const device = visitor(site, '203.0.113.9')
    const done = await signIn(key.get(await challenge(device), origin), device)
    expect(outcome(done)).toBe('signed_in')
  })

  it('for native clients with tokens in the body, and for nobody who shows a browser', async () => {
    const native = visitor(site, '192.0.2.9', { 'user-agent': 'Shop/1.0' })
    const done = await signIn(key.get(await challenge(native), origin), native, {
      transport: 'body',
    })
    expect(done.json.refreshToken).toMatch(/^[\w-]{43}$/)
    expect(native.cookies.size).toBe(0)
    const answer = key.get(await challenge(), origin)
    const shown = await signIn(answer, browser, { transport: 'body' })
    expect(shown.status).toBe(400)
  })

  it('rule 3: an answer works once, in the browser that asked, for sign-in alone, within five minutes', async () => {
    const answer = key.get(await challenge(), origin)
    const stranger = visitor(site, '198.51.100.1')
    await challenge(stranger)
    expect(outcome(await signIn(answer, stranger))).toBe('401 invalid_credentials')
    expect(outcome(await signIn(answer))).toBe('signed_in')
    expect(outcome(await signIn(answer))).toBe('401 invalid_credentials')
    const late = key.get(await challenge(), origin)
    await site.advance(5 * 60_000)
    expect(outcome(await signIn(late))).toBe('401 invalid_credentials')
    const { flow } = (await browser.login(email)).json
    const factor = (await browser.post('/auth/login/mfa/options', { flow })).json.options
    const other = key.get(factor, origin)
    expect(outcome(await signIn(other))).toBe('401 invalid_credentials')
  })

  it('one refusal, whatever is wrong, and no session: twisted, truncated, foreign and made-up answers', async () => {
    const before = await sessionsEver(site)
    const twists = [
      { userVerified: false },
      { userPresent: false },
      { challenge: 'A'.repeat(43) },
      { type: 'webauthn.create' },
      { rpId: 'evil.example' },
      { crossOrigin: true },
      { userHandle: null },
      { userHandle: Buffer.from('someone else').toString('base64url') },
      { authenticatorData: (bytes: Buffer) => bytes.subarray(0, 20) },
      { authenticatorData: () => Buffer.alloc(0) },
    ]
    const answers = new Set<string>()
    const tries = [
      ...twists.map((twist) => async () => key.get(await challenge(), origin, twist)),
      async () => key.get(await challenge(), 'https://evil.example'),
      async () => ({ ...key.get(await challenge(), origin), id: 'AAAA', rawId: 'AAAA' }),
      async () => ({}),
      async () => ({ id: 1, response: [] }),
      async () => ({ id: 'x'.repeat(9_000), rawId: 'y', type: 'public-key', response: {} }),
    ]
    for (const make of tries) {
      const answer = await signIn(await make())
      expect(outcome(answer), make.toString()).toBe('401 invalid_credentials')
      answers.add(seen(answer))
    }
    expect(answers.size).toBe(1)
    expect(await sessionsEver(site)).toBe(before)
  })

  it('locked, disabled and removed are refused like a wrong one', async () => {
    const { users } = site.security
    await users.lock(id, {}, { reason: 'test' })
    const locked = await signIn(key.get(await challenge(), origin))
    expect(outcome(locked)).toBe('401 invalid_credentials')
    expect((await recordsOf(site, 'sign_in.failed')).at(-1)).toEqual({
      ...{ userId: id, cause: 'account_locked' },
    })
    await users.unlock(id, { reason: 'test' })
    expect(outcome(await signIn(key.get(await challenge(), origin)))).toBe('signed_in')
    await users.disable(id, { reason: 'test' })
    const disabled = await signIn(key.get(await challenge(), origin))
    expect(seen(disabled)).toBe(seen(locked))
  })

  it('a passkey whose counter was seen before is in two places: refused, and told', async () => {
    expect(outcome(await signIn(key.get(await challenge(), origin, { counter: 50 })))).toBe(
      'signed_in',
    )
    const copy = key.get(await challenge(), origin, { counter: 50 })
    expect(outcome(await signIn(copy))).toBe('401 invalid_credentials')
    expect((await recordsOf(site, 'passkey.cloned')).at(-1)).toMatchObject({ userId: id })
  })

  it('tries are limited by client, and successes give theirs back', async () => {
    const tight = await openFactorSite({ limits: { authClient: { points: 4 } } })
    try {
      await makePerson(tight, 'owner@example.com')
      const own = new SoftwareAuthenticator()
      await register(tight, 'owner@example.com', own)
      const who = visitor(tight, '198.51.100.40')
      const right = async () => signIn(own.get(await challenge(who), origin), who)
      for (let turn = 0; turn < 6; turn++) expect(outcome(await right())).toBe('signed_in')
      for (let turn = 0; turn < 4; turn++) expect((await signIn({}, who)).status).toBe(401)
      expect((await right()).status).toBe(429)
    } finally {
      await tight.close()
    }
  })
})

describe('a passkey as second factor', () => {
  const begin = async (who = browser) => {
    const answer = await who.login(email)
    expect(answer.json).toMatchObject({ status: 'mfa_required' })
    expect(answer.json.methods).toEqual(['passkey', 'recovery_code'])
    return answer.json.flow as string
  }
  const optionsOf = async (flow: string, who = browser) =>
    (await who.post('/auth/login/mfa/options', { flow })).json.options

  it('finishes the flow that it was asked for', async () => {
    const flow = await begin()
    const options = await optionsOf(flow)
    expect(options.allowCredentials).toHaveLength(1)
    const response = key.get(options, origin)
    const done = await browser.prove(flow, { method: 'passkey', response })
    expect(outcome(done)).toBe('signed_in')
    expect((await recordsOf(site, 'sign_in.succeeded')).at(-1)).toMatchObject({
      ...{ userId: id, factors: 'pwd passkey', level: 2 },
    })
  })

  it('rule 4: that of another account, of another kind, of another flow, or a code, proves nothing', async () => {
    const flow = await begin()
    const otherMail = `other${people}@example.com`
    await makePerson(site, otherMail)
    const otherKey = new SoftwareAuthenticator()
    await register(site, otherMail, otherKey)
    const mine = await optionsOf(flow)
    const foreign = otherKey.get({ ...mine, allowCredentials: [] }, origin)
    const reject = async (response: unknown) =>
      outcome(await browser.prove(flow, { method: 'passkey', response }))
    expect(await reject(foreign)).toBe('401 factor_rejected')
    expect(await reject(key.get(mine, origin))).toBe('401 factor_rejected')
    const discoverable = key.get(await challenge(), origin)
    expect(await reject(discoverable)).toBe('401 factor_rejected')
    const code = { method: 'totp', code: codeAt('A'.repeat(32), site.clock.now()) }
    expect(outcome(await browser.prove(flow, code))).toBe('401 factor_rejected')
    const right = key.get(await optionsOf(flow), origin)
    expect(outcome(await browser.prove(flow, { method: 'passkey', response: right }))).toBe(
      'signed_in',
    )
  })

  it('options are given to the browser of the flow alone, and count nothing', async () => {
    const flow = await begin()
    const stranger = visitor(site, '198.51.100.1')
    await begin(stranger)
    const refused = await stranger.post('/auth/login/mfa/options', { flow })
    expect(outcome(refused)).toBe('401 flow_invalid')
    for (let turn = 0; turn < 7; turn++) await optionsOf(flow)
    const response = key.get(await optionsOf(flow), origin)
    expect(outcome(await browser.prove(flow, { method: 'passkey', response }))).toBe('signed_in')
  })

  it('one without user verification is refused, unless the options take it: then it is a second factor only', async () => {
    const flow = await begin()
    const response = key.get(await optionsOf(flow), origin, { userVerified: false })
    expect(outcome(await browser.prove(flow, { method: 'passkey', response }))).toBe(
      '401 factor_rejected',
    )
    const lax = await openFactorSite({ passkeys: { userVerification: 'preferred' } })
    try {
      await makePerson(lax, 'key@example.com')
      const own = new SoftwareAuthenticator({ userVerified: false })
      await register(lax, 'key@example.com', own)
      await lax.advance(1_000)
      const who = visitor(lax)
      const alone = own.get(await challenge(who), origin)
      expect(outcome(await signIn(alone, who))).toBe('401 invalid_credentials')
      const begun = (await who.login('key@example.com')).json.flow
      const asked = await optionsOf(begun, who)
      const answer = { method: 'passkey', response: own.get(asked, origin) }
      expect(outcome(await who.prove(begun, answer))).toBe('signed_in')
      expect((await recordsOf(lax, 'sign_in.succeeded')).at(-1)).toMatchObject({
        ...{ factors: 'pwd key', level: 2 },
      })
    } finally {
      await lax.close()
    }
  })
})
