import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, type Sent } from '../fuzz/ask.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'

const nobody = '01980000-0000-7000-8000-000000000000'
const unknownLink = 'A'.repeat(43)

interface Known {
  readonly bearer: string
  readonly userId: string
  readonly sessionId: string
  readonly refreshToken: string
}

let site: Site
let user: Known
let admin: Known
beforeAll(async () => {
  site = await openSite()
  user = await person('user')
  admin = await person('admin')
})
afterAll(() => site.close())

async function person(role: string): Promise<Known> {
  const email = `${role}@example.com`
  const { id } = await site.security.users.create({ email, password: goodPassword, roles: [role] })
  return { userId: id, ...(await signIn(email)) }
}

async function signIn(email: string) {
  const { json } = await site.login(email, goodPassword)
  const { refreshToken, sessionId } = json
  return { bearer: `Bearer ${json.accessToken}`, refreshToken, sessionId }
}

type Who = 'nobody' | 'user' | 'admin'

const bearerOf = (who: Who): Record<string, string> =>
  who === 'nobody' ? {} : { authorization: (who === 'user' ? user : admin).bearer }

/** Sends it, and fails if anything at all has changed in the database. */
async function changesNothing(sent: Sent) {
  const before = site.dump()
  const { problem, status } = await ask(site.base, sent)
  expect(site.dump()).toEqual(before)
  return [status, problem?.code]
}

const routes = [
  ['POST /auth/register', 400, 400, 400, 'invalid_request'],
  ['POST /auth/verify-email', 400, 400, 400, 'invalid_request'],
  ['POST /auth/verify-email/resend', 400, 400, 400, 'invalid_request'],
  ['POST /auth/login', 400, 400, 400, 'invalid_request'],
  ['POST /auth/refresh', 401, 401, 401, 'token_invalid'],
  [`POST /admin/users/${nobody}/roles`, 401, 403, 400, 'invalid_request'],
] as const

describe('rule 4: an empty request moves no flow', () => {
  for (const [route, ...expected] of routes) {
    const [method = '', path = ''] = route.split(' ')
    const code = expected[3]
    it.each(['nobody', 'user', 'admin'] as const)(`${route} by %s`, async (who) => {
      const status = expected[who === 'nobody' ? 0 : who === 'user' ? 1 : 2]
      const refusal = { 401: 'authentication_required', 403: 'forbidden' } as Record<number, string>
      const said = path === '/auth/refresh' ? code : (refusal[status] ?? code)
      for (const body of ['', '{}']) {
        const sent = { method, path, body, headers: bearerOf(who) }
        expect(await changesNothing(sent)).toEqual([status, said])
      }
      for (const body of ['[]', 'null', '""', '0']) {
        const [answered] = await changesNothing({ method, path, body, headers: bearerOf(who) })
        expect(answered).toBe(status === 401 && path === '/auth/refresh' ? 400 : status)
      }
    })
  }

  it.each([
    ['POST', '/auth/activity'],
    ['GET', '/auth/me'],
    ['GET', '/auth/sessions'],
    ['DELETE', '/auth/sessions'],
    ['DELETE', `/auth/sessions/${nobody}`],
    ['DELETE', `/admin/users/${nobody}/roles/admin`],
  ])('%s %s by nobody', async (method, path) => {
    expect(await changesNothing({ method, path })).toEqual([401, 'authentication_required'])
  })

  it.each(['sign-in', 'register', 'verify', 'resend'])('the page %s', async (name) => {
    const type = 'application/x-www-form-urlencoded'
    for (const body of ['', '=', '&', '_csrf=x']) {
      expect(await changesNothing({ path: `/account/${name}`, type, body })).toEqual([
        400,
        undefined,
      ])
    }
  })
})

describe('rule 4: a step out of order moves no flow', () => {
  const post = (path: string, body: unknown, who: Who = 'nobody'): Sent => ({
    ...{ path, body: JSON.stringify(body), headers: bearerOf(who) },
  })

  it('a confirmation without a registration', async () => {
    for (const token of [unknownLink, user.refreshToken, user.sessionId, nobody, ' ', '0']) {
      for (const more of [{}, { password: goodPassword }, { username: 'somebody' }]) {
        const sent = post('/auth/verify-email', { token, ...more })
        expect(await changesNothing(sent)).toEqual([400, 'link_invalid'])
      }
    }
  })

  it('a second confirmation', async () => {
    const token = await site.register('twice@example.com')
    expect((await ask(site.base, post('/auth/verify-email', { token }))).status).toBe(200)
    const again = post('/auth/verify-email', { token, password: 'another good password 7' })
    expect(await changesNothing(again)).toEqual([400, 'link_invalid'])
  })

  it('a sign-in before the confirmation issues nothing and activates nobody', async () => {
    await site.register('early@example.com')
    const before = site.dump()
    const body = { email: 'early@example.com', password: goodPassword, transport: 'body' }
    const { body: text, status } = await ask(site.base, post('/auth/login', body))
    expect([status, JSON.parse(text)]).toEqual([200, { status: 'verification_required' }])
    const after = site.dump()
    for (const table of ['hf_sessions', 'hf_grants', 'hf_passwords', 'hf_registrations']) {
      expect(after[table]).toBeDefined()
      expect(after[table]).toEqual(before[table])
    }
    expect(await site.security.users.find('early@example.com')).toMatchObject({ status: 'pending' })
  })

  it('a resend for nobody, and for somebody who is active, makes no account and no live link', async () => {
    const before = site.dump()
    for (const email of ['nobody@example.com', 'user@example.com']) {
      const { status } = await ask(site.base, post('/auth/verify-email/resend', { email }))
      expect(status).toBe(202)
    }
    const after = site.dump()
    for (const table of ['hf_users', 'hf_grants', 'hf_passwords', 'hf_sessions']) {
      expect(after[table]).toEqual(before[table])
    }
    const sent = site.mailbox.list().length
    await site.deliverMail()
    expect(site.mailbox.list().length).toBe(sent)
  })

  it('a refresh without a session, with a link, with an access token', async () => {
    const link = await site.register('link@example.com')
    const access = user.bearer.slice('Bearer '.length).slice(0, 200)
    for (const refreshToken of [unknownLink, link, access, user.sessionId, ' ']) {
      const answer = await changesNothing(post('/auth/refresh', { refreshToken }))
      expect(answer).toEqual([401, 'token_invalid'])
    }
  })

  it('a logout of nobody, and a second one', async () => {
    expect(await changesNothing(post('/auth/logout', {}))).toEqual([204, undefined])
    expect(await changesNothing(post('/auth/logout', { refreshToken: unknownLink }))).toEqual([
      204,
      undefined,
    ])
    const { refreshToken } = await signIn('user@example.com')
    expect((await ask(site.base, post('/auth/logout', { refreshToken }))).status).toBe(204)
    expect(await changesNothing(post('/auth/logout', { refreshToken }))).toEqual([204, undefined])
    expect(await changesNothing(post('/auth/refresh', { refreshToken }))).toEqual([
      401,
      'session_revoked',
    ])
  })

  it("the end of a session that is somebody else's, nobody's, or over", async () => {
    const { sessionId } = await signIn('user@example.com')
    const end = (id: string): Sent => ({
      ...{ method: 'DELETE', path: `/auth/sessions/${id}`, headers: bearerOf('user') },
    })
    expect((await ask(site.base, end(sessionId))).status).toBe(204)
    for (const id of [sessionId, admin.sessionId, nobody, 'x', user.userId]) {
      expect(await changesNothing(end(id))).toEqual([404, 'session_not_found'])
    }
  })

  it('a role for nobody, a role that is none, a role not held, a role for oneself', async () => {
    const roles = (id: string, role: string): Sent =>
      post(`/admin/users/${id}/roles`, { role }, 'admin')
    const withdraw = (id: string, role: string): Sent => ({
      ...{ method: 'DELETE', path: `/admin/users/${id}/roles/${role}` },
      headers: bearerOf('admin'),
    })
    const table: readonly (readonly [Sent, number, string])[] = [
      [roles(nobody, 'manager'), 404, 'account_not_found'],
      [roles('x', 'manager'), 404, 'account_not_found'],
      [roles(user.userId, 'emperor'), 400, 'role_unknown'],
      [roles(user.userId, '__proto__'), 400, 'role_unknown'],
      [roles(user.userId, ''), 400, 'role_unknown'],
      [roles(user.userId, 'super_admin'), 403, 'role_outranks_giver'],
      [roles(admin.userId, 'manager'), 403, 'own_roles_unchangeable'],
      [withdraw(nobody, 'manager'), 404, 'account_not_found'],
      [withdraw(user.userId, 'manager'), 404, 'grant_missing'],
      [withdraw(user.userId, 'emperor'), 400, 'role_unknown'],
      [withdraw(admin.userId, 'admin'), 403, 'own_roles_unchangeable'],
    ]
    for (const [sent, status, code] of table) {
      expect(await changesNothing(sent)).toEqual([status, code])
    }
  })
})
