import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrganisationView } from '../../src/organisations/index.ts'
import { goodPassword } from './identity-kit.ts'
import { looks, openTenants, type TenantSite, type Told } from './tenants-kit.ts'

const email = 'nora@example.com'
const otherPassword = 'quite another battery staple 43'
let site: TenantSite
let acme: OrganisationView
let other: OrganisationView

beforeAll(async () => {
  site = await openTenants({
    organisations: { from: 'header', tenancy: 'isolated' },
    captcha: { provider: 'none' },
    lockout: { mode: 'strict', attempts: 5, duration: '15m' },
  })
  acme = await site.organisation('acme')
  other = await site.organisation('other')
})
afterAll(() => site.close())

const named = (organisation: string | undefined) =>
  organisation === undefined ? {} : { 'x-organisation': organisation }
const post = (path: string, body: unknown, organisation?: string, more: object = {}) =>
  site.ask(path, { method: 'POST', body, headers: { ...named(organisation), ...more } })
const login = (identifier: string, password: string, organisation?: string): Promise<Told> =>
  post('/auth/login', { identifier, password, transport: 'body' }, organisation)
const bearer = (told: Told) => ({ authorization: `Bearer ${told.json.accessToken}` })
const me = (told: Told, organisation?: string) =>
  site.ask('/auth/me', { headers: { ...bearer(told), ...named(organisation) } })

/** The links mailed to an address since the last look. */
async function mailed(to: string): Promise<readonly string[]> {
  const before = site.mailbox.list().length
  await site.deliverMail()
  const fresh = site.mailbox
    .list()
    .slice(before)
    .filter((mail) => mail.to === to)
  return fresh.flatMap(({ text }) => /[?&]token=([\w-]+)/.exec(text)?.[1] ?? [])
}

async function signUp(address: string, password: string, organisation?: string): Promise<void> {
  const more = { username: address.split('@')[0] }
  const asked = await post('/auth/register', { email: address, password, ...more }, organisation)
  expect(asked.status).toBe(202)
  const [token] = await mailed(address)
  expect((await post('/auth/verify-email', { token })).status).toBe(200)
}

describe('one address in two organisations and in none', () => {
  beforeAll(async () => {
    await signUp(email, goodPassword, 'acme')
    await signUp(email, otherPassword, 'other')
    await signUp(email, `${otherPassword} too`)
  })

  test('is three accounts, each with its own password and name', async () => {
    const at = [
      ['acme', goodPassword],
      ['other', otherPassword],
      [undefined, `${otherPassword} too`],
    ] as const
    const ids = new Set<string>()
    for (const [organisation, password] of at) {
      for (const [, foreign] of at) {
        const told = await login(email, foreign, organisation)
        expect(told.status).toBe(foreign === password ? 200 : 401)
      }
      ids.add((await login('nora', password, organisation)).json.user.id)
    }
    expect(ids.size).toBe(3)
  })

  test('rule 7: has one spelling in each', async () => {
    const register = { email: ' NORA@Example.com ', password: goodPassword }
    expect((await post('/auth/register', register, acme.id)).status).toBe(202)
    expect(await mailed(email)).toEqual([])
    expect((await login('ＮＯＲＡ@example.com', goodPassword, acme.id)).status).toBe(200)
  })

  test('has sessions that are nobody anywhere else, as if there were no such organisation', async () => {
    const told = await login(email, goodPassword, 'acme')
    expect((await me(told, 'acme')).status).toBe(200)
    expect((await me(told, acme.id)).status).toBe(200)
    const foreign = await me(told, 'other')
    expect([foreign.status, foreign.json.code]).toEqual([404, 'organisation_not_found'])
    for (const name of [other.id, 'none', '', 'ACME', undefined]) {
      expect(looks(await me(told, name))).toEqual(looks(foreign))
    }
    const who = await site.ask('/who', { headers: { ...bearer(told), ...named('other') } })
    expect(who.json).toEqual({})
  })

  test('rule 11: is guessed at and locked in one of them alone', async () => {
    await signUp('lock@example.com', goodPassword, 'acme')
    await signUp('lock@example.com', goodPassword, 'other')
    for (let guess = 0; guess < 6; guess++) await login('lock@example.com', 'wrong', 'acme')
    expect((await login('lock@example.com', goodPassword, 'acme')).status).toBe(401)
    expect((await login('lock@example.com', goodPassword, 'other')).status).toBe(200)
  })

  test('waits for its link in one of them alone', async () => {
    const waiting = { email: 'waiting@example.com', password: goodPassword }
    expect((await post('/auth/register', waiting, 'acme')).status).toBe(202)
    const told = await login(waiting.email, goodPassword, 'acme')
    expect(told.json).toEqual({ status: 'verification_required' })
    expect((await login(waiting.email, goodPassword, 'other')).status).toBe(401)
    expect((await login(waiting.email, goodPassword)).status).toBe(401)
  })

  test('gets a new password in one of them alone', async () => {
    expect((await post('/auth/password/forgot', { email }, 'other')).status).toBe(202)
    const [token] = await mailed(email)
    const password = `${otherPassword} new`
    expect((await post('/auth/password/reset', { token, password })).status).toBe(200)
    expect((await login(email, password, 'other')).status).toBe(200)
    expect((await login(email, password, 'acme')).status).toBe(401)
    expect((await login(email, goodPassword, 'acme')).status).toBe(200)
  })

  test('may become the address of an account in another one', async () => {
    await signUp('mover@example.com', goodPassword, 'acme')
    const told = await login('mover@example.com', goodPassword, 'acme')
    await signUp('taken@example.com', goodPassword, 'other')
    const body = { currentPassword: goodPassword, email: 'taken@example.com' }
    const asked = await post('/auth/email/change', body, 'acme', bearer(told))
    expect(asked.status).toBe(202)
    const [token] = await mailed('taken@example.com')
    expect((await post('/auth/email/confirm', { token })).status).toBe(200)
    expect((await login('taken@example.com', goodPassword, 'acme')).status).toBe(200)
    expect((await login('taken@example.com', goodPassword, 'other')).status).toBe(200)
  })
})

describe('rule 8: an organisation that does not exist', () => {
  test('answers as one in which nobody is known, and mails nobody', async () => {
    const asks = [
      ['/auth/login', { identifier: 'new@example.com', password: goodPassword }],
      ['/auth/password/forgot', { email: 'new@example.com' }],
      ['/auth/verify-email/resend', { email: 'new@example.com' }],
      ['/auth/register', { email: 'new@example.com', password: goodPassword }],
      ['/auth/login', { identifier: 'new@example.com', password: goodPassword }],
    ] as const
    const names = ['none', crypto.randomUUID(), 'ACME', '']
    for (const [path, body] of asks) {
      const real = looks(await post(path, body, 'acme'))
      for (const name of names) {
        expect(looks(await post(path, body, name))).toEqual(real)
      }
    }
    expect(await mailed('new@example.com')).toHaveLength(1)
  })

  test('confirms nobody: its registrations are closed from the start', async () => {
    const { database } = site.security.parts.ground
    const rows = await database.reader
      .selectFrom('hf_registrations as r')
      .innerJoin('hf_users as u', 'u.id', 'r.user_id')
      .select(['r.state', 'u.realm'])
      .execute()
    const states = rows
      .filter(({ realm }) => realm.startsWith('nowhere:'))
      .map(({ state }) => state)
    expect(states.length).toBeGreaterThan(0)
    expect(new Set(states)).toEqual(new Set(['closed']))
  })
})

describe('an administrator', () => {
  test('makes and invites accounts in an organisation, by code', async () => {
    const { users } = site.security
    await users.create({ email: 'made@example.com', password: goodPassword, organisation: 'acme' })
    expect((await login('made@example.com', goodPassword, 'acme')).status).toBe(200)
    expect((await login('made@example.com', goodPassword)).status).toBe(401)
    await users.invite({ email: 'asked@example.com', organisation: other.id })
    const [token] = await mailed('asked@example.com')
    expect((await post('/auth/password/reset', { token, password: goodPassword })).status).toBe(200)
    expect((await login('asked@example.com', goodPassword, 'other')).status).toBe(200)
    const nowhere = users.invite({ email: 'x@example.com', organisation: 'none' })
    await expect(nowhere).rejects.toMatchObject({ code: 'organisation_not_found' })
  })

  test('of all organisations works in none of them', async () => {
    await site.security.users.create({
      email: 'op@example.com',
      password: goodPassword,
      roles: ['admin'],
    })
    const told = await login('op@example.com', goodPassword)
    const list = (organisation?: string) =>
      site.ask('/admin/organisations', { headers: { ...bearer(told), ...named(organisation) } })
    expect((await list()).status).toBe(200)
    expect((await list('acme')).json.code).toBe('organisation_not_found')
  })
})

describe('a member of an isolated organisation', () => {
  test('is an account of it that was invited; an account alone is none', async () => {
    await signUp('member@example.com', goodPassword, 'acme')
    const told = await login('member@example.com', goodPassword, 'acme')
    const inside = () => site.ask('/inside', { headers: { ...bearer(told), ...named('acme') } })
    expect((await inside()).json.code).toBe('organisation_not_found')
    await site.security.organisations.invite('acme', {
      email: 'member@example.com',
      roles: ['editor'],
    })
    const [token] = await mailed('member@example.com')
    const accept = await post('/auth/invitations/accept', { token }, 'acme', bearer(told))
    expect(accept.status).toBe(200)
    expect((await inside()).json.organisationRoles).toContain('editor')
  })

  test('cannot be an account of another one, whose address was invited', async () => {
    await signUp('twin@example.com', goodPassword, 'other')
    const told = await login('twin@example.com', goodPassword, 'other')
    await site.security.organisations.invite('acme', { email: 'twin@example.com' })
    const [token] = await mailed('twin@example.com')
    const accept = await post('/auth/invitations/accept', { token }, 'other', bearer(told))
    expect(accept.json.code).toBe('invitation_invalid')
  })
})

test('where accounts are shared, nothing of this is: an organisation to make them in is none', async () => {
  const shared = await openTenants()
  try {
    await shared.organisation('acme')
    const asked = { email, password: goodPassword, organisation: 'acme' }
    await expect(shared.security.users.create(asked)).rejects.toMatchObject({
      code: 'organisation_not_found',
    })
    await shared.security.users.create({ email, password: goodPassword })
    for (const organisation of ['acme', 'none']) {
      const body = { identifier: email, password: goodPassword }
      const headers = named(organisation)
      const told = await shared.ask('/auth/login', { method: 'POST', body, headers })
      expect(told.status).toBe(200)
    }
  } finally {
    await shared.close()
  }
})
