import { describe, expect, it } from 'vitest'
import { describeRoles } from '../../test/access/role-nodes.ts'

describeRoles('roles that are made while the app runs', (nodes) => {
  const security = (node?: number) => nodes().security(node)
  const roles = (node?: number) => nodes().roles(node)
  const name = () => nodes().name()
  const poll = (node: number) => nodes().poll(node)
  const somebody = (...held: readonly string[]) => nodes().somebody(...held)
  const member = (...held: readonly string[]) => nodes().member(...held)

  describe('on the authority of somebody', () => {
    it('rule 10: a role holds nothing that they lack, neither before nor after', async () => {
      const { giver } = await somebody('chief')
      const role = name()
      const outranked = { code: 'role_outranks_giver' }
      for (const definition of [
        { permissions: ['read:*'] },
        { permissions: ['delete:orders'] },
        { permissions: ['read:orders'], inherits: ['manager'] },
        { permissions: [], deny: ['write:notes'] },
      ]) {
        await expect(roles().set(role, definition, { giver })).rejects.toMatchObject(outranked)
      }
      expect(await roles().find(role)).toBeUndefined()
      await roles().set(role, { permissions: ['write:notes'] })
      const weaker = roles().set(role, { permissions: [] }, { giver })
      await expect(weaker).rejects.toMatchObject(outranked)
      await expect(roles().remove(role, { giver })).rejects.toMatchObject(outranked)
      await roles().set(role, { permissions: ['read:notes'] })
      await roles().set(role, { permissions: ['update:orders:own'] }, { giver })
      await roles().remove(role, { giver })
    })

    it('rule 10: no role is changed that they hold, inherit, or hold in an organisation', async () => {
      const [direct, inherited, heir, local] = [name(), name(), name(), name()]
      await roles().set(inherited, { permissions: ['read:notes'] })
      await roles().set(heir, { permissions: [], inherits: [inherited] })
      for (const role of [direct, local]) await roles().set(role, { permissions: ['read:notes'] })
      const { giver, id } = await member('chief')
      for (const role of [direct, heir]) await security().users.grantRole(id, role)
      const slug = await nodes().organisation()
      await security().organisations.addMember(slug, { userId: id, roles: [local] })
      for (const role of [direct, heir, inherited, local]) {
        const refused = { code: 'own_roles_unchangeable' }
        const set = roles().set(role, { permissions: [] }, { giver })
        await expect(set, role).rejects.toMatchObject(refused)
        await expect(roles().remove(role, { giver }), role).rejects.toMatchObject(refused)
      }
    })

    it('rule 10: a role takes nothing from whoever holds what they lack', async () => {
      const refused = { code: 'role_outranks_giver' }
      const ways: readonly ((role: string) => Promise<unknown>)[] = [
        async (role) => security().users.grantRole((await somebody('manager')).id, role),
        async (role) => {
          const heir = name()
          await roles().set(heir, { permissions: [], inherits: [role] })
          await security().users.grantRole((await somebody('manager')).id, heir)
        },
        async (role) => {
          const [{ id }, slug] = [await member('manager'), await nodes().organisation()]
          await security().organisations.addMember(slug, { userId: id, roles: [role] })
        },
        async (role) => {
          const [{ id }, slug] = [await member(role), await nodes().organisation()]
          await security().organisations.addMember(slug, { userId: id, roles: ['manager'] })
        },
        async (role) => {
          const { id } = await security().serviceAccounts.create({ name: name() })
          for (const one of [role, 'manager']) {
            await security().serviceAccounts.grantRole({ kind: 'service_account', id }, one)
          }
        },
      ]
      const { giver } = await somebody('chief')
      for (const [at, hold] of ways.entries()) {
        const role = name()
        await roles().set(role, { permissions: ['read:orders', 'read:notes'] })
        expect(await roles().find(role)).toMatchObject({ version: 1 })
        await hold(role)
        for (const definition of [
          { permissions: ['read:orders'] },
          { permissions: ['read:orders', 'read:notes'], deny: ['update:orders'] },
        ]) {
          const set = roles().set(role, definition, { giver })
          await expect(set, `way ${at}`).rejects.toMatchObject(refused)
        }
        const more = { permissions: ['read:orders', 'read:notes', 'update:orders:own'] }
        await roles().set(role, more, { giver })
      }
      const plain = name()
      await roles().set(plain, { permissions: ['read:orders', 'read:notes'] })
      await security().users.grantRole((await somebody('clerk')).id, plain)
      await roles().set(plain, { permissions: ['read:orders'] }, { giver })
    })

    it('rule 10: whoever was demoted meanwhile changes nothing', async () => {
      const { giver, id } = await somebody('chief')
      await security().users.withdrawRole(id, 'chief')
      const set = roles().set(name(), { permissions: ['read:orders'] }, { giver })
      await expect(set).rejects.toMatchObject({ code: 'forbidden' })
    })

    it('rule 10: a role widened on another node is not given by who thinks it narrow', async () => {
      const role = name()
      await roles(1).set(role, { permissions: ['read:orders'] })
      await poll(0)
      const { giver } = await somebody('chief')
      const { id } = await somebody()
      await security().access.refreshRoles(security().parts.ground.database.reader)
      await roles(1).set(role, { permissions: ['*'] })
      const given = security().users.grantRole(id, role, { giver })
      await expect(given).rejects.toMatchObject({ code: 'role_outranks_giver' })
    })
  })
})
