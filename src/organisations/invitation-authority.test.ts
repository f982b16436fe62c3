import { describe, expect, it } from 'vitest'
import { openOrganisationBench } from '../../test/organisations/organisation-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'
import type { Giver } from '../access/index.ts'
import type { UserRow } from '../users/index.ts'

const minuteMs = 60_000
const invalid = { code: 'invitation_invalid' }
const own = { code: 'own_roles_unchangeable' }
const owner = 'organisation_owner'
const parts = ['organisations', 'organisation', 'members', 'invitations']

/** A way in which somebody loses what they gave. */
interface Loss {
  readonly name: string
  readonly roles: readonly string[]
  readonly lose: (sender: UserRow, organisationId: string) => Promise<unknown>
}

describeEngines('on whose authority an invitation is', (engine) => {
  const roles = {
    editor: { permissions: ['read:documents', 'write:documents'] },
    chief: { permissions: ['*:*', ...parts.map((part) => `*:security:${part}`)] },
    auditor: { permissions: ['read:security:audit'] },
    founder: { permissions: ['write:security:organisations'] },
  }
  const limits = { mailAddress: { points: 3, window: '1h' } } as const
  const bench = openOrganisationBench(engine, { access: { roles }, limits })
  const org = () => bench.organisations
  const users = () => bench.kit.security.users
  const now = () => bench.kit.clock.now()
  const accept = (token: string, { id: userId }: Pick<UserRow, 'id'>) =>
    org().acceptInvitation({ token, userId })

  async function invitedBy(giver: Giver, organisationId: string, given: readonly string[]) {
    const guest = await bench.person()
    const view = await org().invite(organisationId, { email: guest.email, roles: given }, { giver })
    return { guest, view, token: await bench.tokenOf(guest.email) }
  }

  /** An owner beside the one who stays, for good or until then. */
  async function otherOwner(organisationId: string, expiresAt?: number): Promise<UserRow> {
    const sender = await bench.memberOf({ id: organisationId })
    await org().grantRole(organisationId, { userId: sender.id, role: owner, expiresAt })
    return sender
  }

  describe('rule 10: nobody changes their own roles', () => {
    it('by inviting their own address, however it is written', async () => {
      const { id } = await bench.organisation()
      const sender = await otherOwner(id, now() + minuteMs)
      const giver = { userId: sender.id, roles: [owner] }
      for (const email of [sender.email, sender.email.toUpperCase()]) {
        const asked = org().invite(id, { email, roles: ['editor', owner] }, { giver })
        await expect(asked).rejects.toMatchObject(own)
      }
      expect(await org().invitations(id)).toEqual([])
    })

    it('by inviting the address that they have afterwards', async () => {
      const organisation = await bench.organisation()
      const sender = await otherOwner(organisation.id)
      const giver = { userId: sender.id, roles: [owner] }
      const email = `Later-${sender.email}`
      await org().invite(organisation.id, { email, roles: ['editor'] }, { giver })
      const token = await bench.tokenOf(email)
      await bench.inTrx((trx) =>
        trx
          .updateTable('hf_users')
          .set({ email, email_canonical: email.toLowerCase() })
          .where('id', '=', sender.id)
          .execute(),
      )
      await expect(accept(token, sender)).rejects.toMatchObject(invalid)
      expect((await org().membership(organisation.id, sender.id))?.roles).not.toContain('editor')
    })

    it('by an organisation that they make for themselves with more than they may', async () => {
      const sender = await bench.person()
      await users().grantRole(sender.id, 'founder')
      const giver = { userId: sender.id, roles: ['founder'] }
      const made = org().create({ name: 'Own', slug: 'own', ownerEmail: sender.email }, { giver })
      await expect(made).rejects.toMatchObject(own)
    })
  })

  it('rule 3: an invitation ends no later than what its sender holds', async () => {
    const { id } = await bench.organisation()
    const endsAt = now() + 5 * minuteMs
    const sender = await otherOwner(id, endsAt)
    await org().grantRole(id, { userId: sender.id, role: 'editor', expiresAt: now() + minuteMs })
    const giver = { userId: sender.id, roles: [owner] }
    const { guest, token, view } = await invitedBy(giver, id, ['editor'])
    expect(view.expiresAt).toBe(endsAt)
    await bench.kit.advance(endsAt - now())
    await expect(accept(token, guest)).rejects.toMatchObject(invalid)
    const lasting = { userId: (await otherOwner(id)).id, roles: [owner] }
    expect((await invitedBy(lasting, id, [])).view.expiresAt).toBeGreaterThan(endsAt)
  })

  const losses: readonly Loss[] = [
    {
      name: 'is disabled',
      roles: [],
      lose: ({ id }) => users().disable(id, { reason: 'compromised' }),
    },
    { name: 'is locked', roles: [], lose: ({ id }) => users().lock(id) },
    {
      name: 'is gone',
      roles: [],
      lose: ({ id }) =>
        bench.inTrx((trx) => trx.deleteFrom('hf_users').where('id', '=', id).execute()),
    },
    {
      name: 'has no longer the role that they hold everywhere',
      roles: ['chief'],
      lose: ({ id }) => users().withdrawRole(id, 'chief'),
    },
    {
      name: 'has no longer the role that they hold there',
      roles: [],
      lose: ({ id }, organisationId) =>
        bench.inTrx((trx) =>
          trx
            .deleteFrom('hf_member_roles')
            .where('user_id', '=', id)
            .where('organisation_id', '=', organisationId)
            .execute(),
        ),
    },
  ]

  /** An invitation of the owner's role by somebody who may give it by these roles, or as an owner. */
  async function promised({ roles }: Loss) {
    const { id } = await bench.organisation()
    const sender = roles.length > 0 ? await bench.person() : await otherOwner(id)
    for (const role of roles) await users().grantRole(sender.id, role)
    const giver = { userId: sender.id, roles: roles.length > 0 ? roles : [owner] }
    return { id, sender, ...(await invitedBy(giver, id, [owner])) }
  }

  describe.each(losses)('rule 3: an invitation ends when its sender $name', (loss) => {
    it('and works until then', async () => {
      const { guest, token } = await promised(loss)
      expect((await accept(token, guest)).roles).toEqual([owner])
    })

    it('and not a moment longer', async () => {
      const { guest, id, sender, token } = await promised(loss)
      await loss.lose(sender, id)
      await expect(accept(token, guest)).rejects.toMatchObject(invalid)
      expect(await org().membership(id, guest.id)).toBeUndefined()
    })
  })

  it('rule 3: an invitation is not accepted while its sender is being disabled', async () => {
    const { id } = await bench.organisation()
    const sender = await otherOwner(id)
    const giver = { userId: sender.id, roles: [owner] }
    const { guest, token } = await invitedBy(giver, id, [owner])
    const { revocations } = bench.kit.security.parts.ground
    const [begun, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const losing = bench.inTrx(async (trx) => {
      await revocations.announce(trx, { kind: 'user', id: sender.id })
      const status = { status: 'disabled' } as const
      await trx.updateTable('hf_users').set(status).where('id', '=', sender.id).execute()
      begun.resolve()
      await mayEnd.promise
    })
    await begun.promise
    const pending = Promise.allSettled([accept(token, guest)])
    // Reads like those of the acceptance, which began before them.
    for (let read = 0; read < 20; read++) await org().inspectInvitation(token)
    mayEnd.resolve()
    await losing
    const [outcome] = await pending
    expect(outcome).toMatchObject({ status: 'rejected', reason: invalid })
    expect(await org().membership(id, guest.id)).toBeUndefined()
  })

  it('of the first owner, whoever may make organisations says it, and has to be able to still', async () => {
    const sender = await bench.person()
    await users().grantRole(sender.id, 'founder')
    const giver = { userId: sender.id, roles: ['founder'] }
    const found = async (slug: string) => {
      const guest = await bench.person()
      const made = await org().create({ name: slug, slug, ownerEmail: guest.email }, { giver })
      return { guest, id: made.id, token: await bench.tokenOf(guest.email) }
    }
    const [kept, lost] = [await found('kept'), await found('lost')]
    expect((await accept(kept.token, kept.guest)).roles).toEqual([owner])
    await users().withdrawRole(sender.id, 'founder')
    await expect(accept(lost.token, lost.guest)).rejects.toMatchObject(invalid)
  })

  it('tells of the roles that the sender could give, and of no others', async () => {
    const { id, owner: first } = await bench.organisation()
    const member = await bench.memberOf({ id }, ['editor'])
    const told = async (giver: Giver | undefined) => {
      const by = giver ? { giver } : {}
      const asked = [
        org().invite(id, { email: 'x@example.com', roles: ['editr'] }, by),
        org().grantRole(id, { userId: member.id, role: 'editr' }, by),
        org().addMember(id, { userId: member.id, roles: ['editr'] }, by),
      ]
      const errors = await Promise.all(asked.map((one) => one.catch((error) => error)))
      for (const error of errors) expect(error).toMatchObject({ code: 'role_unknown' })
      const [all, ...others] = errors.map(({ extras }) => extras.members.roles)
      for (const other of others) expect(other).toEqual(all)
      return all
    }
    const ofOwner = await told({ userId: first.id, roles: [owner] })
    expect(ofOwner).toEqual(expect.arrayContaining(['editor', owner]))
    expect(ofOwner).not.toContain('auditor')
    expect(await told({ userId: member.id, roles: ['editor'] })).toEqual(['editor'])
    expect(await told({ userId: member.id, roles: [] })).toEqual([])
    expect(await told(undefined)).toEqual(expect.arrayContaining(['auditor', 'chief', 'editor']))
  })

  it('rule 27: no tenant uses up what another one may mail, or sees that it did', async () => {
    const guest = await bench.person()
    const share = async () => {
      const { id } = await bench.organisation()
      for (let sent = 0; sent < 9; sent++) {
        const asked = org().invite(id, { email: guest.email })
        const code = await asked.then(
          () => undefined,
          (error) => error.code,
        )
        if (code !== undefined) return { code, sent, waiting: await org().invitations(id) }
      }
      throw new Error('the address has no share here')
    }
    const first = await share()
    expect(first).toMatchObject({ code: 'rate_limited', sent: 3, waiting: [{}] })
    for (let tenant = 2; tenant <= 7; tenant++) {
      const { code, sent, waiting } = await share()
      expect({ code, sent, waiting: waiting.length }).toEqual({
        ...{ code: first.code, sent: first.sent, waiting: 1 },
      })
    }
    await bench.kit.deliverMail()
    expect(bench.kit.mailbox.list(guest.email)).toHaveLength(15)
  })

  it('of code, nobody has to answer for it', async () => {
    const { id } = await bench.organisation()
    const guest = await bench.person()
    const actor = { kind: 'user', id: (await bench.person({ status: 'disabled' })).id } as const
    await org().invite(id, { email: guest.email, roles: ['editor'] }, { actor })
    const token = await bench.tokenOf(guest.email)
    expect((await accept(token, guest)).roles).toEqual(['editor'])
  })
})
