import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Condition } from '../conditions/index.ts'
import type { RoleDefinition } from '../permissions/index.ts'
import { narrow } from './narrow.ts'
import { reachOf } from './reach.ts'
import { RoleBook } from './roles.ts'

// The rules once more, written independently: patterns as regular expressions, inheritance as a closure,
// conditions as a small interpreter with three truth values.

interface Row extends Readonly<Record<string, unknown>> {
  readonly owner: string | null
  readonly kind: string | null
  readonly tenant: string | null
  readonly size: number
}
type Truth = boolean | null
interface Asker {
  readonly roles: readonly string[]
  readonly local: readonly string[]
  readonly level: 1 | 2
  readonly organisation: string | undefined
  /** An attribute, which the app may not tell. */
  readonly favourite: string | undefined
}
type Roles = Readonly<Record<string, RoleDefinition>>

const parts = ['members', 'invitations', 'organisation']

function expression(pattern: string): RegExp {
  if (pattern === '*') return /^.*$/
  const segments = pattern.split(':').map((segment, at, all) => {
    if (at === 0 && segment === 'write') return '(?:write|create|update)'
    if (segment !== '*') return segment
    const one = at === 1 ? '(?!security(?::|$))[^:]+' : '[^:]+'
    return at === all.length - 1 ? `${one}(?::[^:]+)*` : one
  })
  return new RegExp(`^${segments.join(':')}$`)
}

function reaches(pattern: string, wanted: string, local: 'allow' | 'deny' | undefined): boolean {
  const [, resource, part = '', ...rest] = wanted.split(':')
  if (local === undefined || resource !== 'security') return expression(pattern).test(wanted)
  if (!parts.includes(part)) return false
  if (pattern === '*') return local === 'deny' && rest.length === 0
  const ends = /^[^:]+:security:\*$/.test(pattern)
  return expression(pattern).test(wanted) && (!ends || rest.length === 0)
}

/** What a denial reaches: `write` is `create` and `update`, and who may not do one may not do both. */
function denies(pattern: string, wanted: string, local: 'deny' | undefined): boolean {
  if (reaches(pattern, wanted, local)) return true
  const halves = ['create:', 'update:'].map((half) => wanted.replace('write:', half))
  return wanted.startsWith('write:') && halves.some((half) => reaches(pattern, half, local))
}

/** What a role that is held in the organisation reaches at all, and only its rows. */
function belongs(wanted: string, row: Row, { organisation }: Asker): boolean {
  const [, resource] = wanted.split(':')
  if (resource === 'docs') return row.tenant !== null && row.tenant === organisation
  return resource === 'notes' || resource === 'security'
}

/** `untold` is what a comparison comes to with a fact that nobody told. */
function truth(
  when: Condition,
  row: Row,
  { asker, untold }: { asker: Asker; untold: Truth },
): Truth {
  const same = (value: unknown, fact: unknown) => {
    if (fact === undefined) return untold
    return value === null ? null : value === fact
  }
  if ('owner' in when) return same(row.owner, 'me')
  if ('tenant' in when) return same(row.tenant, asker.organisation)
  if ('level' in when) return asker.level >= when.level
  if ('not' in when) {
    const inner = truth(when.not, row, { asker, untold: untold === null ? null : !untold })
    return inner === null ? null : !inner
  }
  if ('any' in when) {
    const all = when.any.map((one) => truth(one, row, { asker, untold }))
    return all.includes(true) ? true : all.includes(null) ? null : false
  }
  if ('column' in when && when.column === 'kind')
    return same(row.kind, typeof when.equals === 'string' ? when.equals : asker.favourite)
  return row.size > 2
}

function closure(roles: Roles, start: string): readonly string[] {
  const direct = roles[start]?.inherits ?? []
  return [start, ...direct.flatMap((parent) => closure(roles, parent))]
}

function expected(
  roles: Roles,
  asker: Asker,
  { row, wanted }: { readonly row: Row; readonly wanted: string },
): boolean {
  const meets = (effect: 'permissions' | 'deny') =>
    (['roles', 'local'] as const).some((place) =>
      asker[place].some((held) =>
        closure(roles, held).some((role) =>
          (roles[role]?.[effect] ?? []).some((rule) => {
            const written = typeof rule === 'string' ? rule : rule.permission
            const own = /^[^:]+:docs:own$/.test(written)
            const pattern = own ? written.replace(/:own$/, '') : written
            const conditions: Condition[] = own ? [{ owner: true }] : []
            if (typeof rule !== 'string') conditions.push(rule.when)
            const there = place === 'local'
            if (effect === 'deny') {
              if (!denies(pattern, wanted, there ? 'deny' : undefined)) return false
            } else {
              if (!reaches(pattern, wanted, there ? 'allow' : undefined)) return false
              if (there && !belongs(wanted, row, asker)) return false
            }
            const untold = effect === 'deny' ? true : null
            return conditions.every((when) => truth(when, row, { asker, untold }) === true)
          }),
        ),
      ),
    )
  return meets('permissions') && !meets('deny')
}

const action = fc.constantFrom('read', 'write', 'create', 'update', 'delete')
const simple = fc.constantFrom<Condition>(
  { owner: true },
  { column: 'kind', equals: 'ü' },
  { column: 'kind', equals: { attribute: 'favourite' } },
  { column: 'size', moreThan: 2 },
  { tenant: true },
  { level: 2 },
)
const condition = fc.oneof(
  simple,
  simple.map((one): Condition => ({ not: one })),
  fc
    .tuple(simple, simple)
    .filter(([one, other]) => one !== other)
    .map(([one, other]): Condition => ({ any: [one, { not: other }] })),
)
const tail = fc.constantFrom(
  'docs',
  'docs:own',
  'docs:lines',
  'docs:*',
  'notes',
  '*',
  '*:lines',
  'security:*',
  'security:members',
  'security:users',
)
const pattern = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .tuple(fc.oneof({ weight: 4, arbitrary: action }, fc.constant('*')), tail)
      .map((two) => two.join(':')),
  },
  { weight: 1, arbitrary: fc.constant('*') },
)
const rule = fc.oneof(
  pattern,
  fc
    .tuple(action, fc.constantFrom('docs', 'docs', 'docs:own', 'docs:lines'), condition)
    .map(([verb, rest, when]) => ({ permission: `${verb}:${rest}`, when })),
)
const isCoherent = (rule: string | { readonly permission: string; readonly when: Condition }) =>
  typeof rule === 'string' ||
  !rule.permission.endsWith(':own') ||
  !/owner/.test(JSON.stringify(rule))
const coherent = rule.filter(isCoherent)
const names = ['r0', 'r1', 'r2', 'r3', 'r4']
const definitions = fc
  .tuple(
    ...names.map((_, at) =>
      fc.record({
        permissions: fc.array(coherent, { minLength: 1, maxLength: 4 }),
        deny: fc.oneof(
          { weight: 2, arbitrary: fc.constant([]) },
          fc.array(coherent, { maxLength: 1 }),
        ),
        inherits:
          at === 0
            ? fc.constant([])
            : fc.subarray(names.slice(0, at), { maxLength: Math.min(at, 2) }),
      }),
    ),
  )
  .map((all) => Object.fromEntries(all.map((one, at) => [names[at] ?? '', one])))
const row = fc.record({
  owner: fc.constantFrom('me', 'me', 'you', null),
  kind: fc.constantFrom('ü', 'z', null),
  tenant: fc.constantFrom('o1', 'o1', 'o2', null),
  size: fc.constantFrom(1, 2, 3),
})
const wanted = fc
  .tuple(
    action,
    fc.constantFrom(
      'docs',
      'docs',
      'docs',
      'docs:lines',
      'notes',
      'docs:own',
      'security:members',
      'security:users',
      'security:members:x',
      'other:lines',
    ),
  )
  .map((two) => two.join(':'))
const question = fc.record({
  roles: fc.subarray(names, { minLength: 1, maxLength: 3 }),
  local: fc.subarray(names, { maxLength: 1 }),
  organisation: fc.constantFrom('o1', 'o1', 'o1', undefined),
  favourite: fc.constantFrom('ü', 'z', undefined),
  level: fc.constantFrom<1 | 2>(1, 2),
  wanted,
  row,
  scope: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: pattern.filter((one) => !one.endsWith(':own')) },
  ),
  near: fc.nat(1_000),
})

/** A permission that a rule of these roles reaches, or any where they hold none. */
function nearOf(
  roles: Roles,
  asker: Asker,
  { near, other }: { readonly near: number; readonly other: string },
): string {
  const all = [...asker.roles, ...asker.local].flatMap((role) => closure(roles, role))
  const rules = all.flatMap((role) => roles[role]?.permissions ?? [])
  const rule = rules[near % Math.max(rules.length, 1)]
  if (rule === undefined || near % 7 === 0) return other
  const written = typeof rule === 'string' ? rule : rule.permission
  const [verb = '*', ...rest] = (written === '*' ? '*:*' : written.replace(/:own$/, '')).split(':')
  const asked = verb === '*' ? 'delete' : verb === 'write' && near % 2 === 0 ? 'create' : verb
  const words = rest.map((segment, at) => (segment !== '*' ? segment : at > 0 ? 'members' : 'docs'))
  return [asked, ...words].join(':')
}

const resources = {
  notes: { tenant: false },
  docs: {
    columns: { owner: 'text', kind: 'text', size: 'number' },
    owner: 'owner',
    tenant: 'tenant',
  },
} as const

const clock = { now: () => 0 } as never

it('conditions, denials, inheritance, organisations and scopes: 100,000 cases agree with an independent reference', () => {
  const counts = {
    allowed: 0,
    denied: 0,
    withNull: 0,
    withDeny: 0,
    local: 0,
    scoped: 0,
    byCondition: 0,
    unicode: 0,
    untold: 0,
    deniedWrites: 0,
  }
  fc.assert(
    fc.property(
      definitions,
      fc.array(question, { minLength: 20, maxLength: 20 }),
      (roles, asked) => {
        const book = new RoleBook({}, { resources, attributes: { favourite: 'text' } })
        const faults = book.replaceCustom(roles)
        expect(faults.filter(({ problem }) => !/takes away/.test(problem))).toEqual([])
        for (const { near, row, scope, wanted: other, ...question } of asked) {
          const { favourite, level, organisation } = question
          const local = organisation === undefined ? [] : question.local
          const asker: Asker = { ...question, local }
          const wanted = nearOf(roles, asker, { near, other })
          const held = book.permissionsIn(asker.roles, local)
          const permissions = scope === undefined ? held : narrow(held, [scope])
          const named = organisation === undefined ? {} : { organisation }
          const caller = { userId: 'me', level, requiredLevel: 1, roles: [], ...named } as const
          const facts = favourite === undefined ? {} : { attributes: { favourite } }
          const reach = reachOf(permissions, caller, {
            clock,
            vocabulary: book.vocabulary,
            dialect: 'sqlite',
          })
          const inScope = scope === undefined || expression(scope).test(wanted)
          const answer = inScope && expected(roles, asker, { row, wanted })
          const what = JSON.stringify({ roles, asker, wanted, row, scope })
          expect(reach.can(wanted, row, facts), what).toBe(answer)
          expect(reach.rows(wanted, undefined, facts).check(row), what).toBe(answer)
          expect(reach.explain(wanted, row, facts).allowed, what).toBe(answer)
          expect(permissions.has(wanted) && !answer, what).toBe(false)
          expect(answer && !permissions.some(wanted), what).toBe(false)
          expect(reach.can(wanted, undefined, facts) && !answer, what).toBe(false)
          counts[answer ? 'allowed' : 'denied'] += 1
          if (row.owner === null || row.kind === null) counts.withNull += 1
          if (held.denied.length > 0) counts.withDeny += 1
          if (local.length > 0) counts.local += 1
          if (scope !== undefined) counts.scoped += 1
          if (row.kind === 'ü') counts.unicode += 1
          if (organisation === undefined || favourite === undefined) counts.untold += 1
          if (wanted.startsWith('write:') && !answer) counts.deniedWrites += 1
          if (permissions.some(wanted) && !permissions.has(wanted)) counts.byCondition += 1
        }
      },
    ),
    { numRuns: 5_000, seed: 25 },
  )
  console.log(`rule sets: ${JSON.stringify(counts)}`)
  expect(counts.allowed + counts.denied).toBe(100_000)
  expect(Math.min(counts.allowed, counts.denied)).toBeGreaterThan(30_000)
  expect(
    Math.min(counts.withNull, counts.withDeny, counts.local, counts.byCondition),
  ).toBeGreaterThan(10_000)
}, 240_000)
