import { describe, expect, it } from 'vitest'
import { openOrganisationBench } from '../../test/organisations/organisation-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'
import type { UserRow } from '../users/index.ts'

const dayMs = 24 * 60 * 60 * 1000
const invalid = { code: 'invitation_invalid' }

describeEngines('invitations to an organisation', (engine) => {
  const bench = openOrganisationBench(engine)
  const org = () => bench.organisations
  const accept = (token: string, { id: userId }: Pick<UserRow, 'id'>) =>
    org().acceptInvitation({ token, userId })
  const rows = () =>
    bench.kit.security.parts.ground.database.reader
      .selectFrom('hf_invitations')
      .selectAll()
      .execute()

  /** An organisation, somebody it invites, and the token of the mail. */
  async function invited(roles: readonly string[] = ['editor']) {
    const organisation = await bench.organisation()
    const guest = await bench.person()
    const view = await org().invite(organisation.slug, { email: guest.email, roles })
    return { organisation, guest, view, token: await bench.tokenOf(guest.email) }
  }

  it('make a member with the roles that were named, and are recorded without an address', async () => {
    const { guest, organisation, token, view } = await invited()
    expect(await org().invitations(organisation.id)).toEqual([view])
    expect(await org().inspectInvitation(token)).toMatchObject({
      ...{ organisation: organisation.name, email: guest.email },
    })
    expect(await accept(token, guest)).toMatchObject({
      organisation: { id: organisation.id },
      roles: ['editor'],
    })
    expect(await org().invitations(organisation.id)).toEqual([])
    const recorded = await bench.recordOf(organisation.id)
    expect(recorded).toEqual(expect.arrayContaining(['invited', 'invitation_accepted']))
    const { reader } = bench.kit.security.parts.ground.database
    const audit = await reader.selectFrom('hf_audit').selectAll().execute()
    expect(JSON.stringify(audit).toLowerCase()).not.toContain(guest.email_canonical)
  })

  it('give a member who belongs already nothing, and are spent', async () => {
    const { guest, organisation, token } = await invited()
    await org().addMember(organisation.id, { userId: guest.id })
    expect((await accept(token, guest)).roles).toEqual(['organisation_member'])
    await expect(accept(token, guest)).rejects.toMatchObject(invalid)
  })

  it('rule 34: no token stands in the database', async () => {
    const { token } = await invited()
    expect(JSON.stringify(await rows())).not.toContain(token)
  })

  it('rule 9: a name that lures stands in no mail', async () => {
    const { id } = await bench.organisation()
    const guest = await bench.person()
    await org().rename(id, 'Win at evil.example/now <b>')
    await org().invite(id, { email: guest.email })
    await bench.kit.deliverMail()
    const { html, subject, text } = bench.kit.mailbox.latest(guest.email)
    expect(`${html} ${subject} ${text}`).not.toMatch(/evil|<b>/)
    await org().rename(id, 'Acme Ltd')
    await org().invite(id, { email: guest.email })
    await bench.kit.deliverMail()
    expect(bench.kit.mailbox.latest(guest.email).text).toContain('Acme Ltd')
  })

  describe('rule 3: an invitation works', () => {
    it('once, also for whoever left meanwhile', async () => {
      const { guest, organisation, token } = await invited()
      await accept(token, guest)
      await expect(accept(token, guest)).rejects.toMatchObject(invalid)
      await org().leave(organisation.id, guest.id)
      await expect(accept(token, guest)).rejects.toMatchObject(invalid)
      expect(await org().inspectInvitation(token)).toBeUndefined()
      expect(await org().membership(organisation.id, guest.id)).toBeUndefined()
    })

    it('once of a hundred times at once', async () => {
      const { guest, organisation, token } = await invited()
      const all = Array.from({ length: 100 }, () => accept(token, guest))
      const done = (await Promise.allSettled(all)).map((one) =>
        one.status === 'fulfilled' ? 'joined' : one.reason.code,
      )
      expect(done.filter((one) => one === 'joined')).toHaveLength(1)
      expect(done.filter((one) => one === 'invitation_invalid')).toHaveLength(99)
      const recorded = await bench.recordOf(organisation.id)
      expect(recorded.filter((name) => name === 'invitation_accepted')).toHaveLength(1)
    })

    it('for the invited address alone, whoever holds the token', async () => {
      const { guest, organisation, token } = await invited()
      const email = 'Other@example.com'
      const others = [
        await bench.person(),
        organisation.owner,
        await bench.person({ realm: 'elsewhere', email_canonical: guest.email_canonical }),
        { id: 'nobody' },
      ]
      for (const other of others) {
        await expect(accept(token, other), email).rejects.toMatchObject(invalid)
      }
      expect((await accept(token, guest)).organisation.id).toBe(organisation.id)
    })

    it('for an account in use that has proven its address', async () => {
      for (const more of [
        { status: 'pending', verified_at: null },
        { status: 'disabled' },
        { status: 'locked' },
        { verified_at: null },
      ] as const) {
        const { id } = await bench.organisation()
        const guest = await bench.person(more)
        await org().invite(id, { email: guest.email })
        const token = await bench.tokenOf(guest.email)
        await expect(accept(token, guest), JSON.stringify(more)).rejects.toMatchObject(invalid)
        expect(await org().member(id, guest.id)).toBeUndefined()
      }
    })

    it('not past its end, though no cleaner has run', async () => {
      const { guest, organisation, token, view } = await invited()
      await bench.kit.advance(view.expiresAt - bench.kit.clock.now())
      expect(await org().inspectInvitation(token)).toBeUndefined()
      expect(await org().invitations(organisation.id)).toEqual([])
      await expect(accept(token, guest)).rejects.toMatchObject(invalid)
    })

    it('not once it was taken back, which works for its own organisation alone', async () => {
      const { guest, organisation, token, view } = await invited()
      const other = await bench.organisation()
      const foreign = org().revokeInvitation(other.id, view.id)
      await expect(foreign).rejects.toMatchObject({ code: 'invitation_not_found' })
      await org().revokeInvitation(organisation.id, view.id)
      await expect(accept(token, guest)).rejects.toMatchObject(invalid)
      const again = org().revokeInvitation(organisation.id, view.id)
      await expect(again).rejects.toMatchObject({ code: 'invitation_not_found' })
    })

    it('not once a later one was mailed, or the organisation closed', async () => {
      const { guest, organisation, token } = await invited()
      await org().invite(organisation.id, { email: guest.email.toUpperCase() })
      await expect(accept(token, guest)).rejects.toMatchObject(invalid)
      const later = await bench.tokenOf(guest.email.toUpperCase())
      await org().close(organisation.id)
      await expect(accept(later, guest)).rejects.toMatchObject(invalid)
    })

    it('not once whoever sent it left, or holds less', async () => {
      const { organisation } = await invited()
      const guest = await bench.person()
      for (const end of ['leave', 'withdraw'] as const) {
        const sender = await bench.memberOf(organisation, ['inviter'])
        const by = { giver: { userId: sender.id, roles: ['inviter'] } }
        await org().invite(organisation.id, { email: guest.email, roles: ['inviter'] }, by)
        const token = await bench.tokenOf(guest.email)
        if (end === 'leave') await org().leave(organisation.id, sender.id)
        else await org().withdrawRole(organisation.id, { userId: sender.id, role: 'inviter' })
        await expect(accept(token, guest), end).rejects.toMatchObject(invalid)
      }
    })

    it('for nothing that is no invitation', async () => {
      const guest = await bench.person()
      for (const token of ['', 'x', 'A'.repeat(43), 'A'.repeat(10_000)]) {
        await expect(accept(token, guest)).rejects.toMatchObject(invalid)
      }
    })
  })

  it('are forgotten a day after their end', async () => {
    const { view } = await invited()
    await bench.kit.advance(view.expiresAt + dayMs - bench.kit.clock.now())
    await org().sweep()
    expect((await rows()).map(({ id }) => id)).toContain(view.id)
    await bench.kit.advance(1)
    await org().sweep()
    expect(await rows()).toEqual([])
  })

  it('begin with the first owner of an organisation that has none', async () => {
    const guest = await bench.person()
    const slug = `owned-${guest.id.slice(-4)}`
    const { id } = await org().create({ name: 'New', slug, ownerEmail: guest.email })
    const token = await bench.tokenOf(guest.email)
    expect((await accept(token, guest)).roles).toEqual(['organisation_owner'])
    expect((await org().members(id)).members).toHaveLength(1)
  })
})
