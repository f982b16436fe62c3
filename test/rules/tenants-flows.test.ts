import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HttpAnswer } from '../nodes/nodes.ts'
import { SoftwareAuthenticator } from '../passkeys/authenticator.ts'
import { cheapHashes } from './guessing-kit.ts'
import { goodPassword } from './identity-kit.ts'
import {
  codeAt,
  outcome,
  seen,
  sessionsEver,
  stepMs,
  type Visitor,
  visitor,
} from './second-factor-kit.ts'
import { openTenants, type TenantSite } from './tenants-kit.ts'

const origin = 'http://localhost:3000'
const elsewhere = ['other', undefined, 'none', '']
let site: TenantSite
let people = 0

beforeAll(async () => {
  site = await openTenants({
    organisations: { from: 'header', tenancy: 'isolated' },
    captcha: { provider: 'none' },
    mfa: { roles: ['editor'] },
    stepUp: { within: '5m' },
  })
  cheapHashes(site)
  for (const slug of ['acme', 'other']) await site.organisation(slug)
})
afterAll(() => site.close())

const asBrowser = { origin, 'sec-fetch-site': 'same-origin' }
const named = (organisation: string | undefined): Record<string, string> =>
  organisation === undefined ? {} : { 'x-organisation': organisation }

/** One browser with one jar of cookies, whose requests say by themselves which organisation they are about. */
interface Wanderer {
  readonly visitor: Visitor
  at(organisation: string | undefined, path: string, body?: unknown): Promise<HttpAnswer>
}

function wanderer(always: Readonly<Record<string, string>> = asBrowser): Wanderer {
  const own = visitor(site, '192.0.2.5', always)
  return { visitor: own, at: (place, path, body = {}) => own.post(path, body, named(place)) }
}

const login = (who: Wanderer, at: string | undefined, email: string, more: object = {}) =>
  who.at(at, '/auth/login', { identifier: email, password: goodPassword, ...more })

async function somebody(at: string | undefined, roles: readonly string[] = []): Promise<string> {
  const email = `person${++people}@example.com`
  const organisation = at === undefined ? {} : { organisation: at }
  const held = roles.length === 0 ? {} : { roles }
  await site.security.users.create({ email, password: goodPassword, ...held, ...organisation })
  await site.advance(1_000)
  return email
}

/** A native client with a session in its own place. */
async function signedIn(at: string | undefined, email: string): Promise<Wanderer> {
  const { json } = await login(wanderer({}), at, email, { transport: 'body' })
  return wanderer({ authorization: `Bearer ${json.accessToken}` })
}

/** Somebody with an authenticator app. */
async function withApp(at: string | undefined) {
  const email = await somebody(at)
  const own = await signedIn(at, email)
  const { secret } = (await own.at(at, '/auth/mfa/totp/setup')).json
  const code = codeAt(secret, site.clock.now())
  expect((await own.at(at, '/auth/mfa/totp/enable', { code })).status).toBe(200)
  await site.advance(stepMs)
  return { email, code: () => codeAt(secret, site.clock.now()) }
}

/** Somebody with a passkey. */
async function withPasskey(at: string | undefined) {
  const email = await somebody(at)
  const key = new SoftwareAuthenticator()
  const own = await signedIn(at, email)
  const { options } = (await own.at(at, '/auth/passkeys/options')).json
  const made = await own.at(at, '/auth/passkeys', { response: key.create(options, origin) })
  expect(made.status).toBe(201)
  return { email, key }
}

const attemptsIn = async () => {
  const rows = await site.security.parts.ground.database.reader
    .selectFrom('hf_sign_in_flows')
    .select(['attempts', 'created_at'])
    .orderBy('created_at', 'desc')
    .execute()
  return rows[0]?.attempts
}

describe('rule 7: a sign-in that has begun in one organisation', () => {
  test('takes a code there alone; anywhere else it is none, and nothing is counted', async () => {
    const { code, email } = await withApp('acme')
    const browser = wanderer()
    const { flow } = (await login(browser, 'acme', email)).json
    const before = await sessionsEver(site)
    const proof = { flow, method: 'totp', code: code() }
    for (const place of elsewhere) {
      const told = await browser.at(place, '/auth/login/mfa', proof)
      expect(outcome(told), String(place)).toBe('401 flow_invalid')
      const foreign = { ...proof, flow: 'A'.repeat(43) }
      expect(seen(told)).toBe(seen(await browser.at(place, '/auth/login/mfa', foreign)))
    }
    expect(await attemptsIn()).toBe(0)
    expect(await sessionsEver(site)).toBe(before)
    expect(outcome(await browser.at('acme', '/auth/login/mfa', proof))).toBe('signed_in')
  })

  test('is none of an operator: theirs are none in an organisation', async () => {
    const { code, email } = await withApp(undefined)
    const browser = wanderer()
    const { flow } = (await login(browser, undefined, email)).json
    const proof = { flow, method: 'totp', code: code() }
    const told = await browser.at('acme', '/auth/login/mfa', proof)
    expect(outcome(told)).toBe('401 flow_invalid')
    expect(outcome(await browser.at(undefined, '/auth/login/mfa', proof))).toBe('signed_in')
  })

  test('goes on with a code in the same request', async () => {
    const { code, email } = await withApp('acme')
    const told = await login(wanderer(), 'acme', email, { mfaCode: code() })
    expect(outcome(told)).toBe('signed_in')
  })

  test('asks a passkey to sign there alone, and takes what it signed there alone', async () => {
    const { email, key } = await withPasskey('acme')
    const browser = wanderer()
    const { flow } = (await login(browser, 'acme', email)).json
    const options = (place: string | undefined) =>
      browser.at(place, '/auth/login/mfa/options', { flow })
    for (const place of elsewhere) expect(outcome(await options(place))).toBe('401 flow_invalid')
    const response = key.get((await options('acme')).json.options, origin)
    const proof = { flow, method: 'passkey', response }
    for (const place of elsewhere) {
      expect(outcome(await browser.at(place, '/auth/login/mfa', proof))).toBe('401 flow_invalid')
    }
    expect(outcome(await browser.at('acme', '/auth/login/mfa', proof))).toBe('signed_in')
  })

  test('enrols an authenticator app there alone', async () => {
    const email = await somebody('acme', ['editor'])
    const browser = wanderer()
    const { flow } = (await login(browser, 'acme', email)).json
    const setup = (place: string | undefined) =>
      browser.at(place, '/auth/login/enrol/totp/setup', { flow })
    for (const place of elsewhere) expect(outcome(await setup(place))).toBe('401 flow_invalid')
    const code = codeAt((await setup('acme')).json.secret, site.clock.now())
    const enable = (place: string | undefined) =>
      browser.at(place, '/auth/login/enrol/totp/enable', { flow, code })
    for (const place of elsewhere) expect(outcome(await enable(place))).toBe('401 flow_invalid')
    expect(outcome(await enable('acme'))).toBe('signed_in')
  })

  test('enrols a passkey there alone', async () => {
    const email = await somebody('acme', ['editor'])
    const browser = wanderer()
    const { flow } = (await login(browser, 'acme', email)).json
    const options = (place: string | undefined) =>
      browser.at(place, '/auth/login/enrol/passkey/options', { flow })
    for (const place of elsewhere) expect(outcome(await options(place))).toBe('401 flow_invalid')
    const asked = (await options('acme')).json.options
    const response = new SoftwareAuthenticator().create(asked, origin)
    const enrol = (place: string | undefined) =>
      browser.at(place, '/auth/login/enrol/passkey', { flow, response })
    for (const place of elsewhere) expect(outcome(await enrol(place))).toBe('401 flow_invalid')
    expect(outcome(await enrol('acme'))).toBe('signed_in')
  })

  test('is shown by the pages there alone', async () => {
    const { email } = await withApp('acme')
    const browser = wanderer()
    const { flow } = (await login(browser, 'acme', email)).json
    const cookie = [...browser.visitor.cookies].map((pair) => pair.join('=')).join('; ')
    const page = (place: string | undefined) =>
      site.get('/account/sign-in/code', {
        cookie: `${cookie}; __Host-hf_step=${flow}`,
        ...named(place),
      })
    for (const place of elsewhere) {
      const told = await page(place)
      expect([told.status, told.headers.get('location')]).toEqual([
        303,
        expect.stringContaining('flow-ended'),
      ])
    }
    expect((await page('acme')).status).toBe(200)
  })
})

describe('rule 7: what a passkey alone was asked to sign', () => {
  test('in one organisation signs nobody in in another, whosever the passkey is', async () => {
    const { key } = await withPasskey('acme')
    for (const place of elsewhere) {
      const browser = wanderer()
      const { options } = (await browser.at(place, '/auth/login/passkey/options')).json
      const response = key.get(options, origin)
      const told = await browser.at('acme', '/auth/login/passkey', { response })
      expect(outcome(told), String(place)).toBe('401 invalid_credentials')
    }
    const browser = wanderer()
    const { options } = (await browser.at('acme', '/auth/login/passkey/options')).json
    const response = key.get(options, origin)
    expect(outcome(await browser.at('acme', '/auth/login/passkey', { response }))).toBe('signed_in')
  })
})

describe('rule 27: a session of one organisation', () => {
  test('is refreshed there alone; anywhere else its organisation does not exist', async () => {
    const email = await somebody('acme')
    const native = wanderer({})
    const { refreshToken } = (await login(native, 'acme', email, { transport: 'body' })).json
    const refresh = (place: string | undefined) =>
      native.at(place, '/auth/refresh', { refreshToken })
    const answers = []
    for (const place of elsewhere) answers.push(await refresh(place))
    expect(new Set(answers.map(outcome))).toEqual(new Set(['404 organisation_not_found']))
    expect(new Set(answers.map(seen)).size).toBe(1)
    expect((await refresh('acme')).status).toBe(200)
  })

  test('of a browser is refreshed there alone, and its cookie is left as it was', async () => {
    const email = await somebody('acme')
    const browser = wanderer()
    await login(browser, 'acme', email, { transport: 'cookie' })
    for (const place of elsewhere) {
      const told = await browser.at(place, '/auth/refresh')
      expect(outcome(told), String(place)).toBe('404 organisation_not_found')
      expect(told.headers.getSetCookie()).toEqual([])
    }
    expect((await browser.at('acme', '/auth/refresh')).status).toBe(200)
  })

  test('is proven again there alone', async () => {
    const { code, email } = await withApp('acme')
    const native = wanderer({})
    const began = (await login(native, 'acme', email, { transport: 'body' })).json
    const proof = { flow: began.flow, method: 'totp', code: code() }
    const { accessToken } = (await native.at('acme', '/auth/login/mfa', proof)).json
    const own = wanderer({ authorization: `Bearer ${accessToken}` })
    await site.advance(stepMs)
    const again = { method: 'totp', code: code() }
    for (const place of elsewhere) {
      for (const path of ['/auth/step-up', '/auth/step-up/options']) {
        const told = await own.at(place, path, path.endsWith('options') ? {} : again)
        expect(outcome(told), `${path} ${place}`).toBe('404 organisation_not_found')
      }
    }
    expect(outcome(await own.at('acme', '/auth/step-up', again))).toBe('stepped_up')
  })
})
