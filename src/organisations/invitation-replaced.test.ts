import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Kit, openKit, type Person } from '../../test/adapters/site.ts'
import { invitationToken } from '../../test/organisations/invitation-token.ts'

let kit: Kit
let acme: string
let owner: Person
let inviter: Person
const org = () => kit.security.organisations
const by = ({ userId }: Person, ...organisationRoles: readonly string[]) => ({
  giver: { userId, roles: ['user'], organisationRoles },
})

beforeAll(async () => {
  kit = await openKit()
  ;[owner, inviter] = [await kit.person('user'), await kit.person('user')]
  acme = (await org().create({ name: 'Acme', slug: 'acme', owner: owner.userId })).id
  await org().addMember(acme, { userId: inviter.userId })
})
afterAll(() => kit.close())

/** The token of an invitation that is sent now. */
async function invited({ email }: Person, ...roles: readonly string[]): Promise<string> {
  await org().invite(acme, { email, roles })
  return invitationToken(kit, email)
}

it('a role that was made a moment ago is known to organisations at once', async () => {
  const [one, two] = [await kit.person('user'), await kit.person('user')]
  const set = (name: string) =>
    kit.security.roles.set(name, { permissions: ['write:security:invitations'] })
  await set('first')
  await org().addMember(acme, { userId: one.userId, roles: ['first'] })
  await set('second')
  await org().grantRole(acme, { userId: one.userId, role: 'second' })
  await set('third')
  expect((await org().invite(acme, { email: two.email, roles: ['third'] })).roles).toEqual([
    'third',
  ])
})

it('rule 10: nobody ends an invitation to what they lack, be it by another one or by taking it back', async () => {
  const { roles } = kit.security
  const patterns = ['write', 'delete'].map((action) => `${action}:security:invitations`)
  await roles.set('inviter', { permissions: patterns })
  await org().grantRole(acme, { userId: inviter.userId, role: 'inviter' })
  const guest = await kit.person('user')
  const { id } = await org().invite(acme, { email: guest.email, roles: ['organisation_owner'] })
  const mine = by(inviter, 'inviter')
  const outranked = { code: 'role_outranks_giver' }
  const again = org().invite(acme, { email: guest.email, roles: [] }, mine)
  await expect(again).rejects.toMatchObject(outranked)
  await expect(org().revokeInvitation(acme, id, mine)).rejects.toMatchObject(outranked)
  expect((await org().invitations(acme)).map((one) => one.id)).toContain(id)
  const own = await org().invite(acme, { email: inviter.email, roles: [] })
  await org().revokeInvitation(acme, own.id, mine)
  await org().revokeInvitation(acme, id, by(owner, 'organisation_owner'))
})

it('each invitation that another one replaces is in the record', async () => {
  const guest = await kit.person('user')
  const { id } = await org().invite(acme, { email: guest.email })
  await org().invite(acme, { email: guest.email }, by(owner, 'organisation_owner'))
  const { reader } = kit.security.parts.ground.database
  const rows = await reader
    .selectFrom('hf_audit')
    .selectAll()
    .where('action', '=', 'organisation.invitation_revoked')
    .where('actor_id', '=', owner.userId)
    .execute()
  expect(rows.filter((row) => JSON.stringify(row).includes(id))).toHaveLength(1)
})

it('rule 3: what waits for a member at a former address ends when they are removed', async () => {
  const guest = await kit.person('user')
  await org().addMember(acme, { userId: guest.userId })
  const token = await invited(guest, 'organisation_owner')
  const address = (email: string) =>
    kit.security.parts.ground.database.transaction((trx) =>
      trx
        .updateTable('hf_users')
        .set({ email, email_canonical: email })
        .where('id', '=', guest.userId)
        .execute(),
    )
  expect(await org().inspectInvitation(token)).toBeDefined()
  await address('elsewhere@example.com')
  expect((await org().invitations(acme)).map(({ email }) => email)).toContain(guest.email)
  await org().removeMember(acme, guest.userId)
  await address(guest.email)
  const back = org().acceptInvitation({ userId: guest.userId, token })
  await expect(back).rejects.toMatchObject({ code: 'invitation_invalid' })
})
