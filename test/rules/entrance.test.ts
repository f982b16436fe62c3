import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrganisationView } from '../../src/organisations/index.ts'
import { from, type Person } from './identity-kit.ts'
import { looks, openTenants, type TenantSite } from './tenants-kit.ts'

let site: TenantSite
let acme: OrganisationView
let other: OrganisationView
let ann: Person
let stranger: Person
let both: Person

beforeAll(async () => {
  site = await openTenants()
  acme = await site.organisation('acme')
  other = await site.organisation('other')
  ann = await site.member('ann', [acme, 'editor'])
  stranger = await site.member('stranger', [other, 'editor'])
  both = await site.member('both', [acme, 'editor'], [other])
  site.rows.push(
    { id: 'a1', organisation_id: acme.id, title: 'of acme' },
    { id: 'o1', organisation_id: other.id, title: 'of the other' },
  )
})
afterAll(() => site.close())

const within = (person: Person, organisation: string) => ({
  headers: { ...person.bearer, 'x-organisation': organisation },
})
const plain = (person: Person) => ({ headers: { ...person.bearer } })
const inside = (person: Person, organisation: string) =>
  site.ask('/inside', within(person, organisation))

describe('a request that names an organisation', () => {
  test('has the roles held there, by id or short name, and none without it', async () => {
    for (const name of ['acme', acme.id]) {
      const { json } = await inside(ann, name)
      const held = { roles: ['user'], organisationRoles: ['editor'] }
      expect(json).toEqual({ organisation: acme.id, ...held })
    }
    expect((await site.ask('/inside', plain(ann))).json).toEqual({ roles: ['user'] })
  })

  test('reaches the rows of that organisation and no others', async () => {
    const { json } = await site.ask('/documents', within(ann, 'acme'))
    expect(json.documents.map(({ id }: { id: string }) => id)).toEqual(['a1'])
    expect((await site.ask('/documents/a1', within(ann, 'acme'))).status).toBe(200)
    expect((await site.ask('/documents/o1', within(ann, 'acme'))).json.code).toBe('not_found')
    expect((await site.ask('/documents', plain(ann))).json.code).toBe('forbidden')
  })

  test('holds in each of several organisations what is held there alone', async () => {
    expect((await site.ask('/documents/a1', within(both, 'acme'))).status).toBe(200)
    expect((await site.ask('/documents/o1', within(both, 'other'))).json.code).toBe('forbidden')
  })

  test('rule 27: one of others, a closed one and none at all are the same 404', async () => {
    const gone = await site.organisation('gone')
    await site.security.organisations.addMember(gone.id, { userId: ann.id })
    await site.security.organisations.close(gone.id)
    const names = ['other', other.id, 'gone', gone.id, 'none', crypto.randomUUID(), '', 'ACME', '%']
    const answers = await Promise.all(names.map((name) => inside(ann, name)))
    expect(answers[0]?.json.code).toBe('organisation_not_found')
    expect(answers[0]?.status).toBe(404)
    for (const answer of answers) expect(looks(answer)).toEqual(looks(answers[0] ?? answer))
  })

  test('is nobody on open routes where the caller does not belong', async () => {
    expect((await site.ask('/who', within(ann, 'acme'))).json.organisation).toBe(acme.id)
    expect((await site.ask('/who', within(ann, 'other'))).json).toEqual({})
    expect((await site.ask('/who', plain(ann))).json).toEqual({ userId: ann.id })
  })

  test('by several headers names none', async () => {
    const headers = { ...ann.bearer, 'x-organisation': ['acme', 'acme'] as unknown as string }
    expect((await site.ask('/inside', { headers })).json.code).toBe('organisation_not_found')
  })

  test('leaves the routes of the account itself as they are', async () => {
    const me = await site.ask('/auth/me', within(ann, 'other'))
    expect(me.status).toBe(200)
    expect(me.json.user.roles).toEqual(['user'])
    expect((await site.ask('/auth/me', within(ann, 'acme'))).json.user.roles).toEqual(['user'])
  })

  test('rule 10: never holds a role of an organisation on the routes of administrators', async () => {
    await site.security.organisations.grantRole('acme', { userId: ann.id, role: 'admin' })
    expect((await inside(ann, 'acme')).json.organisationRoles).toContain('admin')
    for (const path of ['/admin/users', '/admin/organisations', '/api/users']) {
      expect((await site.ask(path, within(ann, 'acme'))).json.code).toBe('forbidden')
    }
    await site.security.organisations.withdrawRole('acme', { userId: ann.id, role: 'admin' })
  })
})

describe('rule 27: a role that reaches everything, held in one organisation,', () => {
  test('reaches of rows that belong to organisations those of this one alone', async () => {
    const lea = await site.member('lea', [acme, 'organisation_owner'], [other])
    const { json } = await site.ask('/documents', within(lea, 'acme'))
    expect(json.documents.map(({ id }: { id: string }) => id)).toEqual(['a1'])
    expect((await site.ask('/documents/a1', within(lea, 'acme'))).status).toBe(200)
    for (const method of ['GET', 'PUT']) {
      const foreign = await site.ask('/documents/o1', { method, ...within(lea, 'acme') })
      expect(foreign.json.code).toBe('not_found')
    }
    expect((await site.ask('/documents', within(lea, 'other'))).json.code).toBe('forbidden')
  })

  test('still reaches what belongs to no organisation, and everything where it is held everywhere', async () => {
    const mia = await site.member('mia', [acme, 'organisation_owner'])
    expect((await site.ask('/api/orders', within(mia, 'acme'))).status).toBe(200)
    expect((await site.ask('/api/orders', plain(mia))).status).toBe(403)
    await site.security.users.grantRole(mia.id, 'admin')
    const { json } = await site.ask('/documents', within(mia, 'acme'))
    expect(json.documents).toHaveLength(2)
  })

  test('reaches nothing of a resource that says nothing of organisations', async () => {
    const ned = await site.member('ned', [acme, 'organisation_owner', 'admin', 'manager'])
    for (const asked of [within(ned, 'acme'), plain(ned)]) {
      expect((await site.ask('/ledger', asked)).json.code).toBe('forbidden')
    }
    await site.security.users.grantRole(ned.id, 'manager')
    expect((await site.ask('/ledger', within(ned, 'acme'))).status).toBe(200)
  })

  test('reaches by the permission of another resource no rows of other organisations', async () => {
    const zoe = await site.member('zoe', [acme, 'organisation_owner'])
    const { json } = await site.ask('/documents-by-orders', within(zoe, 'acme'))
    expect(json.documents.map(({ id }: { id: string }) => id)).toEqual(['a1'])
  })
})

test('rule 25: a denial of rows of other organisations holds where the request names none', async () => {
  const cleo = await site.member('cleo', [acme])
  await site.security.users.grantRole(cleo.id, 'local')
  const { json } = await site.ask('/documents', within(cleo, 'acme'))
  expect(json.documents.map(({ id }: { id: string }) => id)).toEqual(['a1'])
  expect((await site.ask('/documents', plain(cleo))).text).not.toContain('of the other')
  for (const id of ['a1', 'o1']) {
    expect((await site.ask(`/documents/${id}`, plain(cleo))).status).toBeGreaterThanOrEqual(403)
  }
})

describe('a path that names an organisation', () => {
  test('reaches its rows for its members alone', async () => {
    const { json } = await site.ask('/of/acme/documents', plain(ann))
    expect(json.documents.map(({ id }: { id: string }) => id)).toEqual(['a1'])
    const foreign = await site.ask('/of/other/documents', plain(ann))
    expect(foreign.json.code).toBe('organisation_not_found')
    expect(looks(await site.ask('/of/none/documents', plain(ann)))).toEqual(looks(foreign))
  })

  test('rule 27: wins over the header, whichever the caller belongs to', async () => {
    const { json } = await site.ask('/of/other/documents/o1', within(both, 'acme'))
    expect(json.code).toBe('forbidden')
    const foreign = await site.ask('/of/other/documents/o1', within(ann, 'acme'))
    expect(foreign.json.code).toBe('organisation_not_found')
    expect((await site.ask('/of/acme/documents/a1', within(both, 'other'))).status).toBe(200)
    const strange = await site.ask('/of/acme/documents/a1', within(ann, 'other'))
    expect(strange.json.code).toBe('organisation_not_found')
  })

  test('rule 27: wins over the header on our own routes', async () => {
    const foreign = await site.ask('/auth/organisations/other', within(ann, 'acme'))
    expect(foreign.json.code).toBe('organisation_not_found')
  })
})

describe('an API key', () => {
  test('acts in the organisation that it was made for, and finds no other', async () => {
    const kay = await site.member('kay', [acme, 'editor'], [other, 'editor'])
    const body = { name: 'a key', scopes: ['read:documents'], organisation: acme.id }
    const made = await site.ask('/api/keys', { method: 'POST', body, headers: kay.bearer })
    expect(made.status).toBe(201)
    const by = (named?: string) => ({
      headers: {
        'x-api-key': made.json.key,
        ...(named === undefined ? {} : { 'x-organisation': named }),
      },
    })
    for (const named of [undefined, 'acme', acme.id]) {
      const { json } = await site.ask('/documents', by(named))
      expect(json.documents.map(({ id }: { id: string }) => id)).toEqual(['a1'])
    }
    const foreign = await site.ask('/documents', by('other'))
    expect(foreign.json.code).toBe('organisation_not_found')
    expect(looks(await site.ask('/documents', by('none')))).toEqual(looks(foreign))
    expect((await site.ask('/of/other/documents', by('acme'))).status).toBe(404)
    expect((await site.ask('/of/acme/documents', by())).status).toBe(200)
    await site.security.organisations.removeMember('acme', kay.id)
    expect((await site.ask('/documents', by('acme'))).status).toBe(401)
  })
})

describe('rule 19: the next request knows', () => {
  test('that a membership was removed', async () => {
    const bob = await site.member('bob', [acme, 'editor'])
    expect((await inside(bob, 'acme')).status).toBe(200)
    await site.security.organisations.removeMember('acme', bob.id)
    expect((await inside(bob, 'acme')).json.code).toBe('organisation_not_found')
    await site.security.organisations.addMember('acme', { userId: bob.id })
    expect((await inside(bob, 'acme')).status).toBe(200)
  })

  test('that a role was given and withdrawn', async () => {
    const cid = await site.member('cid', [acme])
    expect((await site.ask('/documents', within(cid, 'acme'))).json.code).toBe('forbidden')
    await site.security.organisations.grantRole('acme', { userId: cid.id, role: 'editor' })
    expect((await site.ask('/documents', within(cid, 'acme'))).status).toBe(200)
    await site.security.organisations.withdrawRole('acme', { userId: cid.id, role: 'editor' })
    expect((await site.ask('/documents', within(cid, 'acme'))).json.code).toBe('forbidden')
  })

  test('that a role has run out, at its instant', async () => {
    const dan = await site.member('dan', [acme])
    const expiresAt = site.clock.now() + 60_000
    await site.security.organisations.grantRole('acme', {
      userId: dan.id,
      role: 'editor',
      expiresAt,
    })
    expect((await site.ask('/documents', within(dan, 'acme'))).status).toBe(200)
    await site.advance(60_000)
    expect((await site.ask('/documents', within(dan, 'acme'))).json.code).toBe('forbidden')
  })

  test('that the organisation was closed or has another short name', async () => {
    const brief = await site.organisation('brief')
    const eve = await site.member('eve', [brief])
    expect((await inside(eve, 'brief')).status).toBe(200)
    await site.security.organisations.change('brief', { slug: 'longer' })
    expect((await inside(eve, 'brief')).json.code).toBe('organisation_not_found')
    expect((await inside(eve, 'longer')).status).toBe(200)
    await site.security.organisations.close('longer')
    expect((await inside(eve, 'longer')).json.code).toBe('organisation_not_found')
  })

  test('that the account was disabled', async () => {
    const fay = await site.member('fay', [acme])
    expect((await inside(fay, 'acme')).status).toBe(200)
    await site.security.users.disable(fay.id, { reason: 'a test' })
    expect((await inside(fay, 'acme')).status).toBe(401)
  })
})

describe('the policy of an organisation', () => {
  test('holds for the networks that it names, on each request', async () => {
    const net = await site.organisation('net')
    const gus = await site.member('gus', [net])
    const by = (client: string) =>
      site.ask('/inside', { headers: { ...within(gus, 'net').headers, ...from(client) } })
    expect((await by('198.51.100.7')).status).toBe(200)
    await site.security.organisations.setPolicy('net', { ipRanges: ['203.0.113.0/24'] })
    expect((await by('198.51.100.7')).json.code).toBe('organisation_address_refused')
    expect((await by('203.0.113.9')).status).toBe(200)
    expect((await by('198.51.100.7')).status).toBe(403)
    await site.security.organisations.setPolicy('net', {})
    expect((await by('198.51.100.7')).status).toBe(200)
  })

  test('asks for a second factor there, and nowhere else', async () => {
    const high = await site.organisation('high')
    const hal = await site.member('hal', [high, 'editor'])
    await site.security.organisations.setPolicy('high', { requiredLevel: 2 })
    for (const path of ['/inside', '/documents']) {
      const { headers, json, status } = await site.ask(path, within(hal, 'high'))
      expect([status, json.code, json.level]).toEqual([401, 'step_up_required', 2])
      expect(headers['www-authenticate']).toContain('acr_values="urn:holdfast:aal2"')
    }
    expect((await site.ask('/inside', plain(hal))).status).toBe(200)
  })

  test('asks for a proof that is as recent as it says', async () => {
    const brisk = await site.organisation('brisk')
    const ida = await site.member('ida', [brisk])
    await site.security.organisations.setPolicy('brisk', { sessionMaxMs: 10 * 60_000 })
    expect((await inside(ida, 'brisk')).status).toBe(200)
    await site.advance(11 * 60_000)
    const { headers, json, status } = await inside(ida, 'brisk')
    expect([status, json.code, json.maxAge]).toEqual([401, 'step_up_required', 600])
    expect(headers['www-authenticate']).toContain('max_age="600"')
    expect((await site.ask('/inside', plain(ida))).status).toBe(200)
  })
})

describe('a session', () => {
  test('knows of no organisation: tokens and what is verified without a request are the same', async () => {
    await inside(ann, 'acme')
    const token = ann.bearer.authorization?.slice('Bearer '.length) ?? ''
    const verified = await site.security.tokens.verify(token)
    expect(verified.ok && verified.auth.organisation).toBeUndefined()
    expect(verified.ok && verified.auth.roles).toEqual(['user'])
    const rows = site.dump().hf_sessions ?? []
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.join()).not.toContain(acme.id)
  })

  test('costs no read of the database where its organisation is remembered', async () => {
    await inside(stranger, 'other')
    const { entrance } = site.security.parts.rooms
    expect(entrance.remembered.places).toBeGreaterThan(0)
    const verified = await site.security.tokens.verify(
      stranger.bearer.authorization?.slice(7) ?? '',
    )
    if (!verified.ok) throw verified.error
    const seen = entrance.enter(verified.auth, 'other', undefined)
    expect(seen).not.toBeInstanceOf(Promise)
  })
})
