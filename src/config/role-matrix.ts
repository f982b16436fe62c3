import type { ConditionalPermission } from '../permissions/index.ts'
import type { AccessConfig, RoleConfig } from './config-access.ts'

/** A cell of the matrix that allows something, as the rule that it stands for. */
export interface MatrixRule {
  /** Of the cell, as messages name it. */
  readonly path: string
  readonly rule: string | ConditionalPermission
}

const none: readonly string[] = Object.freeze([])

/** The rules of one role that are written in the matrix. `false` says nothing: what no rule allows is refused. */
export function matrixRules({ matrix }: AccessConfig, role: string): readonly MatrixRule[] {
  const resources = Object.hasOwn(matrix, role) ? Object.entries(matrix[role] ?? {}) : []
  return resources.flatMap(([resource, cells]) =>
    Object.entries(cells).flatMap(([action, cell]) => {
      if (cell === false) return []
      const permission = `${action}:${resource}`
      const rule = cell === true ? permission : Object.freeze({ permission, when: cell })
      return [{ path: `access.matrix.${role}.${resource}.${action}`, rule }]
    }),
  )
}

/** The roles with what the matrix says about them; one that stands there alone is a role as well. */
export function withMatrix(access: AccessConfig): AccessConfig {
  const names = new Set([...Object.keys(access.roles), ...Object.keys(access.matrix)])
  const roles = [...names].map((name) => [name, merged(access, name)] as const)
  return Object.freeze({
    ...access,
    roles: Object.freeze(Object.assign(Object.create(null), Object.fromEntries(roles))),
  })
}

function merged(access: AccessConfig, name: string): RoleConfig {
  const written = Object.hasOwn(access.roles, name) ? access.roles[name] : undefined
  const cells = matrixRules(access, name).map(({ rule }) => rule)
  if (written && cells.length === 0) return written
  return Object.freeze({
    permissions: Object.freeze([...(written?.permissions ?? []), ...cells]),
    deny: written?.deny ?? none,
    inherits: written?.inherits ?? none,
  })
}
