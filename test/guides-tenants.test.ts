import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSecurity, type ExpressSecurity } from '../src/adapters/express/index.ts'
import type { AccessOptions } from '../src/config/index.ts'
import { createTestSecurity, type TestSecurity } from '../src/testing/index.ts'
import { type Listening, listen } from './adapters/site.ts'
import { page } from './guide-kit.ts'

const guide = page('docs/guides/rows-and-tenants.md')
const tenants = guide.slice(guide.indexOf('## Name the organisation of a request'))
const [routes = '', ofRoles = '', access = '', list = '', ...rest] = [
  ...tenants.matchAll(/^```[jt]s\n(.*?)^```$/gms),
].map(([, one = '']) => one.replace(': AccessOptions', ''))
const password = 'correct horse battery staple 42'

describe('rows-and-tenants.md, of requests and rows', () => {
  let kit: TestSecurity<ExpressSecurity>
  let site: Listening
  let bearer = ''
  let organisations: readonly string[]

  beforeAll(async () => {
    const options = new Function(`${access}return access`)() as AccessOptions
    kit = await createTestSecurity<ExpressSecurity>(
      { access: options, organisations: 'header' },
      createSecurity,
    )
    const { security } = kit
    const acme = await security.organisations.create({ name: 'Acme', slug: 'acme' })
    const other = await security.organisations.create({ name: 'Other', slug: 'other' })
    organisations = [acme.id, other.id]
    const { id } = await security.users.create({ email: 'ada@example.com', password })
    await security.organisations.addMember('acme', { userId: id, roles: ['editor', 'admin'] })
    await security.roles.set('reader_of_all', { permissions: ['read:*'] })
    const documents = organisations.map((org_id) => ({ id: org_id, org_id, title: 'x' }))
    const app = security.protect(express())
    const build = new Function(
      'app',
      'guard',
      'documents',
      'show',
      `${list + routes}${ofRoles}`.replace('staff)', 'show)').replace('settings)', 'show)'),
    )
    build(app, security.guard, documents, (req: express.Request, res: express.Response) => {
      const { organisationRoles, roles } = req.auth ?? {}
      res.json({ roles, organisationRoles })
    })
    site = await listen(app)
    const result = await security.signIn.withPassword({
      ...{ identifier: 'ada@example.com', password, transport: 'body', clientKey: 'test' },
      ...{ origin: {}, devices: [] },
    })
    bearer = result.status === 'signed_in' ? `Bearer ${result.accessToken}` : ''
  })
  afterAll(async () => {
    await site?.stop()
    await kit?.close()
  })

  it('has four examples', () => {
    expect([routes, ofRoles, access, list].every((block) => block !== '')).toBe(true)
    expect(rest).toEqual([])
  })

  it('its routes list the rows of the organisation that the path or the header names', async () => {
    const ask = (path: string, named: object = {}) =>
      site.fetch(path, { headers: { authorization: bearer, ...named } })
    for (const answer of [
      await ask('/orgs/acme/documents'),
      await ask('/documents', { 'x-organisation': 'acme' }),
    ]) {
      const shown = answer.json as unknown as readonly { readonly id: string }[]
      expect(shown.map(({ id }) => id)).toEqual([organisations[0]])
    }
    expect((await ask('/orgs/other/documents')).json?.code).toBe('organisation_not_found')
    const ada = await kit.security.users.find('ada@example.com')
    await kit.security.users.grantRole(ada?.id ?? '', 'reader_of_all')
    const { json } = await ask('/orgs/acme/documents')
    const shown = json as unknown as readonly { readonly id: string }[]
    expect(shown.map(({ id }) => id)).toEqual([organisations[0]])
    await kit.security.users.withdrawRole(ada?.id ?? '', 'reader_of_all')
  })

  it('its guards of roles count those of an organisation where they ask for one', async () => {
    const headers = { authorization: bearer, 'x-organisation': 'acme' }
    expect((await site.fetch('/staff', { headers })).status).toBe(403)
    const { json } = await site.fetch('/settings', { headers })
    expect(json).toEqual({ roles: ['user'], organisationRoles: ['admin', 'editor'] })
    const unnamed = await site.fetch('/settings', { headers: { authorization: bearer } })
    expect(unnamed.json?.code).toBe('organisation_not_found')
  })
})
