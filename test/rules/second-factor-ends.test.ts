import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Site } from './identity-kit.ts'
import {
  bearerOf,
  freshCode,
  makePerson,
  makeTotpPerson,
  openFactorSite,
  outcome,
  recordsOf,
  type TotpPerson,
  type Visitor,
  visitor,
} from './second-factor-kit.ts'

let site: Site
let people = 0
let person: TotpPerson
let browser: Visitor
beforeAll(async () => {
  const mfa = { trustedDevices: '14d', roles: ['manager'] } as const
  site = await openFactorSite({ mfa, stepUp: { within: '5m' } })
})
afterAll(() => site.close())
beforeEach(async () => {
  person = await makeTotpPerson(site, `ends${++people}@example.com`)
  browser = visitor(site)
})

/** Signs in with both factors; headers of the session. */
async function signIn(who = browser, trustDevice = true): Promise<Record<string, string>> {
  const { flow } = (await who.login(person.email)).json
  const code = await freshCode(site, person)
  const done = await who.prove(flow, { method: 'totp', code, trustDevice })
  expect(outcome(done)).toBe('signed_in')
  return { authorization: `Bearer ${done.json.accessToken}` }
}
const endOthers = (headers: Record<string, string>) =>
  site.request('DELETE', '/auth/sessions', { headers })
/** The caller as code of the application is given it. */
const authOf = async ({ authorization = '' }: Record<string, string>) => {
  const verified = await site.security.tokens.verify(authorization.replace('Bearer ', ''))
  if (!verified.ok) throw verified.error
  return verified.auth
}
const byOwner = (id: string) => ({ reason: 'ended_by_owner', actor: { kind: 'user', id } }) as const
const form = async (path: string) => {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const { csrfToken } = (await site.get('/auth/me', { cookie })).json
  const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams({ _csrf: csrfToken }).toString()
  const own = { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }
  return site.request('POST', path, { headers: { ...headers, ...own }, body })
}

const reason = 'a stranger sat there'
const endings: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
  'an administrator ended the sessions': (id) => site.security.users.endSessions(id, { reason }),
  'it was locked and unlocked': async (id) => {
    await site.security.users.lock(id, {}, { reason })
    await site.security.users.unlock(id, { reason })
  },
  'it was disabled and enabled': async (id) => {
    await site.security.users.disable(id, { reason })
    await site.security.users.enable(id, { reason })
  },
}

describe('rule 19: the trust of a browser ends with the sessions', () => {
  it.each(Object.keys(endings))('of an account once %s', async (name) => {
    await signIn()
    expect(outcome(await browser.login(person.email))).toBe('signed_in')
    await endings[name]?.(person.id)
    expect(outcome(await browser.login(person.email))).toBe('mfa_required')
  })

  it('once a new password was forced: nothing is trusted', async () => {
    await signIn()
    await site.security.users.forceReset(person.id, { reason })
    const { reader } = site.security.parts.ground.database
    const devices = await reader.selectFrom('hf_devices').selectAll().execute()
    const own = devices.filter(({ user_id }) => user_id === person.id)
    expect(own.map(({ trusted_until }) => trusted_until)).toEqual(own.map(() => null))
    expect(own).not.toEqual([])
  })

  it('once the owner ended all others, her own trust as well; her session goes on', async () => {
    await signIn()
    const own = await signIn(visitor(site, '198.51.100.7'), false)
    expect((await endOthers(own)).status).toBe(200)
    expect((await site.get('/auth/me', own)).json.level).toBe(2)
    expect(outcome(await browser.login(person.email))).toBe('mfa_required')
  })

  it('once she did so on her page', async () => {
    const intruder = visitor(site, '198.51.100.8')
    await signIn(intruder)
    await browser.login(person.email, {
      transport: 'session',
      mfaCode: await freshCode(site, person),
    })
    const done = await form('/account/sessions/end-others')
    expect([done.status, done.headers.get('location')]).toEqual([
      303,
      '/account?notice=others-ended',
    ])
    expect(outcome(await intruder.login(person.email))).toBe('mfa_required')
  })
})

describe('rule 19: a sign-in that has begun does not outlast the end of the sessions', () => {
  it.each(Object.keys(endings))('of an account once %s', async (name) => {
    const { flow } = (await browser.login(person.email)).json
    await endings[name]?.(person.id)
    const proof = { method: 'totp', code: await freshCode(site, person) }
    expect(outcome(await browser.prove(flow, proof))).toBe('401 flow_invalid')
  })
})

describe('rule 19: a sign-in that has begun does not outlast the end of all others', () => {
  it('the flow is over, and the session that ended them steps up and goes on', async () => {
    const own = await signIn(visitor(site, '198.51.100.9'), false)
    const { flow } = (await browser.login(person.email)).json
    const intruder = { method: 'totp', code: await freshCode(site, person) }
    expect((await endOthers(own)).status).toBe(200)
    expect(outcome(await browser.prove(flow, intruder))).toBe('401 flow_invalid')
    expect((await site.get('/auth/me', own)).status).toBe(200)
    const proof = { method: 'totp', code: await freshCode(site, person) }
    expect((await site.post('/auth/step-up', proof, own)).status).toBe(200)
  })

  it('nor does a proof of the password that waits for its enrolment', async () => {
    const email = `waits${people}@example.com`
    const userId = await makePerson(site, email)
    await bearerOf(site, email)
    const own = await authOf(await bearerOf(site, email))
    await site.security.users.grantRole(userId, 'manager')
    const { flow } = (await browser.login(email)).json
    // Below its level now, that session ends others by code alone.
    await site.security.parts.rooms.sessions.endOthers(own, byOwner(userId))
    const setup = await browser.post('/auth/login/enrol/totp/setup', { flow })
    expect(outcome(setup)).toBe('401 flow_invalid')
  })
})

describe('rule 11: ending all others holds no owner up', () => {
  const versionOf = async () =>
    await site.security.parts.ground.database.reader
      .selectFrom('hf_users')
      .select('credentials_version')
      .where('id', '=', person.id)
      .executeTakeFirstOrThrow()
  const secondStep = async (flow: string) =>
    browser.prove(flow, { method: 'totp', code: await freshCode(site, person) })

  it('a copy that a step-up has overtaken ends nothing, however often it asks', async () => {
    const copy = await signIn()
    const proof = { method: 'totp', code: await freshCode(site, person) }
    const raised = await browser.post('/auth/step-up', proof, copy)
    expect(raised.status).toBe(200)
    const owner = visitor(site, '198.51.100.10')
    const { flow } = (await owner.login(person.email)).json
    for (let time = 0; time < 3; time++) {
      expect(outcome(await endOthers(copy))).toBe('401 token_expired')
    }
    const code = await freshCode(site, person)
    expect(outcome(await owner.prove(flow, { method: 'totp', code }))).toBe('signed_in')
    const current = { authorization: `Bearer ${raised.json.accessToken}` }
    expect((await endOthers(current)).json).toEqual({ ended: 2 })
  })

  it('where nothing is left to end nothing changes: a sign-in that has begun goes on', async () => {
    const own = await signIn(visitor(site, '198.51.100.11'), false)
    expect((await endOthers(own)).status).toBe(200)
    const before = await versionOf()
    const { flow } = (await browser.login(person.email)).json
    for (let time = 0; time < 3; time++) expect((await endOthers(own)).json).toEqual({ ended: 0 })
    expect(await versionOf()).toEqual(before)
    expect(outcome(await secondStep(flow))).toBe('signed_in')
  })

  it('nor does a session that has ended meanwhile, of which a node still thinks otherwise', async () => {
    const stale = await authOf(await signIn(visitor(site, '198.51.100.12'), false))
    const own = await signIn()
    await site.security.users.endSessions(person.id, { reason })
    const { sessions } = site.security.parts.rooms
    const asked = sessions.endOthers(stale, byOwner(person.id))
    await expect(asked).rejects.toMatchObject({ code: 'session_revoked' })
    expect((await site.get('/auth/me', own)).status).toBe(401)
  })
})

describe('rule 2: no trust is kept for whom policy demands a second factor of', () => {
  it('however it is asked for: it spares nothing once the role is gone', async () => {
    await site.security.users.grantRole(person.id, 'manager')
    await signIn()
    const about = await recordsOf(site, 'device.trusted')
    expect(about.filter(({ userId }) => userId === person.id)).toEqual([])
    await site.security.users.withdrawRole(person.id, 'manager')
    expect(outcome(await browser.login(person.email))).toBe('mfa_required')
  })
})

describe('the owner hears of a browser that is trusted', () => {
  it('by a mail whose link says "this was not me"', async () => {
    await signIn()
    await site.deliverMail()
    const mails = site.mailbox.list(person.email)
    const notice = mails.find(({ subject }) => subject.startsWith('Browser trusted at'))
    expect(notice?.text).toContain('/account/not-me?token=')
  })
})
