import type { AttributeType, ColumnType } from '../conditions/index.ts'
import type { ConditionalPermission } from '../permissions/index.ts'
import type { MatrixRow } from './options-access.ts'

/** Roles, resources and what rules may say about them. */
export interface AccessConfig {
  readonly defaultRole: string
  readonly superAdminRole: string
  readonly roles: Readonly<Record<string, RoleConfig>>
  readonly matrix: Readonly<Record<string, Readonly<Record<string, MatrixRow>>>>
  readonly resources: Readonly<Record<string, ResourceConfig>>
  readonly actions: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeType>>
}

/** One role. */
export interface RoleConfig {
  readonly permissions: readonly (string | ConditionalPermission)[]
  readonly deny: readonly (string | ConditionalPermission)[]
  readonly inherits: readonly string[]
}

/** One resource of the app. */
export interface ResourceConfig {
  readonly table?: string
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly owner?: string
  readonly tenant?: string | false
  readonly actions: readonly string[]
}

/** How requests name their organisation, and who makes one. */
export interface OrganisationConfig {
  readonly from: 'route' | 'header' | 'host'
  readonly header: string
  readonly domain?: string
  readonly create: 'administrators' | 'everyone'
  readonly ownerRole: string
  readonly memberRole: string
  readonly tenancy: 'shared' | 'isolated'
}

/** Keys of programs. */
export interface ApiKeyConfig {
  /** Absent: by the mode. */
  readonly environment?: string
  readonly limitPerHour: number
  readonly maxLimitPerHour: number
  readonly maxLifetimeMs?: number
  readonly rotationOverlapMs: number
  readonly maxPerOwner: number
}
