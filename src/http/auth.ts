import type { Expression, SqlBool } from 'kysely'
import type { AppObject, AttributeValues, Condition } from '../conditions/index.ts'

/** What a question about rows or an object adds to the caller. */
export interface RowOptions {
  /** The facts about the caller that the option `access.attributes` declares. */
  readonly attributes?: AttributeValues
}

/** A condition on rows as text with its parameters. */
export interface SqlFilter {
  /** A condition that is always in parentheses, such as `("p"."owner_id" = $3)`. */
  readonly text: string
  /** In the order of the placeholders. */
  readonly parameters: readonly (string | number | null)[]
}

/** For which database a filter is written, and how the query names its table. */
export interface SqlFilterOptions {
  readonly dialect: 'sqlite' | 'postgres' | 'mysql'
  /** Name or alias of the table in the query. By default its own. */
  readonly alias?: string
  /** Number of the first `$n` on PostgreSQL; by default 1. */
  readonly firstParameter?: number
}

/** The rows that somebody may touch. Row filter and `check` never disagree. */
export interface RowFilter {
  /**
   * `all`: no condition; `some`: those that meet the condition; `none`: no rule reaches a row. An attribute that is
   * told, though empty, is a condition that no row meets, so that a list is empty and not refused.
   */
  readonly reach: 'all' | 'some' | 'none'
  /**
   * For `where(rows.kysely())` of the app's own Kysely; `alias` names the table in the query. Its
   * engine is that of Holdfast's database unless `dialect` says otherwise.
   */
  kysely(alias?: string, dialect?: SqlFilterOptions['dialect']): Expression<SqlBool>
  /** For every other driver. */
  sql(options: SqlFilterOptions): SqlFilter
  /** Whether one row is among them. Throws `object_invalid` when a column is missing or of another type. */
  check(row: AppObject): boolean
}

/** Why something is allowed or not: the rule that decided. */
export interface Explanation {
  readonly allowed: boolean
  readonly permission: string
  /**
   * `allowed`; `no_rule` reaches it; `denied` by a rule; `condition` of every rule that reaches it is
   * unmet; `organisation`: what reaches it is held in one, and the resource declares no `tenant`, or `tenant: false` and a
   * wildcard only reads it; `level` is below what policy demands; `scope` of the API key is too narrow; `unknown` resource or action. Asked about somebody: `user_unknown`, there
   * is no such account; `account_closed`, it is not in use, so that nobody signs in to it; `organisation_unknown`, there is no such organisation, or they do not belong to it.
   */
  readonly reason:
    | 'allowed'
    | 'no_rule'
    | 'denied'
    | 'condition'
    | 'organisation'
    | 'level'
    | 'scope'
    | 'unknown'
    | 'user_unknown'
    | 'account_closed'
    | 'organisation_unknown'
  /** The rule that decided; absent where none reached. */
  readonly rule?: ExplainedRule
  /** Every rule that reaches the permission, in the order they count. */
  readonly rules: readonly ExplainedRule[]
}

/** One rule as an explanation shows it. */
export interface ExplainedRule {
  readonly effect: 'allow' | 'deny'
  /** The role as it is held, and the roles it inherits the rule through. */
  readonly role: string
  readonly through: readonly string[]
  /** Where the role is held; absent: everywhere. */
  readonly organisation?: string
  readonly pattern: string
  readonly when?: Condition
  /**
   * Whether it counts here: its condition is met, of a denial also by a fact that nobody told. Absent
   * without an object, or without a condition.
   */
  readonly met?: boolean
}

/** The caller of a request that presented a valid credential. */
export interface Auth {
  /** The account; of a service account or organisation that owns a key, its id. */
  readonly userId: string
  /** Empty where an API key called: it has no session. */
  readonly sessionId: string
  /** The API key that called. */
  readonly keyId?: string
  /** Roles that are held everywhere. None for an API key. */
  readonly roles: readonly string[]
  /**
   * Roles that are held in the organisation that the request names, and there alone: whoever has an
   * organisation of their own gives them there. Absent where none is named, and for an API key.
   */
  readonly organisationRoles?: readonly string[]
  /** The permission patterns of these roles; the scopes of an API key. */
  readonly permissions: readonly string[]
  /**
   * Whether these permissions reach `permission`, whatever the object; wildcards and denials included.
   * With an object: whether they reach it for this one. Throws `object_invalid` for an object that lacks a
   * column that a condition reads.
   */
  can(permission: string, object?: AppObject, options?: RowOptions): boolean
  /**
   * The rows that this caller may touch. `resource` is the permission's own unless it is given.
   * Throws `permission_invalid` for what is no permission, `resource_unknown` for a resource without columns where a condition would have to be read.
   */
  rows(permission: string, resource?: string, options?: RowOptions): RowFilter
  /** The rule that decides. For developers and administrators; it tells what a refusal must not. */
  explain(permission: string, object?: AppObject, options?: RowOptions): Explanation
  /**
   * What PostgreSQL's row-level security reads of this caller, by setting: `holdfast.user_id`, the
   * organisation, roles, level, moment, permissions for some rows, and attributes. `setCaller` gives
   * them to one transaction. They hold for this moment; ask again for the next transaction.
   */
  settings(options?: RowOptions): Readonly<Record<string, string>>
  /** Authenticator assurance level, computed from the factors proven. */
  readonly level: 1 | 2
  /** Whether the account has a second factor: then a fresh proof is one of level 2. */
  readonly secondFactor: boolean
  /** The level that policy demands of this account now; below it no permission counts. */
  readonly requiredLevel: 1 | 2
  /** When the person last proved who they are, by sign-in or step-up. Epoch milliseconds. */
  readonly authTime: number
  /** Goes with unsafe requests of forms that browsers send without saying where from, as `_csrf`. Empty for an API key. */
  readonly csrfToken: string
  /** Id of the organisation that the request names and the caller belongs to. */
  readonly organisation?: string
}
