import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrganisationView } from '../../src/organisations/index.ts'
import { createTestSecurity } from '../../src/testing/index.ts'
import type { Person } from './identity-kit.ts'
import { looks, openTenants, type TenantSite } from './tenants-kit.ts'

describe('a host that names an organisation', () => {
  let site: TenantSite
  let acme: OrganisationView
  let ann: Person

  beforeAll(async () => {
    site = await openTenants({ organisations: { from: 'host', domain: 'example.com:8080' } })
    acme = await site.organisation('acme')
    await site.organisation('other')
    ann = await site.member('ann', [acme, 'editor'])
    site.rows.push({ id: 'a1', organisation_id: acme.id, title: 'of acme' })
  })
  afterAll(() => site.close())

  const at = (host: string, more: Record<string, string> = {}) =>
    site.ask('/inside', { headers: { ...ann.bearer, host, ...more } })

  test('does so in any case, with any port, with a dot at its end', async () => {
    const hosts = [
      'acme.example.com',
      'ACME.Example.com',
      'acme.example.com:9',
      'acme.example.com.',
    ]
    for (const host of [...hosts, `${acme.id}.example.com`]) {
      expect((await at(host)).json.organisation).toBe(acme.id)
    }
  })

  test('is no organisation where it is the domain itself, that of baseUrl or of others', async () => {
    for (const host of [
      'example.com',
      'localhost',
      'acme.example.org',
      'acmeexample.com',
      '1.2.3.4',
    ]) {
      expect((await at(host)).json).toEqual({ roles: ['user'] })
    }
  })

  test('rule 27: is the same 404 where the caller does not belong', async () => {
    const hosts = ['other', 'none', 'x.acme', 'acme.other', '%61cme', '-'].map(
      (name) => `${name}.example.com`,
    )
    const answers = await Promise.all(hosts.map((host) => at(host)))
    for (const answer of answers) {
      expect(answer.json.code).toBe('organisation_not_found')
      expect(looks(answer)).toEqual(looks(answers[0] ?? answer))
    }
  })

  test('is not taken from a header that a proxy or a client adds', async () => {
    const forwarded = { 'x-forwarded-host': 'acme.example.com', 'x-organisation': 'acme' }
    expect((await at('other.example.com', forwarded)).status).toBe(404)
    expect((await at('localhost', forwarded)).json).toEqual({ roles: ['user'] })
  })
})

describe('options that name no organisation', () => {
  const start = (organisations: object) =>
    createTestSecurity({ organisations }).then(({ close }) => close())

  test('are refused at the start: hosts without a domain, isolated accounts without a name', async () => {
    await expect(start({ from: 'host' })).rejects.toThrow(/organisations\.domain is missing/)
    await expect(start({ tenancy: 'isolated' })).rejects.toThrow(
      /organisations\.tenancy must be 'shared'/,
    )
  })

  test('leave a header alone that they do not name', async () => {
    const site = await openTenants({ organisations: 'route' })
    try {
      const acme = await site.organisation('acme')
      const ann = await site.member('ann', [acme])
      const headers = { ...ann.bearer, 'x-organisation': 'acme' }
      expect((await site.ask('/inside', { headers })).json).toEqual({ roles: ['user'] })
    } finally {
      await site.close()
    }
  })
})
