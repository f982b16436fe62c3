import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import type { RoleDefinition } from '../permissions/index.ts'
import { explanationText } from './explain.ts'
import { narrow } from './narrow.ts'
import type { Permissions } from './permissions.ts'
import { type ReachCaller, reachOf } from './reach.ts'
import { RoleBook } from './roles.ts'

const clock = new ManualClock()
const resources = {
  projects: {
    columns: { owner_id: 'text', secret: 'text' },
    owner: 'owner_id',
    table: 'app.projects',
  },
  archive: { columns: { owner_id: 'text' }, owner: 'owner_id' },
  notes: {},
} as const

const roles: Readonly<Record<string, RoleDefinition>> = {
  base: { permissions: ['read:projects', 'update:projects:own'] },
  clerk: { permissions: ['delete:projects'], inherits: ['base'] },
  trainee: {
    permissions: [],
    deny: ['delete:*', { permission: 'read:projects', when: { column: 'secret', equals: 'yes' } }],
    inherits: ['clerk'],
  },
  proven: { permissions: [{ permission: 'delete:projects', when: { level: 2 } }] },
}
const book = new RoleBook(roles, { resources })

const reach = (
  held: readonly string[] | Permissions,
  caller: Partial<ReachCaller> = {},
  local: readonly string[] = [],
) =>
  reachOf(
    Array.isArray(held) ? book.permissionsIn(held, local) : (held as Permissions),
    {
      ...{ userId: 'me', level: 1, requiredLevel: 1, roles: ['clerk'], ...caller },
    } as ReachCaller,
    { clock, vocabulary: book.vocabulary, dialect: 'sqlite' },
  )

const mine = { owner_id: 'me', secret: 'no' }
const theirs = { owner_id: 'you', secret: 'no' }

describe('an explanation names the rule that decided', () => {
  it('an allowance, with the role as it is held and the way it is inherited', () => {
    const { allowed, reason, rule } = reach(['clerk']).explain('read:projects')
    expect({ allowed, reason, rule }).toEqual({
      allowed: true,
      reason: 'allowed',
      rule: { effect: 'allow', role: 'clerk', through: ['base'], pattern: 'read:projects' },
    })
  })

  it('a denial, before the allowance that it takes away', () => {
    const { reason, rule, rules } = reach(['trainee']).explain('delete:projects')
    expect(reason).toBe('denied')
    expect(rule).toMatchObject({ effect: 'deny', pattern: 'delete:*', role: 'trainee' })
    expect(rules.map(({ effect }) => effect)).toEqual(['deny', 'allow'])
  })

  it('a condition, met or not, and unknown without an object', () => {
    const own = { pattern: 'update:projects', when: { owner: true } }
    const ask = (object?: object) => reach(['clerk']).explain('update:projects', object as never)
    expect(ask(mine)).toMatchObject({ allowed: true, rule: { ...own, met: true } })
    expect(ask(theirs)).toMatchObject({ reason: 'condition', rule: { ...own, met: false } })
    expect(ask()).toMatchObject({ allowed: false, reason: 'condition', rule: own })
    expect(ask().rule).not.toHaveProperty('met')
  })

  it('a denial for some rows, which without an object is one', () => {
    const ask = (object?: object) => reach(['trainee']).explain('read:projects', object as never)
    expect(ask({ ...mine, secret: 'yes' })).toMatchObject({ reason: 'denied', rule: { met: true } })
    expect(ask(mine)).toMatchObject({ allowed: true })
    expect(ask()).toMatchObject({ allowed: false, reason: 'denied' })
  })

  it('nothing but why where no rule reaches it, the level is too low or the words are unknown', () => {
    expect(reach(['clerk']).explain('create:projects')).toMatchObject({
      reason: 'no_rule',
      rules: [],
    })
    expect(reach(['clerk'], { requiredLevel: 2 }).explain('read:projects').reason).toBe('level')
    expect(reach(['clerk']).explain('read:porjects').reason).toBe('unknown')
    expect(reach(['clerk']).explain('read:*').reason).toBe('unknown')
  })

  it('the scopes of a key, where they end first', () => {
    const key = narrow(book.permissionsOf(['clerk']), ['read:*'])
    expect(reach(key).explain('delete:projects')).toMatchObject({ allowed: false, reason: 'scope' })
    expect(reach(key).can('read:projects')).toBe(true)
  })

  it('the organisation in which a role is held', () => {
    const inside = reach([], { organisation: 'o1' }, ['clerk'])
    expect(inside.explain('read:projects').rule).toMatchObject({
      organisation: 'o1',
      role: 'clerk',
    })
  })

  it('its line for the log holds no value of an object', () => {
    const explanation = reach(['clerk']).explain('update:projects', { ...theirs, secret: 'hush' })
    expect(explanationText(explanation)).toBe(
      'the condition of update:projects of the role clerk, inherited through base is not met',
    )
    expect(JSON.stringify(explanation)).not.toMatch(/hush|you/)
  })
})

describe('what permissions reach', () => {
  it('a condition that reads no row is judged without one', () => {
    expect(reach(['proven'], { level: 2 }).can('delete:projects')).toBe(true)
    expect(reach(['proven'], { level: 1 }).can('delete:projects')).toBe(false)
    expect(reach(['clerk'], { level: 2 }).can('update:projects')).toBe(false)
  })

  it('nothing at all below the level that policy demands', () => {
    const low = reach(['super_admin'], { requiredLevel: 2 })
    expect(low.can('read:projects', mine)).toBe(false)
    expect(low.rows('read:projects').reach).toBe('none')
    expect(low.settings()['holdfast.permitted']).toBe('')
  })

  it('an object that lacks a column is no answer', () => {
    expect(() => reach(['clerk']).can('update:projects', { secret: 'no' })).toThrow(
      expect.objectContaining({ code: 'object_invalid' }),
    )
  })

  it('rows of the table that the resource names, or of another with the same columns', () => {
    const text = (resource?: string) =>
      reach(['clerk']).rows('update:projects', resource).sql({ dialect: 'postgres' })
    expect(text().text).toContain('"app"."projects"."owner_id"')
    expect(text()).toMatchObject({ parameters: ['me'] })
    expect(text('archive').text).toContain('"archive"."owner_id"')
    expect(() => text('notes')).toThrow(expect.objectContaining({ code: 'resource_unknown' }))
    expect(() => reach(['clerk']).rows('update:*')).toThrow(
      expect.objectContaining({ code: 'permission_invalid' }),
    )
    expect(reach(['clerk']).rows('delete:projects').reach).toBe('all')
    expect(reach(['clerk']).rows('create:projects').reach).toBe('none')
  })

  it('row-level security is told the caller and what is permitted for some row at all', () => {
    const settings = reach(['clerk'], { organisation: 'o1', roles: ['clerk', 'user'] }).settings({
      attributes: { region: 'north' },
    })
    expect(settings).toEqual({
      'holdfast.user_id': 'me',
      'holdfast.organisation': 'o1',
      'holdfast.roles': 'clerk user',
      'holdfast.level': '1',
      'holdfast.now': String(clock.now()),
      'holdfast.permitted': 'read:projects update:projects delete:projects',
      'holdfast.attributes': '{"region":"north"}',
    })
    const key = narrow(book.permissionsOf(['clerk']), ['read:projects'])
    expect(reach(key).settings()['holdfast.permitted']).toBe('read:projects')
  })
})
