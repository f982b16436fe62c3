import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Kit, openKit, type Person } from '../../test/adapters/site.ts'
import { invitationToken } from '../../test/organisations/invitation-token.ts'

const soon = 1_000_000
let kit: Kit
let acme: string
let owner: Person
let temp: Person
let end: number
const by = () => ({
  giver: {
    userId: temp.userId,
    roles: ['user'],
    organisationRoles: ['organisation_member', 'organisation_owner'],
  },
})

beforeAll(async () => {
  kit = await openKit()
  ;[owner, temp] = [await kit.person('user'), await kit.person('user')]
  const { organisations } = kit.security
  acme = (await organisations.create({ name: 'Acme', slug: 'acme', owner: owner.userId })).id
  await organisations.addMember(acme, { userId: temp.userId })
  end = kit.clock.now() + soon
  const change = { userId: temp.userId, role: 'organisation_owner', expiresAt: end }
  await organisations.grantRole(acme, change)
})
afterAll(() => kit.close())

async function rolesOf({ userId }: Person) {
  const { roles = [] } = (await kit.security.organisations.member(acme, userId)) ?? {}
  return Object.fromEntries(roles.map(({ expiresAt, role }) => [role, expiresAt]))
}

it('rule 10: a role in an organisation is given for no longer than its giver holds it there', async () => {
  const { organisations } = kit.security
  const [one, two] = [await kit.person('user'), await kit.person('user')]
  const roles = ['organisation_owner', 'organisation_member']
  await organisations.addMember(acme, { userId: one.userId, roles }, by())
  expect(await rolesOf(one)).toEqual({ organisation_owner: end, organisation_member: null })
  await organisations.addMember(acme, { userId: two.userId })
  const change = { userId: two.userId, role: 'organisation_owner', expiresAt: end + soon }
  await organisations.grantRole(acme, change, by())
  expect(await rolesOf(two)).toMatchObject({ organisation_owner: end })
})

it('rule 10: what is accepted ends with what whoever invited holds', async () => {
  const guest = await kit.person('user')
  const { organisations } = kit.security
  const roles = ['organisation_owner']
  await organisations.invite(acme, { email: guest.email, roles }, by())
  const token = await invitationToken(kit, guest.email)
  await organisations.acceptInvitation({ userId: guest.userId, token })
  expect(await rolesOf(guest)).toEqual({ organisation_owner: end })
})

it('the first owner of an organisation owns it for good, whoever made it', async () => {
  const first = await kit.person('user')
  const { organisations, users } = kit.security
  await users.grantRole(temp.userId, 'admin', { expiresAt: end })
  const admin = { giver: { userId: temp.userId, roles: ['admin', 'user'] } }
  const made = { name: 'New', slug: 'new', owner: first.userId }
  const { id } = await organisations.create(made, admin)
  const roles = (await organisations.member(id, first.userId))?.roles
  expect(roles).toMatchObject([{ role: 'organisation_owner', expiresAt: null }])
})
