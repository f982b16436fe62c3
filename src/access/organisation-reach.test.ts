import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import type { Condition } from '../conditions/index.ts'
import type { RoleDefinition } from '../permissions/index.ts'
import { explanationText } from './explain.ts'
import { reachOf } from './reach.ts'
import { RoleBook } from './roles.ts'
import { rowSecurityScript } from './row-security.ts'

const roles: Readonly<Record<string, RoleDefinition>> = {
  half: { permissions: ['write:orders'], deny: ['update:orders'] },
  deep: { permissions: [{ permission: 'read:documents', when: nested(7) }] },
  many: { permissions: [{ permission: 'read:documents', when: listed(63) }] },
  printer: { permissions: ['write:countries', 'read:documents'] },
  half_open: {
    permissions: ['write:orders'],
    deny: [{ permission: 'create:orders', when: { column: 'open', equals: true } }],
  },
}
function nested(depth: number): Condition {
  return depth === 0 ? { column: 'id', equals: 'x' } : { not: nested(depth - 1) }
}

function listed(parts: number): Condition {
  const any = Array.from({ length: parts }, (_, at) => ({ column: 'id', equals: `x${at}` }))
  return { any }
}

const resources = {
  documents: { columns: { id: 'text' }, tenant: 'org' },
  countries: { columns: { id: 'text' }, tenant: false },
  ledger: { columns: { id: 'text' } },
  reports: {},
  orders: { columns: { open: 'boolean' } },
} as const
const book = new RoleBook(roles, { resources })

function reach(everywhere: readonly string[], there: readonly string[] = []) {
  const caller = {
    userId: 'u',
    organisation: 'mine',
    level: 2,
    requiredLevel: 1,
    roles: [],
  } as const
  const parts = {
    clock: new ManualClock(),
    vocabulary: book.vocabulary,
    dialect: 'sqlite',
  } as const
  return reachOf(book.permissionsIn(everywhere, there), caller, parts)
}

describe('what is held in an organisation', () => {
  const owner = reach([], ['organisation_owner'])
  const mine = { id: 'x', org: 'mine' }
  const others = { id: 'x', org: 'other' }

  it('reaches of rows that a filter is for what it may reach of their resource, whatever was asked', () => {
    for (const asked of ['read:documents', 'read:countries']) {
      const filter = owner.rows(asked, 'documents')
      expect([filter.check(mine), filter.check(others)]).toEqual([true, false])
      expect(owner.rows(asked, 'ledger').reach).toBe('none')
      expect(owner.rows(asked, 'countries').reach).toBe('all')
    }
    for (const asked of ['read:reports', 'read:ledger', 'read:undeclared']) {
      expect(owner.rows(asked, 'documents').reach).toBe('none')
    }
    expect(reach(['admin']).rows('read:reports', 'documents').check(others)).toBe(true)
  })

  it('is explained: a resource that says nothing of organisations is not reached by it', () => {
    const explained = owner.explain('read:ledger')
    expect(explained).toMatchObject({ allowed: false, reason: 'organisation' })
    expect(explained.rule).toMatchObject({ organisation: 'mine', pattern: '*:*', met: false })
    expect(explanationText(explained)).toContain('is held in an organisation')
    expect(reach(['manager'], ['organisation_owner']).explain('read:ledger').allowed).toBe(true)
    const foreign = owner.explain('read:documents', others)
    expect(foreign).toMatchObject({
      reason: 'condition',
      rule: { when: { tenant: true }, met: false },
    })
    expect(owner.explain('read:documents', mine).rule).toMatchObject({ met: true })
  })

  it('reaches no row that PostgreSQL guards of a resource that says nothing of organisations', () => {
    const there = "'in:organisation_owner'"
    const policies = rowSecurityScript(book).split('create policy')
    const reads = (table: string) =>
      policies.find((one) => one.startsWith(` holdfast_read on "${table}"`))?.split('&&') ?? []
    const named = (table: string) =>
      reads(table).filter((one) => one.startsWith(` array[${there}]`))
    expect([named('ledger'), named('countries').length, named('documents').length]).toEqual([
      [],
      1,
      1,
    ])
    expect(named('documents')[0]).toContain('"org"')
  })
})

describe('what belongs to all organisations', () => {
  const owner = reach([], ['organisation_owner'])
  const printer = reach([], ['printer'])

  it('rule 27: is read there by a wildcard and changed by a role that names it, on every way to ask', () => {
    for (const action of ['write', 'create', 'update', 'delete']) {
      const asked = `${action}:countries`
      expect([owner.can(asked), owner.rows(asked).reach], asked).toEqual([false, 'none'])
      expect(owner.explain(asked)).toMatchObject({ allowed: false, reason: 'organisation' })
      expect(owner.rows(`${action}:documents`, 'countries').reach).toBe('none')
    }
    expect([owner.can('read:countries'), owner.rows('read:countries').reach]).toEqual([true, 'all'])
    expect([printer.can('write:countries'), printer.can('update:countries')]).toEqual([true, true])
    expect(printer.can('delete:countries')).toBe(false)
    expect(reach(['admin']).can('delete:countries')).toBe(true)
  })

  it('rule 27: PostgreSQL lets a wildcard there change none of its rows', () => {
    const policies = rowSecurityScript(book).split('create policy')
    const namedIn = (command: string) => {
      const one = policies.filter((text) => text.startsWith(` holdfast_${command} on "countries"`))
      const roles = ['organisation_owner', 'admin', 'printer']
      return roles.filter((role) => one.some((text) => text.includes(`&& array['in:${role}']`)))
    }
    expect(namedIn('read')).toEqual(['organisation_owner', 'admin'])
    expect([namedIn('create'), namedIn('update')]).toEqual([['printer'], ['printer']])
    expect(namedIn('delete')).toEqual([])
  })

  it('rule 10: is given to be changed by nobody who may not change it there', () => {
    const given = book.permissionsIn([], ['printer'])
    expect(book.permissionsIn([], ['organisation_owner']).coversAll(given)).toBe(false)
    expect(book.permissionsIn([], ['printer']).coversAll(given)).toBe(true)
    expect(book.permissionsOf(['admin']).coversAll(given)).toBe(true)
  })
})

it.each(['deep', 'many'])(
  'a condition as long as conditions may be counts there too: %s',
  (role) => {
    expect(book.permissionsIn([], [role]).some('read:documents')).toBe(true)
    const row = { id: role === 'deep' ? 'y' : 'x1', org: 'mine' }
    expect(reach([], [role]).can('read:documents', row)).toBe(true)
    expect(reach([], [role]).can('read:documents', { ...row, org: 'other' })).toBe(false)
  },
)

describe('whoever may not do half of write may not write', () => {
  it('be it update or create that is denied, on every way to ask', () => {
    const half = reach(['half'])
    expect([half.can('create:orders'), half.can('update:orders')]).toEqual([true, false])
    expect(half.can('write:orders')).toBe(false)
    expect(half.can('write:orders', { open: true })).toBe(false)
    expect(half.rows('write:orders').reach).toBe('none')
    expect(half.explain('write:orders')).toMatchObject({
      reason: 'denied',
      rule: { pattern: 'update:orders' },
    })
    const held = book.permissionsOf(['half'])
    expect([held.lends('write:orders'), held.lends('create:orders')]).toEqual([false, true])
    expect(held.covers('write:orders')).toBe(false)
  })

  it('for the rows that the denial is for', () => {
    const half = reach(['half_open'])
    expect(half.can('write:orders')).toBe(false)
    expect([true, false].map((open) => half.can('write:orders', { open }))).toEqual([false, true])
    const filter = half.rows('write:orders')
    expect([true, false].map((open) => filter.check({ open }))).toEqual([false, true])
  })
})
