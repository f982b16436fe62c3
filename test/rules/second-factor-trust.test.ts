import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { goodPassword, type Site } from './identity-kit.ts'
import {
  freshCode,
  makeTotpPerson,
  openFactorSite,
  outcome,
  recordsOf,
  type TotpPerson,
  type Visitor,
  visitor,
  wrongCode,
} from './second-factor-kit.ts'

const dayMs = 24 * 60 * 60 * 1000

let site: Site
let people = 0
let person: TotpPerson
let browser: Visitor
beforeAll(async () => {
  site = await openFactorSite({ mfa: { trustedDevices: '14d', roles: ['manager'] } })
})
afterAll(() => site.close())
beforeEach(async () => {
  person = await makeTotpPerson(site, `trust${++people}@example.com`)
  browser = visitor(site)
})

/** Signs in with both factors; the access token. */
async function signIn(trustDevice: boolean, who = browser): Promise<string> {
  const { flow } = (await who.login(person.email)).json
  const code = await freshCode(site, person)
  const done = await who.prove(flow, { method: 'totp', code, trustDevice })
  expect(outcome(done)).toBe('signed_in')
  return done.json.accessToken
}

describe('a trusted device', () => {
  it('is spared the second factor until its end, at level 1, if its owner asked for it', async () => {
    await signIn(false)
    expect(outcome(await browser.login(person.email))).toBe('mfa_required')
    await signIn(true)
    const spared = await browser.login(person.email)
    expect(outcome(spared)).toBe('signed_in')
    const bearer = { authorization: `Bearer ${spared.json.accessToken}` }
    expect((await site.get('/auth/me', bearer)).json.level).toBe(1)
    const { devices } = (await site.get('/auth/devices', bearer)).json
    const ends = devices.map((one: { trustedUntil: number | null }) => one.trustedUntil)
    expect(ends).toEqual([expect.any(Number), null])
    expect((await recordsOf(site, 'device.trusted')).at(-1)).toMatchObject({ userId: person.id })
    site.clock.jump(13 * dayMs)
    expect(outcome(await browser.login(person.email))).toBe('signed_in')
    site.clock.jump(dayMs)
    expect(outcome(await browser.login(person.email))).toBe('mfa_required')
  })

  it('is a browser that holds the token: not another one, not a native client, not one of another account', async () => {
    await signIn(true)
    expect(outcome(await visitor(site).login(person.email))).toBe('mfa_required')
    const native = visitor(site, '192.0.2.9', { 'user-agent': 'Shop/1.0' })
    const { flow } = (await native.login(person.email, { transport: 'body' })).json
    const proof = { method: 'totp', code: await freshCode(site, person), trustDevice: true }
    expect(outcome(await native.prove(flow, proof))).toBe('signed_in')
    const again = await native.login(person.email, { transport: 'body' })
    expect(outcome(again)).toBe('mfa_required')
    const copied = await native.post(
      '/auth/login',
      { identifier: person.email, password: goodPassword, transport: 'body' },
      { cookie: `__Host-hf_device=${browser.cookies.get('__Host-hf_device')}` },
    )
    expect(outcome(copied)).toBe('mfa_required')
    const first = person
    person = await makeTotpPerson(site, `second${people}@example.com`)
    expect(outcome(await browser.login(person.email))).toBe('mfa_required')
    expect(outcome(await browser.login(first.email))).toBe('signed_in')
  })

  it('is asked all the same where a code is sent: a wrong one is wrong, a right one makes level 2', async () => {
    await signIn(true)
    const wrong = await browser.login(person.email, { mfaCode: wrongCode(site, person) })
    expect(outcome(wrong)).toBe('401 factor_rejected')
    const right = await browser.login(person.email, { mfaCode: await freshCode(site, person) })
    const bearer = { authorization: `Bearer ${right.json.accessToken}` }
    expect((await site.get('/auth/me', bearer)).json.level).toBe(2)
  })

  it('wrong passwords are wrong on it as well', async () => {
    await signIn(true)
    const wrong = await browser.login(person.email, { password: 'wrong horse battery 1' })
    expect(outcome(wrong)).toBe('401 invalid_credentials')
  })

  it('spares nobody what policy demands', async () => {
    await signIn(true)
    await site.security.users.grantRole(person.id, 'manager')
    expect(outcome(await browser.login(person.email))).toBe('mfa_required')
  })

  it('is trusted no longer once it was forgotten', async () => {
    const bearer = { authorization: `Bearer ${await signIn(true)}` }
    const { devices } = (await site.get('/auth/devices', bearer)).json
    for (const { id } of devices) {
      await site.request('DELETE', `/auth/devices/${id}`, { headers: bearer })
    }
    expect(outcome(await browser.login(person.email))).toBe('mfa_required')
    await signIn(false)
    expect(outcome(await browser.login(person.email))).toBe('mfa_required')
  })

  it('is trusted no longer once the password or a factor changed, though it stays known', async () => {
    const token = await signIn(true)
    const own = { authorization: `Bearer ${token}` }
    const password = 'another horse battery staple 42'
    const body = { currentPassword: goodPassword, password }
    expect((await site.post('/auth/password/change', body, own)).status).toBe(200)
    expect(outcome(await browser.login(person.email, { password }))).toBe('mfa_required')
    const { flow } = (await browser.login(person.email, { password })).json
    const code = await freshCode(site, person)
    const done = await browser.prove(flow, { method: 'totp', code, trustDevice: true })
    expect(outcome(await browser.login(person.email, { password }))).toBe('signed_in')
    const bearer = { authorization: `Bearer ${done.json.accessToken}` }
    expect((await site.post('/auth/mfa/recovery-codes', {}, bearer)).status).toBe(200)
    expect(outcome(await browser.login(person.email, { password }))).toBe('mfa_required')
  })

  it('does not exist where the option is not set, whatever was trusted before or is asked for', async () => {
    const plain = await openFactorSite()
    try {
      const other = await makeTotpPerson(plain, 'plain@example.com')
      const who = visitor(plain)
      const { flow } = (await who.login(other.email)).json
      const code = await freshCode(plain, other)
      const done = await who.prove(flow, { method: 'totp', code, trustDevice: true })
      expect(outcome(done)).toBe('signed_in')
      await plain.security.parts.ground.database.transaction((trx) =>
        trx.updateTable('hf_devices').set({ trusted_until: Number.MAX_SAFE_INTEGER }).execute(),
      )
      expect(outcome(await who.login(other.email))).toBe('mfa_required')
    } finally {
      await plain.close()
    }
  })
})
