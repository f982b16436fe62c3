import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrganisationView } from '../../src/organisations/index.ts'
import { type Asked, openTenants, type TenantSite } from './tenants-kit.ts'

let site: TenantSite
let acme: OrganisationView
let other: OrganisationView
beforeAll(async () => {
  site = await openTenants({ tokens: { accessLifetime: '60m' } })
  acme = await site.organisation('acme')
  other = await site.organisation('other')
  for (const { id, slug } of [acme, other]) {
    const [first = ''] = slug
    site.rows.push({ id: `${first}1`, organisation_id: id, title: `Of ${slug}` })
  }
})
afterAll(() => site?.close())

const scopes = ['read:documents']
const by = (key: string, named?: string): Asked => ({
  headers: { 'x-api-key': key, ...(named === undefined ? {} : { 'x-organisation': named }) },
})
const codeOf = ({ json, status }: { json: { code?: string }; status: number }) =>
  status === 200 ? 'passes' : json.code
const idsOf = (json: { documents: { id: string }[] }) => json.documents.map(({ id }) => id)

/** Three owners whose keys act in `acme`, each with the rights of `editor` there. */
const owners: readonly [string, () => Promise<string>][] = [
  [
    'an account, bound to an organisation',
    async () => {
      const { id } = await site.member(
        `own${site.clock.now()}`,
        [acme, 'editor'],
        [other, 'editor'],
      )
      const owner = { kind: 'user', id, organisation: 'acme' } as const
      return (await site.security.apiKeys.create(owner, { name: 'x', scopes })).key
    },
  ],
  [
    'the organisation itself',
    async () => {
      const principal = { kind: 'organisation', id: acme.id } as const
      await site.security.serviceAccounts.grantRole(principal, 'editor')
      return (await site.security.apiKeys.create(principal, { name: 'x', scopes })).key
    },
  ],
  [
    'a service account of the organisation',
    async () => {
      const made = { name: 'robot', organisation: 'acme', roles: ['editor'] }
      const { id } = await site.security.serviceAccounts.create(made)
      const owner = { kind: 'service_account', id } as const
      return (await site.security.apiKeys.create(owner, { name: 'x', scopes })).key
    },
  ],
]

describe.each(owners)('rule 27: a key of %s', (_whose, make) => {
  let key = ''
  beforeAll(async () => {
    key = await make()
  })

  test('reaches rows of its organisation, named or not, and no others', async () => {
    for (const named of [undefined, 'acme', acme.id]) {
      const { json } = await site.ask('/documents', by(key, named))
      expect(idsOf(json)).toEqual(['a1'])
      expect(codeOf(await site.ask('/documents/a1', by(key, named)))).toBe('passes')
      expect(codeOf(await site.ask('/documents/o1', by(key, named)))).toBe('not_found')
    }
    expect(idsOf((await site.ask('/of/acme/documents', by(key))).json)).toEqual(['a1'])
  })

  test('is told of every other organisation that there is none', async () => {
    const strange = ['other', other.id, 'none', '', '01980000-0000-7000-8000-000000000000']
    const answers = await Promise.all(strange.map((name) => site.ask('/documents', by(key, name))))
    for (const { json, status } of answers) {
      expect([status, json.code]).toEqual([404, 'organisation_not_found'])
    }
    const texts = answers.map(({ json }) => JSON.stringify({ ...json, instance: '' }))
    expect(new Set(texts.map((text) => text.replace(/"requestId":"[^"]*"/, ''))).size).toBe(1)
    for (const path of ['/of/other/documents', '/of/other/documents/o1']) {
      expect(codeOf(await site.ask(path, by(key, 'acme')))).toBe('organisation_not_found')
    }
  })

  test('does what its scopes say and no more of what its owner may', async () => {
    const put = { ...by(key, 'acme'), method: 'PUT', body: {} }
    expect(codeOf(await site.ask('/documents/a1', put))).toBe('forbidden')
    expect(codeOf(await site.ask('/api/orders', by(key, 'acme')))).toBe('forbidden')
  })

  test('is no member: what asks for a person answers 403, and tells nothing of the place', async () => {
    for (const path of ['', '/members', '/invitations', '/leave']) {
      const method = path === '/leave' ? 'POST' : 'GET'
      for (const name of ['acme', 'other']) {
        const asked = { ...by(key), method, ...(method === 'POST' ? { body: {} } : {}) }
        const { json, status } = await site.ask(`/auth/organisations/${name}${path}`, asked)
        expect([name, path, status]).toEqual([name, path, name === 'acme' ? 403 : 404])
        expect(json.code).not.toBe('step_up_required')
      }
    }
    expect((await site.ask('/auth/organisations', by(key))).json.code).toBe('session_required')
  })

  test('keeps its quota where it acts', async () => {
    const left = async (named?: string) => {
      const { headers } = await site.ask('/documents', by(key, named))
      expect(headers['ratelimit-policy']).toBe('"api_key";q=1000;w=3600')
      return Number(/r=(\d+)/.exec(String(headers.ratelimit))?.[1])
    }
    const before = await left()
    expect([await left('acme'), await left(acme.id)]).toEqual([before - 1, before - 2])
  })

  test('is used from where the organisation is', async () => {
    const { organisations } = site.security
    await organisations.setPolicy('acme', { ipRanges: ['198.51.100.0/24'] })
    expect(codeOf(await site.ask('/documents', by(key)))).toBe('api_key_invalid')
    const near = { headers: { ...by(key).headers, 'x-forwarded-for': '198.51.100.7' } }
    expect(codeOf(await site.ask('/documents', near))).toBe('passes')
    await organisations.setPolicy('acme', {})
    expect(codeOf(await site.ask('/documents', by(key)))).toBe('passes')
  })
})

describe('rule 19: a key that acts in an organisation', () => {
  test('is none from the request on that follows the end of what it lives on', async () => {
    const { apiKeys, organisations, serviceAccounts } = site.security
    const brief = await site.organisation('brief')
    const { id } = await site.member('uma', [brief, 'editor'])
    const keyOf = async (owner: Parameters<typeof apiKeys.create>[0]) =>
      (await apiKeys.create(owner, { name: 'x', scopes })).key
    const use = async (key: string) => codeOf(await site.ask('/documents', by(key)))
    const own = await keyOf({ kind: 'user', id, organisation: brief.id })
    expect(await use(own)).toBe('passes')
    await organisations.withdrawRole('brief', { userId: id, role: 'editor' })
    expect(await use(own)).toBe('forbidden')
    await organisations.grantRole('brief', { userId: id, role: 'editor' })
    expect(await use(own)).toBe('passes')
    await organisations.removeMember('brief', id)
    expect(await use(own)).toBe('api_key_invalid')

    const principal = { kind: 'organisation', id: brief.id } as const
    await serviceAccounts.grantRole(principal, 'editor')
    const owned = await keyOf(principal)
    const robot = { name: 'brief robot', organisation: 'brief', roles: ['editor'] }
    const service = await serviceAccounts.create(robot)
    const robots = await keyOf({ kind: 'service_account', id: service.id })
    expect([await use(owned), await use(robots)]).toEqual(['passes', 'passes'])
    await serviceAccounts.withdrawRole(principal, 'editor')
    expect([await use(owned), await use(robots)]).toEqual(['forbidden', 'passes'])
    await organisations.close('brief')
    expect([await use(owned), await use(robots)]).toEqual(['api_key_invalid', 'api_key_invalid'])
  })

  test('below the level that the organisation comes to demand is none', async () => {
    const strict = await site.organisation('strict')
    const vic = await site.member('vic', [strict, 'editor'])
    const body = { name: 'x', scopes, organisation: 'strict' }
    const { json } = await site.ask('/api/keys', { method: 'POST', body, headers: vic.bearer })
    expect(codeOf(await site.ask('/documents', by(json.key)))).toBe('passes')
    await site.security.organisations.setPolicy('strict', { requiredLevel: 2 })
    expect(codeOf(await site.ask('/documents', by(json.key)))).toBe('api_key_invalid')
  })
})

describe('rule 26: nobody makes a key', () => {
  test('for an organisation that they are no member of', async () => {
    const wim = await site.member('wim', [acme, 'editor'])
    for (const organisation of ['other', other.id, 'none']) {
      const body = { name: 'x', scopes, organisation }
      const asked = { method: 'POST', body, headers: wim.bearer }
      expect(codeOf(await site.ask('/api/keys', asked))).toBe('organisation_not_found')
    }
  })

  test('with what they hold in an organisation that acts outside it', async () => {
    const xia = await site.member('xia', [acme, 'editor'])
    const body = { name: 'x', scopes }
    const asked = { method: 'POST', body, headers: { ...xia.bearer, 'x-organisation': 'acme' } }
    expect(codeOf(await site.ask('/api/keys', asked))).toBe('scope_outranks_owner')
  })

  test('of an organisation that does more than its roles', async () => {
    const principal = { kind: 'organisation', id: other.id } as const
    const wide = site.security.apiKeys.create(principal, { name: 'x', scopes })
    await expect(wide).rejects.toMatchObject({ code: 'scope_outranks_owner' })
  })
})
