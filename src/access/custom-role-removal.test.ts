import { describe, expect, it } from 'vitest'
import { describeRoles } from '../../test/access/role-nodes.ts'

describeRoles('a role that was made while the app runs', (nodes) => {
  const security = (node?: number) => nodes().security(node)
  const roles = (node?: number) => nodes().roles(node)
  const name = () => nodes().name()
  const poll = (node: number) => nodes().poll(node)
  const somebody = (...held: readonly string[]) => nodes().somebody(...held)
  const member = (...held: readonly string[]) => nodes().member(...held)

  describe('is not removed while', () => {
    const refused = { code: 'role_in_use' }

    it('a role inherits it', async () => {
      const [role, heir] = [name(), name()]
      await roles().set(role, { permissions: [] })
      await roles(1).set(heir, { permissions: [], inherits: [role] })
      await expect(roles().remove(role)).rejects.toMatchObject(refused)
      await roles().remove(heir)
      await roles().remove(role)
    })

    it('an account holds it, until its grant ends', async () => {
      const role = name()
      await roles().set(role, { permissions: [] })
      const { id } = await somebody()
      const expiresAt = security().config.clock.now() + 60_000
      await security().users.grantRole(id, role, { expiresAt })
      await expect(roles().remove(role)).rejects.toMatchObject(refused)
      for (const node of nodes().all) await node.clock.advance(60_000)
      await roles().remove(role)
    })

    it('a member holds it, or is invited to it', async () => {
      const number = nodes().next()
      const [role, other] = [`m_${number}`, `m-${number}`]
      for (const one of [role, other]) await roles().set(one, { permissions: [] })
      const { id } = await member()
      const slug = await nodes().organisation()
      const { organisations } = security()
      await organisations.addMember(slug, { userId: id, roles: [role] })
      await expect(roles().remove(role)).rejects.toMatchObject(refused)
      await organisations.removeMember(slug, id)
      const email = `guest${number}@example.com`
      const invitation = await organisations.invite(slug, { email, roles: [role] })
      await expect(roles().remove(role)).rejects.toMatchObject(refused)
      await roles().remove(other)
      await organisations.revokeInvitation(slug, invitation.id)
      await roles().remove(role)
    })

    it('a program holds it', async () => {
      const role = name()
      await roles().set(role, { permissions: [] })
      const { serviceAccounts } = security()
      const { id } = await serviceAccounts.create({ name: `bot of ${role}`, roles: [role] })
      await expect(roles().remove(role)).rejects.toMatchObject(refused)
      await serviceAccounts.withdrawRole({ kind: 'service_account', id }, role)
      await roles().remove(role)
    })

    it('it is given: of a gift and a removal at once exactly one is done', async () => {
      for (let round = 0; round < 12; round++) {
        const role = name()
        await roles().set(role, { permissions: [] })
        await poll(1)
        const { id } = await somebody()
        await security(1).access.refreshRoles(security(1).parts.ground.database.reader)
        const [removed, given] = await Promise.allSettled([
          roles().remove(role),
          security(1).users.grantRole(id, role),
        ])
        const outcome = [removed?.status, given?.status]
        expect(outcome.sort()).toEqual(['fulfilled', 'rejected'])
        if (removed?.status === 'rejected') expect(removed.reason.code).toBe('role_in_use')
        if (given?.status === 'rejected') expect(given.reason.code).toBe('role_unknown')
        const held = (await security().users.find(id))?.roles.includes(role)
        expect(held).toBe(removed?.status === 'rejected')
        expect((await roles().find(role)) !== undefined).toBe(held)
      }
    })

    it('an account is made with it: exactly one of the two is done', async () => {
      for (let round = 0; round < 6; round++) {
        const role = name()
        await roles().set(role, { permissions: [] })
        await poll(1)
        const email = `late${nodes().next()}@example.com`
        const [removed, made] = await Promise.allSettled([
          roles().remove(role),
          security(1).users.invite({ email, roles: [role] }),
        ])
        expect([removed?.status, made?.status].sort()).toEqual(['fulfilled', 'rejected'])
      }
    })
  })
})
