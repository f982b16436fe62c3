import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KeyOwner } from '../../src/index.ts'
import { type KeyKit, keyKit } from './api-keys-kit.ts'
import { openSite, type Site } from './identity-kit.ts'

/** Scopes of somebody who asks for all there is, in every way to write it. */
const wide = [
  ...['*', '*:*', 'write:*', 'read:orders', 'write:settings', 'delete:accounts'],
  ...['*:security:*', 'read:security:users', 'read:security:keys', 'write:security:keys'],
  ...['write:security:organisations', 'write:security:roles', '*:own', '*:public', 'read:own'],
]

/** Guards of an app, and administrators' routes, that name no organisation. */
const paths = [
  ...['/api/orders', '/settings', '/accounts', '/own', '/public'],
  ...['/admin/users', '/admin/keys', '/admin/organisations', '/admin/roles'],
  '/admin/service-accounts',
]

const resources = {
  ...{ orders: {}, settings: {}, accounts: {} },
  documents: { columns: { organisation_id: 'text' }, tenant: 'organisation_id' },
} as const

describe.each([
  ['without declared resources', {}],
  ['with declared resources', { resources }],
] as const)('rule 27: in an app %s, all that is held in an organisation', (_how, access) => {
  let site: Site
  let kit: KeyKit
  beforeAll(async () => {
    site = await openSite({ captcha: 'none', access, organisations: { create: 'everyone' } }, addTo)
    kit = keyKit(site)
  })
  afterAll(() => site?.close())

  const answers = (key: string) =>
    Promise.all(
      paths.map(async (path) => [path, (await site.get(path, { 'x-api-key': key })).status]),
    )

  /** Keys of an owner with each scope that is lent at all. */
  const lent = async (owner: KeyOwner) => {
    const keys: string[] = []
    for (const scope of wide) {
      const made = site.security.apiKeys.create(owner, { name: 'x', scopes: [scope] })
      const shown = await made.catch((error: { code: string }) => error.code)
      if (typeof shown === 'string') expect(shown).toBe('scope_outranks_owner')
      else keys.push(shown.key)
    }
    return keys
  }

  const owners: readonly [string, () => Promise<KeyOwner>][] = [
    [
      'its owner',
      async () => {
        const eve = await kit.someone('eve', [])
        await site.security.organisations.create({ name: 'Eve', slug: 'eves', owner: eve.id })
        return { kind: 'user', id: eve.id, organisation: 'eves' }
      },
    ],
    [
      'its service account',
      async () => {
        await site.security.organisations.create({ name: 'Bots', slug: 'bots' })
        const robot = { name: 'robot', organisation: 'bots', roles: ['organisation_owner'] }
        return {
          kind: 'service_account',
          id: (await site.security.serviceAccounts.create(robot)).id,
        }
      },
    ],
    [
      'the organisation itself',
      async () => {
        const { id } = await site.security.organisations.create({ name: 'Self', slug: 'selfs' })
        const owner = { kind: 'organisation', id } as const
        await site.security.serviceAccounts.grantRole(owner, 'organisation_owner')
        await site.security.serviceAccounts.grantRole(owner, 'admin')
        return owner
      },
    ],
  ]

  test.each(owners)('by %s opens nothing outside it through a key', async (_who, ownerOf) => {
    const keys = await lent(await ownerOf())
    expect(keys.length).toBeGreaterThan(1)
    for (const key of keys) {
      const opened = (await answers(key)).filter(([, status]) => status !== 403)
      expect(opened).toEqual([])
    }
  })

  test('is no more than what the same roles open when they are held everywhere', async () => {
    const robot = { name: 'everywhere', roles: ['organisation_owner'] }
    const { id } = await site.security.serviceAccounts.create(robot)
    const [, all = ''] = await lent({ kind: 'service_account', id })
    expect(new Map((await answers(all)) as [string, number][]).get('/settings')).toBe(200)
  })
})

describe('rule 27: the key of a member', () => {
  test('reaches the rows of the organisation that it was made for, and what belongs to none', async () => {
    const access = {
      resources: { ...resources, units: { tenant: false } },
      roles: { editor: { permissions: ['read:documents', 'read:units', 'read:settings'] } },
    } as const
    const site = await openSite({ captcha: 'none', access })
    const { apiKeys, organisations } = site.security
    const { id: acme } = await organisations.create({ name: 'Acme', slug: 'acme' })
    const member = await keyKit(site).someone('member', [])
    await organisations.addMember(acme, { userId: member.id, roles: ['editor'] })
    const scopes = ['read:documents', 'read:units']
    const owner = { kind: 'user', id: member.id, organisation: 'acme' } as const
    const { key } = await apiKeys.create(owner, { name: 'x', scopes })
    const { keyAuthenticator } = site.security.parts.rooms
    const auth = await keyAuthenticator.authenticate({ key, origin: { ip: '127.0.0.1' } })
    if (!('can' in auth)) throw auth
    expect(auth.can('read:documents', { organisation_id: acme })).toBe(true)
    expect(auth.can('read:documents', { organisation_id: 'another' })).toBe(false)
    expect([auth.can('read:documents'), auth.can('read:units')]).toEqual([false, true])
    const beyond = apiKeys.create(owner, { name: 'x', scopes: ['read:settings'] })
    await expect(beyond).rejects.toMatchObject({ code: 'scope_outranks_owner' })
    await site.close()
  })
})

function addTo(...[app, security]: Parameters<NonNullable<Parameters<typeof openSite>[1]>>): void {
  const end = (_req: unknown, res: { json: (value: object) => void }) => void res.json({})
  app.get('/settings', security.guard('write:settings'), end)
  app.get('/accounts', security.guard('delete:accounts'), end)
  app.get('/own', security.guard('read:own'), end)
  app.get('/public', security.guard('read:public'), end)
}
