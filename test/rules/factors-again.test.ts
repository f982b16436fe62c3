import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Site } from './identity-kit.ts'
import {
  bearerOf,
  codeAt,
  makePerson,
  openFactorSite,
  outcome,
  type Visitor,
  visitor,
  wrongCode,
} from './second-factor-kit.ts'

type Headers = Readonly<Record<string, string>>

let site: Site
let people = 0
let email = ''
beforeAll(async () => {
  site = await openFactorSite({ mfa: { roles: ['manager'] }, stepUp: { within: '5m' } })
})
afterAll(() => site.close())
beforeEach(async () => {
  email = `again${++people}@example.com`
  await makePerson(site, email)
})

describe('rule 5: the secret of an app that is being set up', () => {
  let own: Headers
  let secret = ''
  beforeEach(async () => {
    own = await bearerOf(site, email)
    secret = (await setup(own)).json.secret
  })
  const setup = (headers: Headers, body = {}) => site.post('/auth/mfa/totp/setup', body, headers)
  const again = (headers = own) => setup(headers, { again: true })
  const enable = (code: string) => site.post('/auth/mfa/totp/enable', { code }, own)
  const rightCode = () => codeAt(secret, site.clock.now())

  it('is shown again after a wrong code, the same one, and its next code is taken', async () => {
    expect(outcome(await enable(wrongCode(site, { secret })))).toBe('401 factor_rejected')
    const shown = await again()
    expect(shown.json.secret).toBe(secret)
    expect(shown.json.otpauthUrl).toContain(secret)
    expect(shown.headers.get('cache-control')).toBe('no-store')
    expect((await enable(rightCode())).json.success).toBe(true)
  })

  it('is shown to the session that set it up, and to no other of the account', async () => {
    const other = await bearerOf(site, email)
    expect(outcome(await again(other))).toBe('409 totp_not_started')
    expect((await again()).json.secret).toBe(secret)
    const replaced = (await setup(other)).json.secret
    expect(outcome(await again())).toBe('409 totp_not_started')
    expect((await again(other)).json.secret).toBe(replaced)
  })

  it('is shown behind a fresh proof alone', async () => {
    await site.advance(6 * 60_000)
    expect(outcome(await again())).toBe('401 step_up_required')
  })

  it('is gone once it is in use: nothing shows a live secret', async () => {
    const { json } = await enable(rightCode())
    const raised = { authorization: `Bearer ${json.accessToken}` }
    expect(outcome(await again(raised))).toBe('409 totp_not_started')
    expect((await site.get('/auth/mfa', raised)).text).not.toContain(secret)
  })

  it('ends with ten wrong codes: it is neither shown nor taken any more', async () => {
    for (let turn = 0; turn < 10; turn++) {
      expect((await again()).json.secret).toBe(secret)
      expect(outcome(await enable('000000'))).toBe('401 factor_rejected')
    }
    expect(outcome(await again())).toBe('409 totp_not_started')
    expect(outcome(await enable(rightCode()))).toBe('409 totp_not_started')
    secret = (await setup(own)).json.secret
    expect((await enable(rightCode())).json.success).toBe(true)
  })

  it('may be tried ten times, however many tries come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => enable('000000')))
    const rejected = answers.filter((answer) => outcome(answer) === '401 factor_rejected')
    expect(rejected).toHaveLength(10)
  })

  it('is told by words that are no yes: anything but true begins anew or is refused', async () => {
    expect((await setup(own, { again: false })).json.secret).not.toBe(secret)
    expect((await setup(own, { again: 'true' })).status).toBe(400)
  })
})

describe('rule 5: the secret that a sign-in was given', () => {
  let browser: Visitor
  let flow = ''
  let secret = ''
  beforeEach(async () => {
    const { reader } = site.security.parts.ground.database
    const user = await reader
      .selectFrom('hf_users')
      .select('id')
      .where('email', '=', email)
      .executeTakeFirstOrThrow()
    await site.security.users.grantRole(user.id, 'manager')
    browser = visitor(site)
    flow = (await browser.login(email)).json.flow
    secret = (await setup({ flow })).json.secret
  })
  const setup = (body: object, who = browser) => who.post('/auth/login/enrol/totp/setup', body)
  const again = (who = browser, of = flow) => setup({ flow: of, again: true }, who)
  const enable = (code: string) => browser.post('/auth/login/enrol/totp/enable', { flow, code })

  it('is shown to it again after a wrong code, and its next code signs in', async () => {
    expect(outcome(await enable(wrongCode(site, { secret })))).toBe('401 factor_rejected')
    expect((await again()).json.secret).toBe(secret)
    expect(outcome(await enable(codeAt(secret, site.clock.now())))).toBe('signed_in')
  })

  it('is shown in its browser alone, and to no other sign-in of the account', async () => {
    expect(outcome(await again(visitor(site)))).toBe('401 flow_invalid')
    const other = visitor(site, '198.51.100.7')
    const theirs = (await other.login(email)).json.flow
    expect(outcome(await again(other, theirs))).toBe('409 totp_not_started')
  })

  it('is shown as long as the sign-in goes on', async () => {
    for (let turn = 0; turn < 5; turn++) await enable('000000')
    expect(outcome(await again())).toBe('401 flow_invalid')
  })
})
