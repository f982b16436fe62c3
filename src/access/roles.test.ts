import { describe, expect, it } from 'vitest'
import { systemRoles } from '../permissions/index.ts'
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
