import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { SoftwareAuthenticator } from '../passkeys/authenticator.ts'
import type { Site } from './identity-kit.ts'
import {
  bearerOf,
  makePerson,
  openFactorSite,
  outcome,
  recordsOf,
  type Visitor,
  visitor,
} from './second-factor-kit.ts'

const origin = 'http://localhost:3000'
const email = 'clara@example.com'

let site: Site
let key: SoftwareAuthenticator
beforeAll(async () => {
  site = await openFactorSite()
  await makePerson(site, email)
  key = new SoftwareAuthenticator()
  const own = visitor(site, '192.0.2.77', await bearerOf(site, email))
  const { options } = (await own.post('/auth/passkeys/options')).json
  expect((await own.post('/auth/passkeys', { response: key.create(options, origin) })).status).toBe(
    201,
  )
  await site.advance(1_000)
})
afterAll(() => site.close())
afterEach(() => {
  Reflect.deleteProperty(site.security.parts.rooms.passkeys, 'verifyAssertion')
})

/** From now on a copy of the passkey is used with the same counter, between each proof and its use. */
function copyIsFaster(): void {
  const { ground, rooms } = site.security.parts
  const { passkeys } = rooms
  const verify = passkeys.verifyAssertion
  passkeys.verifyAssertion = async (sent) => {
    const verdict = await verify.call(passkeys, sent)
    if (verdict.ok) {
      const { counter } = verdict
      await ground.database.transaction((trx) =>
        trx.updateTable('hf_passkeys').set({ counter }).execute(),
      )
    }
    return verdict
  }
}

const alarms = async () => (await recordsOf(site, 'passkey.cloned')).length

async function alone(browser: Visitor) {
  const { options } = (await browser.post('/auth/login/passkey/options')).json
  return () => browser.post('/auth/login/passkey', { response: key.get(options, origin) })
}

async function second(browser: Visitor) {
  const { flow } = (await browser.login(email)).json
  const { options } = (await browser.post('/auth/login/mfa/options', { flow })).json
  return () => browser.prove(flow, { method: 'passkey', response: key.get(options, origin) })
}

async function again(browser: Visitor) {
  const signedIn = await (await alone(browser))()
  const bearer = { authorization: `Bearer ${signedIn.json.accessToken}` }
  const { options } = (await browser.post('/auth/step-up/options', {}, bearer)).json
  const response = key.get(options, origin)
  return () => browser.post('/auth/step-up', { method: 'passkey', response }, bearer)
}

it.each([
  ['/auth/login/passkey', alone, '401 invalid_credentials'],
  ['/auth/login/mfa', second, '401 factor_rejected'],
  ['/auth/step-up', again, '401 factor_rejected'],
] as const)(
  'rule M3: a passkey that signs twice with one counter raises the alarm at %s, though nothing else of it stays',
  async (_path, begin, refusal) => {
    const before = await alarms()
    const sign = await begin(visitor(site))
    copyIsFaster()
    expect(outcome(await sign())).toBe(refusal)
    expect(await alarms()).toBe(before + 1)
  },
)
