import { describe, expect, it } from 'vitest'
import { type RoleDefinition, systemRoles } from '../permissions/index.ts'
import { narrow } from './narrow.ts'
import { RoleBook } from './roles.ts'

describe('roles', () => {
  it('the system roles hold what is promised', () => {
    expect(Object.keys(systemRoles)).toEqual([
      ...['super_admin', 'admin', 'manager', 'user', 'guest'],
      ...['organisation_owner', 'organisation_member'],
    ])
    const book = new RoleBook()
    const may = (role: string, permission: string) => book.permissionsOf([role]).has(permission)
    expect(may('super_admin', 'delete:security:keys')).toBe(true)
    expect(may('admin', 'write:security:roles')).toBe(true)
    expect(may('admin', 'delete:orders')).toBe(true)
    expect(may('manager', 'read:orders')).toBe(true)
    expect(may('manager', 'write:projects')).toBe(true)
    expect(may('manager', 'write:orders')).toBe(false)
    expect(may('manager', 'read:security:users')).toBe(false)
    expect(may('user', 'read:own')).toBe(true)
    expect(may('user', 'read:orders')).toBe(false)
    expect(may('guest', 'read:public')).toBe(true)
  })

  it('inherit patterns and denials, through any number of steps', () => {
    const book = new RoleBook({
      base: { permissions: ['read:*'], deny: ['read:salaries'] },
      middle: { permissions: ['write:orders'], inherits: ['base'] },
      top: { permissions: ['read:salaries'], inherits: ['middle'] },
    })
    const top = book.permissionsOf(['top'])
    expect(top.has('read:orders')).toBe(true)
    expect(top.has('create:orders')).toBe(true)
    expect(top.has('read:salaries')).toBe(false)
  })

  it('a role that is not defined holds nothing, whatever it is called', () => {
    const book = new RoleBook()
    for (const name of ['nobody', '__proto__', 'constructor', 'toString', '', 'super_admin ']) {
      expect(book.has(name), name).toBe(false)
      expect(book.permissionsOf([name]).patterns, name).toEqual([])
    }
  })

  it('roles in another order are the same set, and two sets never meet', () => {
    const book = new RoleBook()
    expect(book.permissionsOf(['user', 'guest'])).toBe(book.permissionsOf(['guest', 'user']))
    expect(book.permissionsOf(['user guest']).patterns).toEqual([])
  })

  it.each([
    [
      'a circle',
      { one: { permissions: [], inherits: ['two'] }, two: { permissions: [], inherits: ['one'] } },
    ],
    ['itself', { one: { permissions: [], inherits: ['one'] } }],
    ['a parent that is not there', { one: { permissions: [], inherits: ['gone'] } }],
    ['a pattern that is none', { one: { permissions: ['read everything'] } }],
    ['a denial that is none', { one: { permissions: [], deny: ['*:'] } }],
    ['a name that is none', { 'One Role': { permissions: [] } }],
  ])('%s is refused when the book is made, and the message names the role', (_what, own) => {
    const message = expect.stringMatching(/one|gone|One Role/)
    const invalid = expect.objectContaining({ code: 'role_invalid', message })
    expect(() => new RoleBook(own)).toThrow(invalid)
  })
})

describe('roles that are held in an organisation', () => {
  const book = new RoleBook(
    {
      boss: { permissions: ['*'] },
      rooter: { permissions: ['*:security:*'] },
      clerk: {
        permissions: [{ permission: 'read:countries', when: { column: 'open', equals: true } }],
      },
    },
    {
      resources: {
        orders: { columns: { id: 'text' }, tenant: 'org_id' },
        countries: { columns: { open: 'boolean' }, tenant: false },
        ledger: { columns: { id: 'text' } },
      },
    },
  )
  const inside = (role: string) => book.permissionsIn([], [role])

  it.each(['boss', 'rooter', 'admin', 'organisation_owner', 'super_admin'])(
    '%s reaches nothing of security there but the parts of the organisation',
    (role) => {
      for (const part of ['users', 'roles', 'organisations', 'keys', 'members:x', '']) {
        for (const action of ['read', 'write', 'delete']) {
          const permission = `${action}:security${part && `:${part}`}`
          expect(inside(role).has(permission), permission).toBe(false)
        }
      }
    },
  )

  it('reach the members, invitations and settings of the organisation', () => {
    const owner = inside('organisation_owner')
    for (const permission of [
      ...['write:security:members', 'create:security:invitations'],
      'write:security:organisation',
    ]) {
      expect(owner.has(permission), permission).toBe(true)
    }
    expect(inside('organisation_member').patterns).toEqual(['read:security:organisation'])
  })

  it.each(['boss', 'admin', 'organisation_owner'])(
    'rule 27: %s reaches there the rows of the organisation, reads those of `tenant: false`, and nothing else',
    (role) => {
      const ofTenant = { allow: [expect.objectContaining({ source: { tenant: true } })], deny: [] }
      for (const orders of ['delete:orders', 'write:orders:lines']) {
        expect([inside(role).has(orders), inside(role).some(orders)]).toEqual([false, true])
        expect(inside(role).rulesFor(orders)).toMatchObject(ofTenant)
      }
      expect(inside(role).has('read:countries')).toBe(true)
      for (const action of ['write', 'create', 'update', 'delete', 'publish']) {
        expect(inside(role).some(`${action}:countries`), action).toBe(false)
        expect(inside(role).lends(`${action}:countries`), action).toBe(false)
      }
      for (const resource of ['ledger', 'own', 'public', 'tasks', 'undeclared']) {
        for (const action of ['read', 'write', 'delete']) {
          expect(inside(role).some(`${action}:${resource}`), resource).toBe(false)
          expect(inside(role).lends(`${action}:${resource}`), resource).toBe(false)
        }
      }
      expect(book.permissionsOf([role]).has('delete:ledger')).toBe(true)
    },
  )

  it('reach what they say of a resource whose rows belong to no organisation', () => {
    const { allow } = inside('clerk').rulesFor('read:countries')
    expect(allow).toMatchObject([{ source: { column: 'open', equals: true } }])
  })

  it('reach nothing of an app that declares no resource', () => {
    const bare = new RoleBook()
    for (const role of ['admin', 'manager', 'organisation_owner', 'user', 'guest']) {
      const held = bare.permissionsIn([], [role])
      for (const asked of ['read:orders', 'delete:invoices', 'read:own', 'read:public']) {
        expect([held.has(asked), held.some(asked)], `${role} ${asked}`).toEqual([false, false])
      }
    }
  })

  it('suffice to give the same there, never to give it everywhere', () => {
    const owner = inside('organisation_owner')
    expect(owner.coversAll(inside('organisation_member'))).toBe(true)
    expect(owner.coversAll(book.permissionsOf(['organisation_member']))).toBe(false)
    expect(owner.covers('read:orders')).toBe(false)
    expect(book.permissionsOf(['admin']).coversAll(inside('organisation_member'))).toBe(true)
  })

  it('the super administrator is held everywhere or not at all', () => {
    expect(inside('super_admin').patterns).toEqual([])
    expect(book.permissionsIn(['super_admin'], ['boss']).has('write:security:roles')).toBe(true)
  })

  it('what is held there adds to what is held everywhere', () => {
    const both = book.permissionsIn(['user'], ['organisation_member'])
    expect(both.has('read:own') && both.has('read:security:organisation')).toBe(true)
    expect(book.permissionsOf(['user']).has('read:security:organisation')).toBe(false)
  })
})

describe('who holds a rule for some rows', () => {
  const resources = {
    projects: { columns: { owner_id: 'text', done: 'boolean' }, owner: 'owner_id' },
  } as const
  const book = new RoleBook(
    {
      own: { permissions: ['update:projects:own'] },
      done: {
        permissions: [{ permission: 'update:projects', when: { column: 'done', equals: true } }],
      },
      all: { permissions: ['update:projects'] },
      most: {
        permissions: ['*:projects'],
        deny: [{ permission: 'update:projects', when: { column: 'done', equals: true } }],
      },
    },
    { resources },
  )
  const of = (role: string) => book.permissionsOf([role])

  it('holds what is given when it is the same rows or fewer, never other rows or all', () => {
    expect(of('own').coversAll(of('own'))).toBe(true)
    expect(of('all').coversAll(of('own'))).toBe(true)
    expect(of('own').coversAll(of('all'))).toBe(false)
    expect(of('own').coversAll(of('done'))).toBe(false)
    expect(of('most').coversAll(of('all'))).toBe(false)
    expect(of('own').covers('update:projects')).toBe(false)
  })

  it('lends a key the scope all the same: the key never does more than its owner', () => {
    expect(of('own').lends('update:projects')).toBe(true)
    expect(of('own').lends('delete:projects')).toBe(false)
    const key = narrow(of('own'), ['update:projects'])
    expect([key.has('update:projects'), key.some('update:projects')]).toEqual([false, true])
  })
})

describe('roles that administrators make', () => {
  const mine = { clerk: { permissions: ['read:orders'] } }

  it('are there until others stand in their place; one under the name of a fixed one makes both nothing', () => {
    const book = new RoleBook(mine)
    expect(book.replaceCustom({ extra: { permissions: ['read:a'], inherits: ['clerk'] } })).toEqual(
      [],
    )
    expect(book.permissionsOf(['extra']).patterns).toEqual(['read:a', 'read:orders'])
    const mistakes = book.replaceCustom({ clerk: { permissions: ['*'] } })
    expect(mistakes).toMatchObject([{ role: 'clerk', path: 'name' }])
    expect(book.permissionsOf(['clerk']).patterns).toEqual([])
    expect(book.permissionsOf(['clerk', 'admin']).has('read:orders')).toBe(false)
    expect(book.permissionsOf(['admin']).has('read:orders')).toBe(true)
    expect(book.definitionOf('clerk')).toBe(mine.clerk)
    book.replaceCustom({})
    expect(book.permissionsOf(['clerk']).patterns).toEqual(['read:orders'])
    expect(book.has('extra')).toBe(false)
    expect(book.permissionsOf(['extra']).patterns).toEqual([])
  })

  it('rule 25: hold nothing without a parent whose denials they had, and nor do their heirs', () => {
    const careful = { permissions: [], deny: ['delete:orders'] }
    const custom = {
      helper: { permissions: ['write:orders', 'delete:orders'], inherits: ['careful'] },
      heir: { permissions: ['read:security:users'], inherits: ['helper'] },
    }
    const before = new RoleBook({ careful })
    expect(before.replaceCustom(custom)).toEqual([])
    expect(before.permissionsOf(['helper']).has('write:orders')).toBe(true)
    expect(before.permissionsOf(['helper']).has('delete:orders')).toBe(false)
    const after = new RoleBook({})
    expect(after.replaceCustom(custom)).toMatchObject([{ role: 'helper', path: 'inherits[0]' }])
    for (const role of ['helper', 'heir']) {
      const [alone, beside] = [after.permissionsOf([role]), after.permissionsOf([role, 'admin'])]
      for (const permission of ['write:orders', 'delete:orders', 'read:security:users']) {
        expect([alone.has(permission), beside.some(permission)], permission).toEqual([false, false])
      }
      const there = after.permissionsIn([], [role, 'organisation_owner'])
      expect(there.some('read:security:members')).toBe(false)
    }
    expect(after.permissionsOf(['gone']).rules).toEqual([])
  })

  it('are judged before they are made, each mistake with its place', () => {
    const resources = { orders: { columns: { total: 'number' } } } as const
    const book = new RoleBook({}, { resources })
    book.replaceCustom({ one: { permissions: [], inherits: ['two'] }, two: { permissions: [] } })
    const places = (definition: RoleDefinition, name = 'two') =>
      book.judge(name, definition).map(({ path }) => path)
    expect(places({ permissions: [], inherits: ['one'] })).toEqual(['inherits[0]'])
    expect(places({ permissions: [], inherits: ['gone'] })).toEqual(['inherits[0]'])
    expect(places({ permissions: ['read:odrers', 'read'] })).toEqual([
      'permissions[0]',
      'permissions[1]',
    ])
    expect(
      places({
        permissions: [],
        deny: [{ permission: 'read:orders', when: { column: 'x', equals: 1 } }],
      }),
    ).toEqual(['deny[0].when.column'])
    expect(places({ permissions: [] }, 'Two')).toEqual(['name'])
    expect(places({ permissions: ['read:orders'] })).toEqual([])
  })

  it('what is wrong with a kept one is told and never opens anything', () => {
    const book = new RoleBook({}, { resources: { orders: {} } })
    const faulty = {
      permissions: [
        'read:*',
        'read:gone',
        { permission: 'update:orders', when: { column: 'x', equals: 1 } },
      ],
      deny: [{ permission: 'read:orders', when: { column: 'x', equals: 1 } }, 'delete:gone'],
    } as const
    expect(book.replaceCustom({ faulty }).map(({ role, path }) => `${role} ${path}`)).toEqual([
      ...['faulty permissions[1]', 'faulty permissions[2].when.column'],
      ...['faulty deny[0].when.column', 'faulty deny[1]'],
    ])
    const held = book.permissionsOf(['faulty', 'manager'])
    expect(['read:orders', 'update:orders'].map((one) => held.some(one))).toEqual([false, false])
    expect(held.denied).toEqual(['delete:gone', 'read:orders'])
  })
})
