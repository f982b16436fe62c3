import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Site } from './identity-kit.ts'
import {
  bearerOf,
  codeAt,
  makePerson,
  openFactorSite,
  outcome,
  recordsOf,
  visitor,
} from './second-factor-kit.ts'

const dayMs = 24 * 60 * 60 * 1000

let site: Site
let people = 0
let email = ''
let userId = ''
beforeAll(async () => {
  site = await openFactorSite({ mfa: { roles: ['manager'], grace: '7d' } })
})
afterAll(() => site.close())
beforeEach(async () => {
  email = `grace${++people}@example.com`
  userId = await makePerson(site, email)
})

const makeManager = () => site.security.users.grantRole(userId, 'manager')
const mails = async () => {
  await site.deliverMail()
  return site.mailbox
    .list(email)
    .filter(({ subject }) => subject.startsWith('Set up two-step verification'))
}
const demands = async () =>
  (await recordsOf(site, 'factor.demanded')).filter((payload) => payload.userId === userId)

describe('somebody of whom a second factor is demanded, in the time to set one up', () => {
  it.each(['cookie', 'session', 'body'])(
    'hears at each sign-in until when: transport %s',
    async (transport) => {
      await makeManager()
      const client = transport === 'body' ? visitor(site, '192.0.2.1', {}) : visitor(site)
      const first = await client.login(email, { transport })
      const dueAt = site.clock.now() + 7 * dayMs
      expect(first.json).toMatchObject({ status: 'signed_in', mfaRequiredBy: dueAt })
      await site.advance(dayMs)
      const second = await client.login(email, { transport })
      expect(second.json.mfaRequiredBy).toBe(dueAt)
    },
  )

  it('is told by one mail as the time begins, with its end, and by no other', async () => {
    await makeManager()
    for (let day = 0; day < 3; day++) {
      expect(outcome(await visitor(site).login(email))).toBe('signed_in')
      await site.advance(dayMs)
    }
    const told = await mails()
    expect(told).toHaveLength(1)
    const [{ dueAt } = { dueAt: 0 }, ...more] = await demands()
    expect(more).toEqual([])
    const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
    expect(told[0]?.text).toContain(day.format(Number(dueAt)))
    expect(told[0]?.text).toContain('/account/not-me?token=')
  })

  it('is told once, however many sign-ins begin the time at once', async () => {
    await makeManager()
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => visitor(site, `192.0.2.${n}`).login(email)),
    )
    expect(new Set(answers.map(({ json }) => json.mfaRequiredBy)).size).toBe(1)
    expect(await demands()).toHaveLength(1)
    expect(await mails()).toHaveLength(1)
  })

  it('hears nothing of it once a second factor is there', async () => {
    await makeManager()
    const bearer = await bearerOf(site, email)
    const { secret } = (await site.post('/auth/mfa/totp/setup', {}, bearer)).json
    const code = codeAt(secret, site.clock.now())
    await site.post('/auth/mfa/totp/enable', { code }, bearer)
    await site.advance(60_000)
    const mfaCode = codeAt(secret, site.clock.now())
    const { json } = await visitor(site).login(email, { mfaCode })
    expect(json.status).toBe('signed_in')
    expect(json).not.toHaveProperty('mfaRequiredBy')
  })

  it('sets one up before there is a session once the time is over', async () => {
    await makeManager()
    await visitor(site).login(email)
    await site.advance(7 * dayMs)
    const { json } = await visitor(site).login(email)
    expect(json).toMatchObject({ status: 'mfa_required', enrol: ['totp', 'passkey'] })
    expect(json).not.toHaveProperty('mfaRequiredBy')
    expect(await demands()).toHaveLength(1)
  })
})

it('somebody of whom none is demanded hears nothing and gets no mail', async () => {
  const { json } = await visitor(site).login(email)
  expect(json.status).toBe('signed_in')
  expect(json).not.toHaveProperty('mfaRequiredBy')
  expect(await demands()).toEqual([])
  expect(await mails()).toEqual([])
})
