import fc from 'fast-check'
import type { Condition } from '../../src/conditions/index.ts'
import { type Asker, closure, type Roles } from './rule-reference.ts'

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
/** Five roles, each of which inherits from earlier ones alone. */
export const definitions = fc
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
/** Who asks for what, about which row. */
export const question = fc.record({
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
export function nearOf(
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
