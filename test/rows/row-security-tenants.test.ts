import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Auth } from '../../src/http/index.ts'
import { setCaller } from '../../src/rows/index.ts'
import { openTenants, type TenantSite } from '../rules/tenants-kit.ts'
import { isAvailable } from '../services/binaries.ts'
import { type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { connect } from './engines.ts'

describe.skipIf(!isAvailable('postgres'))('row-level security of tenants', () => {
  let site: TenantSite
  let fresh: FreshDatabase
  let admin: pg.Client
  let app: pg.Client

  beforeAll(async () => {
    site = await openTenants()
    fresh = await freshDatabase('postgres')
    admin = await connect(fresh.url)
    await admin.query('create table documents (id text, organisation_id text, title text)')
    await admin.query('create table orders (id text)')
    const role = `app_${randomBytes(4).toString('hex')}`
    await admin.query(`create role ${role} login; grant all on documents, orders to ${role}`)
    await admin.query(await site.security.access.rowSecurity())
    app = await connect(fresh.url, role)
    for (const slug of ['acme', 'other']) {
      const { id } = await site.organisation(slug)
      await admin.query('insert into documents values ($1, $2, $1)', [slug, id])
    }
  })
  afterAll(async () => {
    for (const client of [app, admin]) await client?.end()
    await fresh?.drop()
    await site?.close()
  })

  const callerIn = async (name: string, ...roles: readonly string[]): Promise<Auth> => {
    const { organisations, parts, tokens } = site.security
    const acme = await organisations.find('acme')
    const { bearer } = await site.member(name, [{ id: acme?.id ?? '' }, ...roles])
    const verified = await tokens.verify(bearer.authorization?.slice('Bearer '.length) ?? '')
    if (!verified.ok) throw verified.error
    return parts.rooms.entrance.enter(verified.auth, 'acme', undefined)
  }
  const seenBy = async (caller: Auth) => {
    await app.query('begin')
    await setCaller(app, caller)
    const { rows } = await app.query('select id from documents order by id')
    await app.query('rollback')
    return rows.map(({ id }) => id)
  }

  it('rule 27: shows a role held in one organisation the rows of that one, whatever it says', async () => {
    expect(await seenBy(await callerIn('editor', 'editor'))).toEqual(['acme'])
    expect(await seenBy(await callerIn('owner', 'organisation_owner'))).toEqual(['acme'])
    expect(await seenBy(await callerIn('plain'))).toEqual([])
  })

  it('shows what is held everywhere as far as it says', async () => {
    const caller = await callerIn('admin', 'editor')
    await site.security.users.grantRole(caller.userId, 'admin')
    const { json } = await site.login('admin@example.com', 'correct horse battery staple 42')
    const verified = await site.security.tokens.verify(json.accessToken)
    if (!verified.ok) throw verified.error
    const { entrance } = site.security.parts.rooms
    expect(await seenBy(await entrance.enter(verified.auth, 'acme', undefined))).toEqual([
      ...['acme', 'other'],
    ])
  })
})
