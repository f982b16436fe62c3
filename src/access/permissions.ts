import type { CompiledCondition } from '../conditions/index.ts'
import type { PermissionRule } from '../permissions/index.ts'

/** A rule of somebody's roles, and how they come to hold it. */
export interface HeldRule extends PermissionRule {
  readonly effect: 'allow' | 'deny'
  /** The role as it is held. */
  readonly role: string
  /** The roles that it inherits the rule through, the one that states it last. */
  readonly through: readonly string[]
  /** Held in the organisation that the request names, not everywhere. */
  readonly inOrganisation?: true
}

/** The rules that reach one permission: whatever the row (`true`), or for rows that meet one of these. */
export interface RulesFor {
  readonly allow: true | readonly CompiledCondition[]
  readonly deny: true | readonly CompiledCondition[]
}

/** What one caller may do. A deny always wins over an allow. */
export interface Permissions {
  /** The patterns that are allowed, for every row or for some. */
  readonly patterns: readonly string[]
  /** The patterns that are denied, for every row or for some. */
  readonly denied: readonly string[]
  /** Every rule, for reading. */
  readonly rules: readonly HeldRule[]
  /** Whether `permission` is allowed whatever the row. */
  has(permission: string): boolean
  /** Whether `permission` may be allowed for some row. */
  some(permission: string): boolean
  /** What decides on `permission`. */
  rulesFor(permission: string): RulesFor
  /** The rules that reach `permission` by their patterns, denials first. */
  reaching(permission: string): readonly HeldRule[]
  /** False where the scopes of an API key end before `permission`. */
  inScope(permission: string): boolean
  /** Whether the holder may hand `pattern` out, to be held everywhere and for every row: it lies within one of hers and meets no denial. */
  covers(pattern: string): boolean
  /**
   * Whether the holder holds all of `other`, so that she may hand it out: each allowance, for the rows
   * that it is for, and each denial, as taking a denial away gives what it denied.
   */
  coversAll(other: Permissions): boolean
  /** Whether an API key of the holder may carry `scope`: it lies within one of hers, also one for some rows. */
  lends(scope: string): boolean
}
