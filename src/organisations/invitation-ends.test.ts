import { expect, it } from 'vitest'
import { openOrganisationBench } from '../../test/organisations/organisation-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'

const invalid = { code: 'invitation_invalid' }

describeEngines('an invitation that waits', (engine) => {
  const bench = openOrganisationBench(engine)
  const org = () => bench.organisations

  it('ends when the member of that address is removed: nobody comes back by an old mail', async () => {
    const { id } = await bench.organisation()
    const [member, other] = [await bench.memberOf({ id }, ['editor']), await bench.person()]
    await org().invite(id, { email: member.email, roles: ['editor'] })
    await org().invite(id, { email: other.email })
    const token = await bench.tokenOf(member.email)
    await org().removeMember(id, member.id)
    expect(await org().inspectInvitation(token)).toBeUndefined()
    await expect(org().acceptInvitation({ token, userId: member.id })).rejects.toMatchObject(
      invalid,
    )
    expect((await org().invitations(id)).map(({ email }) => email)).toEqual([other.email])
  })

  it('ends when its sender leaves, and stands in no list any more', async () => {
    const { id } = await bench.organisation()
    const sender = await bench.memberOf({ id }, ['editor', 'inviter'])
    const giver = { userId: sender.id, roles: ['editor', 'inviter'] }
    const guest = await bench.person()
    const by = { giver, actor: { kind: 'user', id: sender.id } } as const
    await org().invite(id, { email: guest.email, roles: ['editor'] }, by)
    expect(await org().invitations(id)).toHaveLength(1)
    await org().removeMember(id, sender.id)
    expect(await org().invitations(id)).toEqual([])
  })

  it('is shown to nobody once its sender could not give it', async () => {
    const { id } = await bench.organisation()
    const sender = await bench.memberOf({ id }, ['editor', 'inviter'])
    const guest = await bench.person()
    const giver = { userId: sender.id, roles: ['editor', 'inviter'] }
    await org().invite(id, { email: guest.email, roles: ['editor'] }, { giver })
    const token = await bench.tokenOf(guest.email)
    expect(await org().inspectInvitation(token)).toMatchObject({ email: guest.email })
    await bench.inTrx((trx) =>
      trx.deleteFrom('hf_member_roles').where('user_id', '=', sender.id).execute(),
    )
    expect(await org().inspectInvitation(token)).toBeUndefined()
    await expect(org().acceptInvitation({ token, userId: guest.id })).rejects.toMatchObject(invalid)
  })
})
