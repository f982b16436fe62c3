import type { AttributeType, ColumnType, Condition } from '../conditions/index.ts'
import type { ConditionalPermission } from '../permissions/index.ts'
import type { Duration } from './duration.ts'

/** Roles, what they may do, and to which rows. */
export interface AccessOptions {
  /** Role of a new account. */
  readonly defaultRole?: string
  /** Role that holds `*`; its last member cannot be removed. */
  readonly superAdminRole?: string
  /** Roles by name. They are added to the system roles; a system role named here is replaced as a whole. */
  readonly roles?: Readonly<Record<string, RoleOptions>>
  /** The same as `permissions` of roles, written as a table: role, resource, action, and `true` or a condition. */
  readonly matrix?: Readonly<Record<string, Readonly<Record<string, MatrixRow>>>>
  /** The app's resources by name. Once there is one, a permission that names no known resource or action is refused. */
  readonly resources?: Readonly<Record<string, ResourceOptions>>
  /** Actions of every resource beside `read`, `write` (create and update), `create`, `update` and `delete`. */
  readonly actions?: readonly string[]
  /** Facts about callers that conditions compare with, by type. The app gives their values with each question. */
  readonly attributes?: Readonly<Record<string, AttributeType>>
}

/** What a role may do with one resource: per action `true`, or the condition that a row has to meet. */
export type MatrixRow = Readonly<Record<string, boolean | Condition>>

/** One role. */
export interface RoleOptions {
  /** Permissions `action:resource[:sub]`; `*` stands for one segment, and as the last for all that follow. One with `when` holds for the rows that meet the condition. */
  readonly permissions: readonly (string | ConditionalPermission)[]
  /** Permissions taken away again; they win over every grant. One with `when` takes away the rows that meet the condition. */
  readonly deny?: readonly (string | ConditionalPermission)[]
  /** Names of roles whose permissions this one has as well. */
  readonly inherits?: readonly string[]
}

/** A resource of the app, and the columns of its rows that conditions may read. */
export interface ResourceOptions {
  /** Table or view, `name` or `schema.name`. By default the name of the resource. */
  readonly table?: string
  /** Columns that conditions may read, by type. `instant` is a whole number of epoch milliseconds. */
  readonly columns?: Readonly<Record<string, ColumnType>>
  /** The column that holds the id of the account whose row it is: then `action:resource:own` reaches one's own rows. */
  readonly owner?: string
  /** The column that holds the id of the organisation whose row it is; `false`: no row belongs to one, and roles held in one reach it as they stand. Without either, only roles that are held everywhere reach it. */
  readonly tenant?: string | false
  /** Actions of this resource beside those of all. */
  readonly actions?: readonly string[]
}

/** Organisations: tenants with members, roles of their own and a policy of their own. */
export interface OrganisationOptions {
  /** How a request names its organisation: a header, a host name below a domain, or the app's routes alone. */
  readonly from?: 'route' | 'header' | 'host'
  /** The header, which holds an id or a short name. */
  readonly header?: string
  /** The domain whose first label names the organisation: `example.com` for `acme.example.com`. Needed by `from: 'host'`. */
  readonly domain?: string
  /** Who may make one: administrators, or every account with a verified address, which then owns it. */
  readonly create?: 'administrators' | 'everyone'
  /** Role in an organisation of whoever made it. */
  readonly ownerRole?: string
  /** Role in an organisation of a member who is given no other. */
  readonly memberRole?: string
  /** `shared`: one account for all organisations. `isolated`: each has accounts of its own, so one address may have several. Not to be changed later. */
  readonly tenancy?: 'shared' | 'isolated'
}

/** API keys. */
export interface ApiKeyOptions {
  /** Word in every key, `hf_<environment>_...`, by which scanners and people tell them apart. By default `live`, in development `test`. */
  readonly environment?: string
  /** Requests an hour of a key that says nothing else. */
  readonly limitPerHour?: number
  /** Most that the owner of a key may set. */
  readonly maxLimitPerHour?: number
  /** Longest life of a key; absent: a key may live for ever. */
  readonly maxLifetime?: Duration
  /** How long the key before works on after a rotation, unless the request says less. */
  readonly rotationOverlap?: Duration
  /** Most keys of one owner that work at a time. */
  readonly maxPerOwner?: number
}
