import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import type { RoleDefinition } from './index.ts'

const text = 'text' as const
const access = {
  roles: {
    chief: {
      permissions: ['*:orders', 'read:notes', '*:security:roles', 'write:security:users'],
      deny: ['delete:orders'],
    },
    clerk: { permissions: ['read:orders'] },
    reader: { permissions: ['read:notes'] },
  },
  resources: {
    orders: { columns: { id: text, owner: text, total: 'number' as const }, owner: 'owner' },
    notes: {},
  },
}

describeEngines('roles that are made while the app runs', (engine) => {
  let fresh: FreshDatabase
  let nodes: TestSecurity[] = []
  let count = 0

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const masterKey = randomBytes(32).toString('base64url')
    const open = () => createTestSecurity({ database: fresh.url, access, masterKey })
    nodes = [await open(), await open()]
    for (const node of nodes) await node.security.parts.ground.jobs.stop()
  })
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.close()))
    await fresh?.drop()
  })

  const security = (node = 0) => nodes[node]?.security ?? never()
  const roles = (node = 0) => security(node).roles
  const name = () => `made-${++count}`
  const poll = (node: number) => security(node).parts.ground.revocations.poll()
  async function somebody(...held: readonly string[]) {
    const { id } = await security().users.invite({
      email: `one${++count}@example.com`,
      roles: held,
    })
    return { id, giver: { userId: id, roles: held } }
  }
  /** The same with an address that counts as verified, so that they may be a member. */
  async function member(...held: readonly string[]) {
    const account = {
      email: `one${++count}@example.com`,
      password: 'correct horse battery staple 42',
    }
    const { id } = await security().users.create({ ...account, roles: held })
    return { id, giver: { userId: id, roles: held } }
  }
  /** What an account may do, as another node or this one sees it. */
  const may = async (userId: string, permission: string, node = 0) =>
    (await security(node).access.explain({ userId, permission })).allowed
  const record = async (event: string, role: string) => {
    const rows = await security()
      .parts.ground.database.reader.selectFrom('hf_audit')
      .selectAll()
      .where('action', '=', event)
      .where('resource_id', '=', role)
      .orderBy('id')
      .execute()
    return rows
  }

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
      security().parts.ground.database.transaction(async (trx) => {
        const row = { definition: JSON.stringify(definition), description: null, version: 1 }
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
      const slug = `acme-${++count}`
      await security().organisations.create({ name: 'Acme', slug })
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
          const [{ id }, slug] = [await member('manager'), `acme-${++count}`]
          await security().organisations.create({ name: 'Acme', slug })
          await security().organisations.addMember(slug, { userId: id, roles: [role] })
        },
        async (role) => {
          const [{ id }, slug] = [await member(role), `acme-${++count}`]
          await security().organisations.create({ name: 'Acme', slug })
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
      for (const node of nodes) await node.clock.advance(60_000)
      await roles().remove(role)
    })

    it('a member holds it, or is invited to it', async () => {
      const [role, other] = [`m_${++count}`, `m-${count}`]
      for (const one of [role, other]) await roles().set(one, { permissions: [] })
      const { id } = await member()
      const slug = `acme-${++count}`
      const { organisations } = security()
      await organisations.create({ name: 'Acme', slug })
      await organisations.addMember(slug, { userId: id, roles: [role] })
      await expect(roles().remove(role)).rejects.toMatchObject(refused)
      await organisations.removeMember(slug, id)
      const email = `guest${count}@example.com`
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
      const { id } = await serviceAccounts.create({ name: `bot ${count}`, roles: [role] })
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
        const email = `late${++count}@example.com`
        const [removed, made] = await Promise.allSettled([
          roles().remove(role),
          security(1).users.invite({ email, roles: [role] }),
        ])
        expect([removed?.status, made?.status].sort()).toEqual(['fulfilled', 'rejected'])
      }
    })
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

function never(): never {
  throw new Error('this never happens')
}
