import type { FieldFault } from '../errors/index.ts'
import type { ConditionalPermission, RoleDefinition, RoleFault } from '../permissions/index.ts'

/** A definition in full. */
export interface FullRoleDefinition {
  readonly permissions: readonly (string | ConditionalPermission)[]
  readonly deny: readonly (string | ConditionalPermission)[]
  readonly inherits: readonly string[]
}

/** A definition of the right form; whether its words mean anything is the role book's to say. */
export type ReadDefinition =
  | { readonly ok: true; readonly definition: FullRoleDefinition }
  | { readonly ok: false; readonly faults: readonly RoleFault[] }

const mostRules = 500
const mostParents = 50
const longestPattern = 600
/** A definition is read by every node and stands in the record of its change. */
const mostCharacters = 65_536

const lists = [
  ['permissions', mostRules],
  ['deny', mostRules],
  ['inherits', mostParents],
] as const

/** Reads what claims to be the definition of a role: from a request, from code, or from the database. */
export function readDefinition(value: unknown): ReadDefinition {
  if (!isObject(value)) return refuse([{ path: 'definition', problem: 'must be an object.' }])
  const faults = [...unknownMembers(value), ...lists.flatMap((list) => listFaults(value, list))]
  if (faults.length > 0) return refuse(faults)
  const { deny = [], inherits = [], permissions } = value as unknown as RoleDefinition
  const text = textOf({ permissions, deny, inherits })
  // What is judged is what is kept: a value that says something else as JSON is read as that.
  if (text.length <= mostCharacters) return { ok: true, definition: JSON.parse(text) }
  return refuse([
    {
      path: 'definition',
      problem: `must be plain data of at most ${mostCharacters} characters as JSON.`,
    },
  ])
}

function unknownMembers(value: Readonly<Record<string, unknown>>): readonly RoleFault[] {
  const known = lists.map(([name]) => String(name))
  const others = Object.keys(value).filter((name) => !known.includes(name))
  return others.map((path) => ({ path, problem: 'is no part of a role.' }))
}

function listFaults(
  value: Readonly<Record<string, unknown>>,
  [path, most]: (typeof lists)[number],
): readonly RoleFault[] {
  const list = value[path]
  if (list === undefined && path !== 'permissions') return []
  if (!Array.isArray(list)) return [{ path, problem: 'must be a list.' }]
  if (list.length > most) return [{ path, problem: `must have at most ${most} entries.` }]
  const isEntry = path === 'inherits' ? isText : isRule
  const wanted =
    path === 'inherits' ? 'the name of a role' : 'a permission, or a permission with its `when`'
  return list.flatMap((entry, at) =>
    isEntry(entry) ? [] : [{ path: `${path}[${at}]`, problem: `must be ${wanted}.` }],
  )
}

function isRule(value: unknown): boolean {
  if (isText(value)) return true
  if (!isObject(value) || !isText(value.permission)) return false
  return Object.keys(value).length === 2 && Object.hasOwn(value, 'when')
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= longestPattern
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Longer than any may be for what is no JSON: a circle, a number too great. */
function textOf(definition: FullRoleDefinition): string {
  try {
    return JSON.stringify(definition)
  } catch {
    return ' '.repeat(mostCharacters + 1)
  }
}

function refuse(faults: readonly RoleFault[]): ReadDefinition {
  return { ok: false, faults }
}

/** Mistakes of a definition as an answer shows them, each with its place in the body. */
export function fieldFaults(faults: readonly RoleFault[]): readonly FieldFault[] {
  return faults.map(({ path, problem }) => ({
    pointer: pointerOf(path),
    code: codeOf(path),
    detail: `${path} ${problem}`,
  }))
}

/** `permissions[2].when.equals` is `#/body/permissions/2/when/equals` (RFC 6901). */
function pointerOf(path: string): string {
  if (path === 'name') return '#/params/name'
  if (path === 'definition') return '#/body'
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '')
  const escaped = steps.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'))
  return ['#/body', ...escaped].join('/')
}

function codeOf(path: string): string {
  if (path === 'name') return 'invalid_name'
  return path.startsWith('inherits') ? 'invalid_parent' : 'invalid_rule'
}
