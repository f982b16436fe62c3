import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword } from './identity-kit.ts'
import { bearerOf, codeAt, makePerson, outcome, stepMs } from './second-factor-kit.ts'
import { openStepUpSite, type StepUpSite } from './step-up-kit.ts'

const dayMs = 86_400_000
const challenge =
  'Bearer error="insufficient_user_authentication", error_description="A higher level of proof is required", acr_values="urn:holdfast:aal2"'

async function opened(grace: boolean): Promise<StepUpSite> {
  const roles = ['manager', 'super_admin']
  const session = { idle: '30d', absolute: '90d' } as const
  return openStepUpSite({
    mfa: { roles, ...(grace ? { grace: '7d' } : {}) },
    sessions: { body: session },
    tokens: { accessLifetime: '1h' },
  })
}

describe('a role that demands a second factor', () => {
  let site: StepUpSite
  beforeAll(async () => {
    site = await opened(false)
  })
  afterAll(() => site.close())

  it('given to somebody with a session of level 1 opens nothing until one is proven', async () => {
    const id = await makePerson(site, 'mia@example.com')
    const bearer = await bearerOf(site, 'mia@example.com')
    expect(outcome(await site.get('/plain', bearer))).toBe('403 forbidden')
    await site.security.users.grantRole(id, 'manager')
    for (const path of ['/plain', '/role', '/api/orders', '/payroll']) {
      const refused = await site.get(path, bearer)
      expect(outcome(refused), path).toBe('401 step_up_required')
      expect(refused.headers.get('www-authenticate')).toBe(challenge)
      expect(refused.json).toMatchObject({ level: 2, enrol: ['totp', 'passkey'] })
    }
    expect(outcome(await site.byNode('/x', bearer))).toBe('401 step_up_required')
    // What the app asks by itself says no as well; being signed in, and enrolling, works.
    expect((await site.get('/me', bearer)).json).toEqual({ can: false })
    expect((await site.get('/auth/me', bearer)).json.level).toBe(1)
    const setup = await site.post('/auth/mfa/totp/setup', {}, bearer)
    const code = codeAt(setup.json.secret, site.clock.now())
    const enabled = await site.post('/auth/mfa/totp/enable', { code }, bearer)
    expect(enabled.status).toBe(200)
    // The token of before is as low as it was; one of the session that has proven it is not.
    expect(outcome(await site.get('/plain', bearer))).toBe('401 step_up_required')
    await site.advance(stepMs)
    const next = codeAt(setup.json.secret, site.clock.now())
    const proven = await site.post('/auth/step-up', { method: 'totp', code: next }, bearer)
    const fresh = { authorization: `Bearer ${proven.json.accessToken}` }
    for (const path of ['/plain', '/role', '/api/orders', '/payroll']) {
      expect((await site.get(path, fresh)).status, path).toBe(200)
    }
    expect((await site.get('/me', fresh)).json).toEqual({ can: true })
  })

  it('opens nothing of the administration either, and does not say what it would', async () => {
    const id = await makePerson(site, 'adam@example.com')
    const bearer = await bearerOf(site, 'adam@example.com')
    await site.security.users.grantRole(id, 'super_admin')
    for (const path of ['/admin/users', '/api/users', `/admin/users/${id}/roles`]) {
      expect(outcome(await site.get(path, bearer)), path).toBe('401 step_up_required')
    }
    const role = { role: 'super_admin', reason: 'mine' }
    expect(outcome(await site.post(`/admin/users/${id}/roles`, role, bearer))).toBe(
      '401 step_up_required',
    )
  })

  it('does not ask of others', async () => {
    await makePerson(site, 'una@example.com')
    const bearer = await bearerOf(site, 'una@example.com')
    expect(outcome(await site.get('/plain', bearer))).toBe('403 forbidden')
    expect((await site.get('/auth/me', bearer)).status).toBe(200)
  })
})

describe('with time to comply', () => {
  let site: StepUpSite
  beforeAll(async () => {
    site = await opened(true)
  })
  afterAll(() => site.close())

  it('permissions count until it ends, in sessions that go on as well', async () => {
    const email = 'gina@example.com'
    const id = await makePerson(site, email)
    await site.security.users.grantRole(id, 'manager')
    const login = await site.login(email, goodPassword)
    expect(login.json.status).toBe('signed_in')
    const renewed = async (refreshToken: string) =>
      (await site.post('/auth/refresh', { refreshToken })).json
    await site.advance(7 * dayMs - 60_000)
    const before = await renewed(login.json.refreshToken)
    const bearer = { authorization: `Bearer ${before.accessToken}` }
    expect((await site.get('/plain', bearer)).status).toBe(200)
    await site.advance(60_000)
    expect(outcome(await site.get('/plain', bearer))).toBe('401 step_up_required')
    expect((await site.get('/me', bearer)).json).toEqual({ can: false })
    expect((await site.login(email, goodPassword)).json.status).toBe('mfa_required')
  })
})
