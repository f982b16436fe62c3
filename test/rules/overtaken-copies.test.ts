import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Site } from './identity-kit.ts'
import {
  freshCode,
  makeTotpPerson,
  openFactorSite,
  outcome,
  recordsOf,
  type TotpPerson,
  visitor,
} from './second-factor-kit.ts'

type Headers = Readonly<Record<string, string>>

/** What an owner has that somebody else would like to take from her. */
interface Belongings {
  readonly session: string
  readonly device: string
}

let site: Site
let people = 0
let person: TotpPerson
beforeAll(async () => {
  site = await openFactorSite()
})
afterAll(() => site.close())
beforeEach(async () => {
  person = await makeTotpPerson(site, `copied${++people}@example.com`)
})

const submit = (path: string, id: string, headers: Headers) =>
  site.request('POST', path, {
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ id }).toString(),
  })

/** The doors at which somebody ends a session of her own or forgets a device. */
const doors: Readonly<Record<string, (headers: Headers, own: Belongings) => Promise<unknown>>> = {
  'ends no session': (headers, { session }) =>
    site.request('DELETE', `/auth/sessions/${session}`, { headers }),
  'ends no session on the page': (headers, { session }) =>
    submit('/account/sessions/end', session, headers),
  'forgets no device': (headers, { device }) =>
    site.request('DELETE', `/auth/devices/${device}`, { headers }),
  'forgets no device on the page': (headers, { device }) =>
    submit('/account/devices/forget', device, headers),
}

/** An access token that a step-up has overtaken, the one after it, and what the account has besides. */
async function overtaken(): Promise<{ copy: Headers; current: Headers; own: Belongings }> {
  const browser = visitor(site)
  const { flow } = (await browser.login(person.email)).json
  const code = await freshCode(site, person)
  const signedIn = await browser.prove(flow, { method: 'totp', code })
  const copy = { authorization: `Bearer ${signedIn.json.accessToken}` }
  const other = visitor(site, '198.51.100.7')
  const begun = (await other.login(person.email)).json.flow
  const own = await other.prove(begun, { method: 'totp', code: await freshCode(site, person) })
  const proof = { method: 'totp', code: await freshCode(site, person) }
  const raised = await browser.post('/auth/step-up', proof, copy)
  const current = { authorization: `Bearer ${raised.json.accessToken}` }
  const { devices } = (await site.get('/auth/devices', current)).json
  return { copy, current, own: { session: own.json.sessionId, device: devices[0].id } }
}

/** What is left of an account, as its owner sees it. */
async function left(current: Headers) {
  const { sessions } = (await site.get('/auth/sessions', current)).json
  const { devices } = (await site.get('/auth/devices', current)).json
  return { sessions: sessions.length, devices: devices.length }
}

describe('rule 11: a copy of a token that a step-up has overtaken', () => {
  it.each(Object.keys(doors))('%s, and the token after it does', async (name) => {
    const { copy, current, own } = await overtaken()
    const before = await left(current)
    await doors[name]?.(copy, own)
    expect(await left(current)).toEqual(before)
    await doors[name]?.(current, own)
    const after = await left(current)
    expect(after.sessions + after.devices).toBe(before.sessions + before.devices - 1)
  })

  it('is told to refresh, and leaves no record of anything that ended', async () => {
    const { copy, own } = await overtaken()
    const ended = async () =>
      [...(await recordsOf(site, 'session.ended')), ...(await recordsOf(site, 'device.forgotten'))]
        .length
    const before = await ended()
    for (const path of [`/auth/sessions/${own.session}`, `/auth/devices/${own.device}`]) {
      const answer = await site.request('DELETE', path, { headers: copy })
      expect(outcome(answer)).toBe('401 token_expired')
    }
    expect(await ended()).toBe(before)
  })

  it('still signs its own session out, which is all that it may end', async () => {
    const { copy, current } = await overtaken()
    expect((await site.post('/auth/logout', {}, copy)).status).toBe(204)
    expect((await site.get('/auth/me', current)).status).toBe(401)
  })

  it('hears of a session and a device of somebody else what everybody hears', async () => {
    const { current } = await overtaken()
    const eve = { ...person }
    person = await makeTotpPerson(site, `eve${people}@example.com`)
    const { own } = await overtaken()
    for (const path of [`/auth/sessions/${own.session}`, `/auth/devices/${own.device}`]) {
      const answer = await site.request('DELETE', path, { headers: current })
      expect(answer.status, eve.email).toBe(404)
    }
  })
})
