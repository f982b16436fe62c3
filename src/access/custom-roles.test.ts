import { describe, expect, it } from 'vitest'
import { describeRoles } from '../../test/access/role-nodes.ts'

describeRoles('roles that are made while the app runs', (nodes) => {
  const security = (node?: number) => nodes().security(node)
  const roles = (node?: number) => nodes().roles(node)
  const name = () => nodes().name()
  const poll = (node: number) => nodes().poll(node)
  const somebody = (...held: readonly string[]) => nodes().somebody(...held)
  const may = (userId: string, permission: string, node?: number) =>
    nodes().may(userId, permission, node)
  const record = (event: string, role: string) =>
    security()
      .parts.ground.database.reader.selectFrom('hf_audit')
      .selectAll()
      .where('action', '=', event)
      .where('resource_id', '=', role)
      .orderBy('id')
      .execute()

  describe('a role', () => {
    it('is made, shown, changed and removed', async () => {
      const role = name()
      const made = await roles().set(role, { permissions: ['read:orders'] }, { description: 'a' })
      expect(made).toMatchObject({
        ...{ name: role, kind: 'custom', version: 1, description: 'a', createdBy: null },
        ...{ permissions: ['read:orders'], deny: [], inherits: [] },
      })
      expect(await roles().find(role)).toEqual(made)
      const changed = await roles().set(role, { permissions: [], inherits: ['clerk'] })
      expect(changed).toMatchObject({ version: 2, description: 'a', inherits: ['clerk'] })
      await roles().remove(role)
      expect(await roles().find(role)).toBeUndefined()
      await expect(roles().remove(role)).rejects.toMatchObject({ code: 'role_not_found' })
    })

    it('is listed among those of the system and the app, page by page', async () => {
      const role = name()
      await roles().set(role, { permissions: ['read:orders'] })
      const all = (await roles().list({ limit: 200 })).roles
      const kinds = new Map(all.map((one) => [one.name, one.kind]))
      expect([kinds.get('admin'), kinds.get('clerk'), kinds.get(role)]).toEqual([
        'system',
        'app',
        'custom',
      ])
      const seen = []
      for (let after: string | undefined = ''; after !== undefined; ) {
        const page = await roles().list({ limit: 2, after })
        seen.push(...page.roles.map((one) => one.name))
        after = page.next ?? undefined
      }
      expect(seen).toEqual(all.map((one) => one.name))
    })

    it('counts for whoever holds it, at once here and from the next poll on elsewhere', async () => {
      const role = name()
      await roles().set(role, { permissions: ['read:orders'] })
      const { id } = await somebody()
      await poll(1)
      expect(await security(1).users.grantRole(id, role)).toBe(true)
      expect([await may(id, 'read:orders'), await may(id, 'read:orders', 1)]).toEqual([true, true])
      await roles().set(role, { permissions: ['read:notes'] })
      expect([await may(id, 'read:orders'), await may(id, 'read:notes')]).toEqual([false, true])
      await poll(1)
      expect([await may(id, 'read:orders', 1), await may(id, 'read:notes', 1)]).toEqual([
        false,
        true,
      ])
    })

    it('made anew under the name of a removed one is another role on every node', async () => {
      const role = name()
      await roles().set(role, { permissions: ['read:orders'] })
      await poll(1)
      expect(await roles(1).find(role)).toMatchObject({ version: 1 })
      await roles().remove(role)
      await roles().set(role, { permissions: ['read:notes'] })
      await poll(1)
      const { id } = await somebody()
      await security(1).users.grantRole(id, role)
      expect([await may(id, 'read:orders', 1), await may(id, 'read:notes', 1)]).toEqual([
        false,
        true,
      ])
    })

    it('holds for the rows that its conditions are about', async () => {
      const role = name()
      await expect(
        roles().set(role, {
          permissions: [{ permission: 'read:orders', when: { column: 'nope' } as never }],
        }),
      ).rejects.toMatchObject({ code: 'role_definition_invalid' })
      await roles().set(role, { permissions: ['update:orders:own'] })
      const { id } = await somebody()
      await security().users.grantRole(id, role)
      const ask = (owner: string) =>
        security().access.explain({
          ...{ userId: id, permission: 'update:orders' },
          object: { id: '1', owner, total: 1 },
        })
      expect([(await ask(id)).allowed, (await ask('other')).allowed]).toEqual([true, false])
    })
  })

  it('of another version is not changed', async () => {
    const role = name()
    await expect(roles().set(role, { permissions: [] }, { version: 1 })).rejects.toMatchObject({
      ...{ code: 'role_changed', extras: { members: { version: 0 } } },
    })
    await roles().set(role, { permissions: [] }, { version: 0 })
    const sets = ['read:orders', 'read:notes'].map((permission, node) =>
      roles(node).set(role, { permissions: [permission] }, { version: 1 }),
    )
    const done = await Promise.allSettled(sets)
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const lost = done.find(({ status }) => status === 'rejected')
    expect(lost).toMatchObject({ reason: { code: 'role_changed' } })
    expect(await roles().find(role)).toMatchObject({ version: 2 })
  })

  it('stands in the record with what it held, and calls of code are theirs', async () => {
    const role = name()
    const { giver, id } = await somebody('chief')
    await roles().set(role, { permissions: ['read:orders'] })
    await roles().set(role, { permissions: ['read:notes'] }, { giver, reason: 'less' })
    await roles().remove(role, { giver })
    const defined = await record('role.defined', role)
    const [made, changed] = [1, 2].map((version) =>
      defined.find(({ metadata }) => JSON.parse(metadata).version === version),
    )
    const [removed] = await record('role.removed', role)
    expect([made?.actor_kind, changed?.actor_id, changed?.reason]).toEqual(['code', id, 'less'])
    expect(JSON.parse(changed?.metadata ?? '')).toEqual({
      ...{ role, version: 2, permissions: ['read:notes'], deny: [], inherits: [] },
      before: { permissions: ['read:orders'], deny: [], inherits: [] },
    })
    expect(JSON.parse(removed?.metadata ?? '')).toEqual({
      ...{ role, permissions: ['read:notes'], deny: [], inherits: [] },
    })
  })
})
