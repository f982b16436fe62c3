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
    for (const path of ['/plain', '/role', '/api/orders', '/payroll', '/me']) {
      const refused = await site.get(path, bearer)
      expect(outcome(refused), path).toBe('401 step_up_required')
      expect(refused.headers.get('www-authenticate')).toBe(challenge)
      expect(refused.json).toMatchObject({ level: 2, enrol: ['totp', 'passkey'] })
    }
    expect(outcome(await site.byNode('/x', bearer))).toBe('401 step_up_required')
    // What the app asks by itself says no as well; what is for such a session, and enrolling, works.
    expect((await site.get('/anybody', bearer)).json).toEqual({ can: false })
    expect((await site.get('/auth/me', bearer)).json.level).toBe(1)
    const setup = await site.post('/auth/mfa/totp/setup', {}, bearer)
    const code = codeAt(setup.json.secret, site.clock.now())
    const enabled = await site.post('/auth/mfa/totp/enable', { code }, bearer)
    expect(enabled.status).toBe(200)
    // The token of before is as low as it was; one of the session that has proven it is not.
    expect(outcome(await site.get('/plain', bearer))).toBe('401 step_up_required')
    await site.advance(stepMs)
    const next = codeAt(setup.json.secret, site.clock.now())
    const { refreshToken } = enabled.json
    const { json } = await site.post('/auth/refresh', { refreshToken })
    const renewed = { authorization: `Bearer ${json.accessToken}` }
    const proven = await site.post('/auth/step-up', { method: 'totp', code: next }, renewed)
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

describe('a session below the level that its account demands', () => {
  let site: StepUpSite
  beforeAll(async () => {
    site = await opened(false)
  })
  afterAll(() => site.close())

  const ask = (method: string, path: string, headers: Record<string, string>) =>
    site.request(method, path, { headers, redirect: 'manual' })

  async function manager(email: string) {
    const id = await makePerson(site, email)
    const bearer = await bearerOf(site, email)
    await site.security.users.grantRole(id, 'manager')
    return { id, bearer }
  }

  it('gets no further than to enrolment, proof and the way out, whichever of our routes it asks', async () => {
    const { bearer } = await manager('walt@example.com')
    const { routes } = site.security.parts.surface
    const own = routes.filter(({ policy }) => policy.kind !== 'public')
    const open: string[] = []
    for (const { kind, method, path } of own) {
      const at = path.replaceAll(/\{[^}]*\}/g, '0190b8a0-0000-7000-8000-000000000000')
      const { headers, text } = await ask(method, at, bearer)
      const refused = {
        api: headers.get('www-authenticate'),
        page: headers.get('location') ?? text,
      }
      const isRefused =
        kind === 'page' ? /prove\?next=.*level=2/.test(refused.page) : refused.api === challenge
      if (!isRefused) open.push(`${method} ${path}`)
    }
    expect(open.toSorted()).toEqual([
      'GET /account/authenticator',
      'GET /account/passkeys/add',
      'GET /account/prove',
      'GET /auth/me',
      'GET /auth/mfa',
      'POST /account/authenticator',
      'POST /account/authenticator/code',
      'POST /account/passkeys/add',
      'POST /account/prove',
      'POST /auth/activity',
      'POST /auth/mfa/enable',
      'POST /auth/mfa/setup',
      'POST /auth/mfa/totp/enable',
      'POST /auth/mfa/totp/setup',
      'POST /auth/passkeys',
      'POST /auth/passkeys/options',
      'POST /auth/step-up',
      'POST /auth/step-up/options',
    ])
    expect((await site.get('/auth/account/export', bearer)).status).toBe(401)
    const change = { email: 'evil@example.com', currentPassword: goodPassword }
    expect(outcome(await site.post('/auth/email/change', change, bearer))).toBe(
      '401 step_up_required',
    )
  })

  it('changes and exports nothing without HTTP either', async () => {
    const { id, bearer } = await manager('nina@example.com')
    const { recovery, verdicts } = site.security.parts.rooms
    const { sessionId } = (await site.get('/auth/me', bearer)).json
    const found = await verdicts.load({ sessionId })
    if (!found.ok) throw found.error()
    const { auth } = found
    expect(auth).toMatchObject({ userId: id, level: 1, requiredLevel: 2 })
    const request = { auth, origin: {}, currentPassword: goodPassword }
    const refusal = { code: 'step_up_required' }
    await expect(recovery.exportData(request)).rejects.toMatchObject(refusal)
    await expect(recovery.close(request)).rejects.toMatchObject(refusal)
    await expect(
      recovery.changePassword({ ...request, password: 'quite another horse 57' }),
    ).rejects.toMatchObject(refusal)
    await expect(
      recovery.changeEmail({ ...request, email: 'evil@example.com', clientKey: '192.0.2.1' }),
    ).rejects.toMatchObject(refusal)
  })

  it('is led to enrolment by every page of its account', async () => {
    const { bearer } = await manager('paul@example.com')
    const page = await ask('GET', '/account', bearer)
    expect(page.status).toBe(303)
    const prove = page.headers.get('location') ?? ''
    expect(prove).toBe('/account/prove?next=%2Faccount&level=2')
    const shown = await site.get(prove, bearer)
    expect(shown.text).toContain('href="/account/authenticator?next=')
    expect(shown.text).toContain('href="/account/passkeys/add?next=')
    expect(shown.text).toContain('action="/account/sign-out"')
    expect((await site.get('/account/authenticator', bearer)).status).toBe(200)
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
    expect((await site.get('/anybody', bearer)).json).toEqual({ can: false })
    expect((await site.login(email, goodPassword)).json.status).toBe('mfa_required')
  })
})
