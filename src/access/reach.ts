import type { Auth, Explanation, RowFilter } from '../http/index.ts'
import { constantFilter } from '../rows/index.ts'
import type { PermissionSet } from './permission-set.ts'

/** Whose permissions they are. */
export interface ReachCaller {
  readonly userId: string
  readonly organisation?: string
  readonly level: 1 | 2
  /** Below it nothing is permitted. */
  readonly requiredLevel: 1 | 2
}

/** The questions that a caller answers about its permissions. */
export type Reach = Pick<Auth, 'can' | 'rows' | 'explain'>

/** What permissions reach for one caller: nothing at all below the level that policy demands. */
export function reachOf(permissions: PermissionSet, caller: ReachCaller): Reach {
  const isHigh = caller.level >= caller.requiredLevel
  const can = isHigh ? (permission: string) => permissions.has(permission) : () => false
  const rows = (permission: string): RowFilter => constantFilter(can(permission) ? 'all' : 'none')
  const explain = (permission: string): Explanation => {
    const allowed = can(permission)
    const reason = allowed ? 'allowed' : isHigh ? 'no_rule' : 'level'
    return { allowed, permission, reason, rules: [] }
  }
  return { can, rows, explain }
}
