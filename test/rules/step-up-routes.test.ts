import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Route } from '../../src/http/index.ts'
import type { HttpAnswer } from '../nodes/nodes.ts'
import { goodPassword } from './identity-kit.ts'
import { newPassword } from './recovery-kit.ts'
import { makeTotpPerson, type TotpPerson } from './second-factor-kit.ts'
import {
  type Caller,
  openStepUpSite,
  type StepUpSite,
  withBoth,
  withinMs,
  withPassword,
} from './step-up-kit.ts'

let site: StepUpSite
let person: TotpPerson
let organisation: string
let low: Caller
let old: Caller
beforeAll(async () => {
  site = await openStepUpSite({ mfa: { trustedDevices: '7d' } })
  person = await makeTotpPerson(site, 'wendy@example.com')
  await site.security.users.grantRole(person.id, 'super_admin')
  const acme = { name: 'Acme', slug: 'acme', owner: person.id }
  organisation = (await site.security.organisations.create(acme)).id
  old = await withBoth(site, person)
  await site.advance(withinMs + 1)
  low = await withPassword(site, person)
})
afterAll(() => site.close())

const form = 'application/x-www-form-urlencoded'
const currentPassword = goodPassword
const email = 'elsewhere@example.com'

/** Changes that ask for the current password in their body: then a proof of both as well. */
const byPassword: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'POST /auth/password/change': { currentPassword, password: newPassword },
  'POST /auth/email/change': { currentPassword, email },
  'POST /auth/account/close': { currentPassword },
  'POST /account/password': { currentPassword, password: newPassword },
  'POST /account/email': { currentPassword, email },
  'POST /account/close': { currentPassword },
  'POST /account/data': { currentPassword },
}

/** Everything else that asks for a recent proof. */
const marked = [
  'GET /auth/account/export',
  'POST /auth/mfa/enable',
  'POST /auth/mfa/recovery-codes',
  'POST /auth/mfa/setup',
  'POST /auth/mfa/totp/disable',
  'POST /auth/mfa/totp/enable',
  'POST /auth/mfa/totp/setup',
  'POST /auth/passkeys',
  'POST /auth/passkeys/options',
  'DELETE /auth/passkeys/{id}',
  'PATCH /auth/passkeys/{id}',
  'POST /admin/users',
  'DELETE /admin/users/{id}',
  'POST /admin/users/{id}/disable',
  'POST /admin/users/{id}/enable',
  'POST /admin/users/{id}/end-sessions',
  'POST /admin/users/{id}/factors/reset',
  'POST /admin/users/{id}/force-reset',
  'POST /admin/users/{id}/invite',
  'POST /admin/users/{id}/lock',
  'POST /admin/users/{id}/unlock',
  'POST /admin/users/{id}/roles',
  'DELETE /admin/users/{id}/roles/{role}',
  'PUT /admin/roles/{name}',
  'DELETE /admin/roles/{name}',
  'POST /admin/organisations',
  'POST /admin/organisations/{organisation}/members',
  'PATCH /admin/organisations/{organisation}',
  'DELETE /admin/organisations/{organisation}',
  'DELETE /admin/organisations/{organisation}/members/{userId}',
  'POST /admin/organisations/{organisation}/members/{userId}/roles',
  'DELETE /admin/organisations/{organisation}/members/{userId}/roles/{role}',
  'POST /admin/organisations/{organisation}/invitations',
  'DELETE /admin/organisations/{organisation}/invitations/{id}',
  'POST /auth/organisations',
  'POST /auth/organisations/{organisation}/leave',
  'PATCH /auth/organisations/{organisation}',
  'DELETE /auth/organisations/{organisation}',
  'DELETE /auth/organisations/{organisation}/members/{userId}',
  'POST /auth/organisations/{organisation}/members/{userId}/roles',
  'DELETE /auth/organisations/{organisation}/members/{userId}/roles/{role}',
  'POST /auth/organisations/{organisation}/invitations',
  'DELETE /auth/organisations/{organisation}/invitations/{id}',
  'POST /api/keys',
  'POST /api/keys/{id}/rotate',
  'POST /admin/keys',
  'POST /admin/keys/decoys',
  'POST /admin/keys/{id}/revoke',
  'POST /admin/keys/{id}/rotate',
  'POST /admin/service-accounts',
  'POST /admin/service-accounts/{id}/disable',
  'POST /admin/service-accounts/{id}/enable',
  'POST /admin/service-accounts/{id}/roles',
  'DELETE /admin/service-accounts/{id}/roles/{role}',
  'POST /admin/organisations/{id}/roles',
  'DELETE /admin/organisations/{id}/roles/{role}',
  'POST /admin/ip-rules',
  'POST /admin/ip-rules/import',
  'DELETE /admin/ip-rules/{id}',
  'POST /auth/signing-keys',
  'GET /account/authenticator',
  'POST /account/authenticator',
  'POST /account/authenticator/code',
  'GET /account/authenticator/remove',
  'POST /account/authenticator/remove',
  'GET /account/passkeys/add',
  'POST /account/passkeys/add',
  'GET /account/passkeys/remove',
  'GET /account/passkeys/rename',
  'POST /account/passkeys/rename',
  'POST /account/passkeys/remove',
  'GET /account/recovery-codes',
  'POST /account/recovery-codes',
]

/** What opens no way into the account: a session, a trust or a key ends, a proof is given. */
const harmless = [
  'DELETE /api/keys/{id}',
  'POST /auth/activity',
  'DELETE /auth/devices/{id}',
  'DELETE /auth/sessions',
  'DELETE /auth/sessions/{id}',
  'POST /auth/invitations/accept',
  'POST /admin/webhooks/deliveries/{id}/retry',
  'POST /auth/step-up',
  'POST /auth/step-up/options',
  'POST /account/devices/forget',
  'POST /account/invitation',
  'POST /account/prove',
  'POST /account/sessions/end',
  'POST /account/sessions/end-others',
]

const nameOf = ({ method, path }: Route) => `${method} ${path}`

function call({ kind, method, path }: Route, { bearer }: Caller): Promise<HttpAnswer> {
  const fields = byPassword[`${method} ${path}`] ?? {}
  const isPage = kind === 'page'
  const body = isPage ? new URLSearchParams(fields).toString() : JSON.stringify(fields)
  const type = isPage ? form : 'application/json'
  const named = path
    .replace('{organisation}', organisation)
    .replace('{role}', 'manager')
    .replace('{name}', 'made')
  const at = named.replace(/\{(id|userId)\}/, person.id)
  const sent = method === 'GET' ? {} : { body }
  return site.request(method, at, { headers: { ...bearer, 'content-type': type }, ...sent })
}

/** A refusal for want of a proof: the 401 of the API, or a page that leads to where one is given. */
function asksForProof({ kind }: Route, answer: HttpAnswer): boolean {
  if (kind !== 'page') return answer.status === 401 && answer.json.code === 'step_up_required'
  const way = answer.status === 303 ? answer.headers.get('location') : answer.text
  return [303, 401].includes(answer.status) && String(way).includes('/account/prove')
}

describe('rule 5: a factor, password, address or account changes by a fresh proof of both alone', () => {
  it('every route that somebody signed in changes something by is one of these', () => {
    const { routes } = site.security
    expect(
      routes
        .filter(({ stepUp }) => stepUp)
        .map(nameOf)
        .sort(),
    ).toEqual([...marked].sort())
    const unsafe = routes.filter(
      ({ method, policy }) => method !== 'GET' && policy.kind !== 'public',
    )
    const known = [...marked, ...harmless, ...Object.keys(byPassword)]
    expect(unsafe.map(nameOf).filter((name) => !known.includes(name))).toEqual([])
    const stale = known.filter((name) => !routes.some((route) => nameOf(route) === name))
    expect(stale).toEqual([])
  })

  it.each([
    ['an old session of both factors', () => old],
    ['a new session of the password alone', () => low],
  ])('and all of them refuse %s', async (_, who) => {
    const before = await site.get('/auth/mfa', who().bearer)
    const sensitive = [...marked, ...Object.keys(byPassword)]
    const routes = site.security.routes.filter((route) => sensitive.includes(nameOf(route)))
    expect(routes).toHaveLength(sensitive.length)
    const lenient: string[] = []
    for (const route of routes) {
      const answer = await call(route, who())
      if (!asksForProof(route, answer)) lenient.push(`${nameOf(route)}: ${answer.status}`)
    }
    expect(lenient).toEqual([])
    const after = await site.get('/auth/mfa', who().bearer)
    expect([after.status, after.json]).toEqual([200, before.json])
  })

  it('nor does a copy of a token that was made before the proof', async () => {
    const caller = await withPassword(site, person)
    const copy = { ...caller }
    const [code] = person.recoveryCodes
    const proven = await caller.visitor.post(
      '/auth/step-up',
      { method: 'recovery_code', code },
      caller.bearer,
    )
    expect(proven.json).toMatchObject({ status: 'stepped_up', level: 2 })
    for (const path of ['/auth/mfa/totp/disable', '/auth/mfa/recovery-codes']) {
      const answer = await site.post(path, {}, copy.bearer)
      expect(answer.json.code, path).toBe('step_up_required')
    }
    const change = { currentPassword, password: newPassword }
    const changed = await site.post('/auth/password/change', change, copy.bearer)
    expect(changed.json.code).toBe('step_up_required')
  })

  it('asks for the proof before it counts a guess at the password', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 30 }, () =>
        site.post('/auth/account/close', { currentPassword: 'wrong horse battery' }, low.bearer),
      ),
    )
    expect(new Set(guesses.map(({ json }) => json.code))).toEqual(new Set(['step_up_required']))
    const fresh = await withBoth(site, person)
    const right = await site.post('/auth/email/change', { currentPassword, email }, fresh.bearer)
    expect(right.status).toBe(202)
  })
})
