import type { Condition } from '../../src/conditions/index.ts'
import type { RoleDefinition } from '../../src/permissions/index.ts'

// The rules once more, written independently: patterns as regular expressions, inheritance as a closure,
// conditions as a small interpreter with three truth values.

/** A row of the app, as the reference reads it. */
export interface Row extends Readonly<Record<string, unknown>> {
  readonly owner: string | null
  readonly kind: string | null
  readonly tenant: string | null
  readonly size: number
}
type Truth = boolean | null
/** Who asks. */
export interface Asker {
  readonly roles: readonly string[]
  readonly local: readonly string[]
  readonly level: 1 | 2
  readonly organisation: string | undefined
  /** An attribute, which the app may not tell. */
  readonly favourite: string | undefined
}
export type Roles = Readonly<Record<string, RoleDefinition>>

const parts = ['members', 'invitations', 'organisation']

/** A pattern of a role as a regular expression. */
export function expression(pattern: string): RegExp {
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
function belongs(pattern: string, wanted: string, row: Row, organisation: Asker['organisation']) {
  const [action, resource] = wanted.split(':')
  if (resource === 'docs') return row.tenant !== null && row.tenant === organisation
  // Notes are everybody's: a wildcard reads them, and nothing else.
  if (resource === 'notes') return action === 'read' || /^[^:]+:notes/.test(pattern)
  return resource === 'security'
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

/** A role and all that it inherits from. */
export function closure(roles: Roles, start: string): readonly string[] {
  const direct = roles[start]?.inherits ?? []
  return [start, ...direct.flatMap((parent) => closure(roles, parent))]
}

/** What the answer has to be. */
export function expected(
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
              if (there && !belongs(pattern, wanted, row, asker.organisation)) return false
            }
            const untold = effect === 'deny' ? true : null
            return conditions.every((when) => truth(when, row, { asker, untold }) === true)
          }),
        ),
      ),
    )
  return meets('permissions') && !meets('deny')
}
