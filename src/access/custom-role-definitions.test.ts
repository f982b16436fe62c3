import { describe, expect, it } from 'vitest'
import { describeRoles, never } from '../../test/access/role-nodes.ts'
import type { RoleDefinition } from './index.ts'

describeRoles('definitions of roles that are made while the app runs', (nodes) => {
  const security = (node?: number) => nodes().security(node)
  const roles = (node?: number) => nodes().roles(node)
  const name = () => nodes().name()
  const somebody = (...held: readonly string[]) => nodes().somebody(...held)
  const may = (userId: string, permission: string, node?: number) =>
    nodes().may(userId, permission, node)

  describe('nobody defines', () => {
    it.each(['super_admin', 'admin', 'guest', 'clerk'])('%s, which is fixed', async (role) => {
      const refused = { code: 'role_fixed' }
      await expect((async () => roles().set(role, { permissions: [] }))()).rejects.toMatchObject(
        refused,
      )
      await expect((async () => roles().remove(role))()).rejects.toMatchObject(refused)
    })

    const wrong: readonly [string, RoleDefinition, readonly string[]][] = [
      ['an unknown resource', { permissions: ['read:ordres'] }, ['#/body/permissions/0']],
      ['an unknown action', { permissions: ['burn:orders'] }, ['#/body/permissions/0']],
      [
        'what is no pattern',
        { permissions: ['read'], deny: ['a:b:'] },
        ['#/body/permissions/0', '#/body/deny/0'],
      ],
      [
        'a parent that is not there',
        { permissions: [], inherits: ['nobody'] },
        ['#/body/inherits/0'],
      ],
      [
        'what it denies itself, beside another mistake',
        { permissions: ['read:orders', 'x'], deny: ['*:orders'] },
        ['#/body/permissions/1', '#/body/deny/0'],
      ],
      [
        'a condition on an unknown column',
        {
          permissions: [{ permission: 'read:orders', when: { column: 'sum', equals: 1 } as never }],
        },
        ['#/body/permissions/0/when'],
      ],
    ]
    it.each(wrong)('%s, and each mistake has its place', async (_, definition, pointers) => {
      const set = roles().set(name(), definition)
      const error = await set.then(never, (thrown) => thrown)
      expect(error.code).toBe('role_definition_invalid')
      const places = error.extras.faults.map(({ pointer }: { pointer: string }) => pointer)
      expect(places).toHaveLength(pointers.length)
      for (const pointer of pointers) {
        expect(
          places.some((place: string) => place.startsWith(pointer)),
          `${pointer} in ${places}`,
        ).toBe(true)
      }
    })

    const long = { column: 'id', equals: 'x'.repeat(70_000) }
    it.each<[string, unknown]>([
      ['nothing', null],
      ['an empty object', {}],
      ['text for a list', { permissions: 'read:orders' }],
      ['a number for a permission', { permissions: [1] }],
      ['an object without a condition', { permissions: [{ permission: 'read:orders' }] }],
      ['another member', { permissions: [], also: 1 }],
      ['an object for a parent', { permissions: [], inherits: [{}] }],
      ['too many permissions', { permissions: Array.from({ length: 501 }, () => 'read:orders') }],
      ['too long a condition', { permissions: [{ permission: 'read:orders', when: long }] }],
      ['what is no JSON', { permissions: [{ permission: 'read:orders', when: { equals: 1n } }] }],
    ])('what is no definition: %s', async (_, definition) => {
      const set = roles().set(name(), definition as never)
      await expect(set).rejects.toMatchObject({ code: 'role_definition_invalid' })
    })

    it.each(['', 'A', '1a', 'a b', '__proto__', 'a'.repeat(65)])(
      'a role of the name %j',
      async (bad) => {
        const set = roles().set(bad, { permissions: [] })
        await expect(set).rejects.toMatchObject({ code: 'role_definition_invalid' })
      },
    )

    it('a circle', async () => {
      const [one, two] = [name(), name()]
      await roles().set(one, { permissions: [] })
      await roles().set(two, { permissions: [], inherits: [one] })
      for (const inherits of [[two], [one]]) {
        const set = roles().set(one, { permissions: [], inherits })
        await expect(set).rejects.toMatchObject({ code: 'role_definition_invalid' })
      }
    })
  })

  describe('a row that nobody wrote through this room', () => {
    const insert = (role: string, definition: unknown) =>
      insertText(role, JSON.stringify(definition))
    const insertText = (role: string, definition: string) =>
      security().parts.ground.database.transaction(async (trx) => {
        const row = { definition, description: null, version: 1 }
        const by = { created_at: 1, created_by: null, updated_at: 1, updated_by: null }
        const id = '01980000-0000-7000-8000-000000000000'
        await trx
          .insertInto('hf_roles')
          .values({ ...row, ...by, name: role, id })
          .execute()
        await security().parts.ground.revocations.announce(trx, { kind: 'roles', id: role })
      })

    it('rule 47: under the name of a fixed role makes that nothing until it is removed', async () => {
      await insert('reader', { permissions: ['*'] })
      const { id } = await somebody('reader', 'clerk')
      for (const permission of ['read:security:roles', 'read:notes', 'read:orders']) {
        expect(await may(id, permission), permission).toBe(false)
      }
      await expect(roles().remove('reader')).rejects.toMatchObject({ code: 'role_in_use' })
      await security().users.withdrawRole(id, 'reader')
      expect([await may(id, 'read:orders'), await may(id, 'read:notes')]).toEqual([true, false])
      await roles().remove('reader')
      await expect(roles().remove('reader')).rejects.toMatchObject({ code: 'role_fixed' })
      await security().users.grantRole(id, 'reader')
      expect([await may(id, 'read:notes'), await may(id, 'write:notes')]).toEqual([true, false])
    })

    it('that is damaged is shown as unreadable, and set anew and removed like any other', async () => {
      const [mended, removed] = [name(), name()]
      await insertText(mended, '{')
      await insertText(removed, '{')
      const lost = { unreadable: true, permissions: [], deny: ['*'], inherits: [], version: 1 }
      expect(await roles().find(mended)).toMatchObject(lost)
      const all = (await roles().list({ limit: 200 })).roles
      expect(all.filter((role) => role.unreadable).map((role) => role.name)).toEqual(
        [mended, removed].sort(),
      )
      const { id } = await somebody(mended)
      expect(await may(id, 'read:orders')).toBe(false)
      await roles().set(mended, { permissions: ['read:orders'] }, { version: 1 })
      expect(await roles().find(mended)).not.toHaveProperty('unreadable')
      expect(await may(id, 'read:orders')).toBe(true)
      await roles().remove(removed)
      expect(await roles().find(removed)).toBeUndefined()
    })

    it('rule 25: with unknown words holds what is right of it, and no more', async () => {
      const some = name()
      await insert(some, { permissions: ['read:orders', 'read:ordres'] })
      const { id } = await somebody(some)
      expect([await may(id, 'read:orders'), await may(id, 'read:ordres')]).toEqual([true, false])
    })

    it.each<[string, unknown]>([
      ['that cannot be read', 'nothing'],
      ['with a parent that is gone', { permissions: ['read:orders'], inherits: ['nobody'] }],
      ['with a denial that is no pattern', { permissions: ['read:orders'], deny: ['orders'] }],
    ])('rule 25: %s lets its holders do nothing, nor those of its heirs', async (_, definition) => {
      const [lost, heir] = [name(), name()]
      await insert(lost, definition)
      await insert(heir, { permissions: ['read:orders'], inherits: [lost] })
      for (const role of [lost, heir]) {
        const { id } = await somebody(role, 'clerk')
        expect(await may(id, 'read:orders'), role).toBe(false)
        expect(await roles().find(role)).toMatchObject({ kind: 'custom' })
        await security().users.withdrawRole(id, role)
        expect(await may(id, 'read:orders')).toBe(true)
      }
      const { id } = await somebody(lost, 'super_admin')
      expect(await may(id, 'read:orders')).toBe(true)
    })
  })
})
