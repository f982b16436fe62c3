import type { CompiledCondition, Condition } from '../conditions/index.ts'

/** A permission for some rows. */
export interface ConditionalPermission {
  readonly permission: string
  readonly when: Condition
}

/** What a role holds. `inherits` names other roles whose permissions and denials are added. */
export interface RoleDefinition {
  readonly permissions: readonly (string | ConditionalPermission)[]
  readonly deny?: readonly (string | ConditionalPermission)[]
  readonly inherits?: readonly string[]
}

/** A pattern, and the condition of the rows that it is for. */
export interface PermissionRule {
  readonly pattern: string
  /** As it is written; absent: for every row. */
  readonly when?: Condition
  /** The same made ready. There exactly when `when` is. */
  readonly condition?: CompiledCondition
}

/** A role made ready. */
export interface RoleRules {
  readonly allow: readonly PermissionRule[]
  readonly deny: readonly PermissionRule[]
  readonly inherits: readonly string[]
}
