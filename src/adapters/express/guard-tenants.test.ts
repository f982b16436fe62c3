import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type Kit,
  type Listening,
  openKit,
  type Person,
  serve,
} from '../../../test/adapters/site.ts'
import { invitationToken } from '../../../test/organisations/invitation-token.ts'

let kit: Kit
let site: Listening
/** Everybody may make an organisation, and this one has. */
let mallory: Person
/** The other account of the same person, which they have made an administrator of theirs. */
let second: Person
const there = { 'x-organisation': 'mall' }

beforeAll(async () => {
  kit = await openKit({
    organisations: { from: 'header', create: 'everyone' },
    access: {
      resources: {
        products: { columns: { id: 'text' }, tenant: false },
        documents: { columns: { id: 'text' }, tenant: 'org' },
      },
      roles: { keeper: { permissions: ['*:products', 'read:documents'] } },
    },
  })
  ;[mallory, second] = [await kit.person('user'), await kit.person('user')]
  const { guard } = kit.security
  site = await serve(kit, (app) => {
    const admins = { anyRole: ['admin'] }
    app.get('/staff', guard(admins), (req, res) => {
      res.json({ roles: req.auth?.roles })
    })
    app.get('/mine', guard(admins, { organisation: true }), (req, res) => {
      const { organisationRoles, roles } = req.auth ?? {}
      res.json({ roles, organisationRoles })
    })
    app.use('/in/:org', guard('read:documents', { rows: true, organisation: 'org' }))
    app.get('/in/:org/admins', guard(admins), (_req, res) => {
      res.json({})
    })
    app.get('/products', guard('read:products'), (_req, res) => {
      res.json({})
    })
    app.put('/products', guard('update:products'), (_req, res) => {
      res.json({})
    })
    app.delete('/products', guard('delete:products'), (_req, res) => {
      res.json({})
    })
  })
  const made = await post('/auth/organisations', mallory, { name: 'Mall', slug: 'mall' })
  expect(made.status).toBe(201)
  const invitation = { email: second.email, roles: ['admin'] }
  expect((await post('/auth/organisations/mall/invitations', mallory, invitation)).status).toBe(201)
  const token = await invitationToken(kit, second.email)
  expect(await post('/auth/invitations/accept', second, { token })).toMatchObject({ status: 200 })
})
afterAll(async () => {
  await site.stop()
  await kit.close()
})

function post(path: string, { bearer }: Person, body: unknown) {
  const headers = { ...bearer, 'content-type': 'application/json' }
  return site.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

const ask = (
  path: string,
  { bearer }: Person,
  named: Record<string, string> = {},
  method = 'GET',
) => site.fetch(path, { method, headers: { ...bearer, ...named } })

it('rule 27: a role held in an organisation passes no guard of a role that names none', async () => {
  for (const named of [{}, there]) expect((await ask('/staff', second, named)).status).toBe(403)
  expect((await ask('/in/mall/admins', second)).status).toBe(403)
  const admin = await kit.person('admin')
  const answer = await ask('/staff', admin)
  expect([answer.status, answer.json]).toMatchObject([200, { roles: ['admin'] }])
})

it('a guard of a role that asks for an organisation counts those held there, beside the others', async () => {
  const inside = await ask('/mine', second, there)
  expect(inside.json).toEqual({ roles: ['user'], organisationRoles: ['admin'] })
  expect((await ask('/mine', mallory, there)).status).toBe(403)
  for (const named of [{}, { 'x-organisation': 'none' }]) {
    const { json, status } = await ask('/mine', second, named)
    expect([status, json?.code]).toEqual([404, 'organisation_not_found'])
  }
})

it('rule 27: no tenant changes what belongs to all, by a wildcard of theirs', async () => {
  for (const person of [mallory, second]) {
    expect((await ask('/products', person, there)).status).toBe(200)
    for (const method of ['PUT', 'DELETE']) {
      expect((await ask('/products', person, there, method)).status, method).toBe(403)
    }
  }
})

it('rule 10: nor gives a role that names it: what reaches it there was given by whoever holds it everywhere', async () => {
  const third = await kit.person('user')
  const invitation = { email: third.email, roles: ['keeper'] }
  const refused = await post('/auth/organisations/mall/invitations', mallory, invitation)
  expect([refused.status, refused.json?.code]).toEqual([403, 'role_outranks_giver'])
  const keeper = { userId: third.userId, roles: ['keeper'] }
  await kit.security.organisations.addMember('mall', keeper)
  expect((await ask('/products', third, there, 'DELETE')).status).toBe(200)
  expect((await ask('/products', third, {}, 'DELETE')).status).toBe(403)
})
