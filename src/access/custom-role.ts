import { json } from '../database/index.ts'
import { type RoleDefinition, systemRoles } from '../permissions/index.ts'
import type { CustomRoleRow } from './custom-role-table.ts'
import { type FullRoleDefinition, readDefinition } from './role-definition.ts'

/** A role as administrators see it. Instants in epoch milliseconds. */
export interface CustomRole extends FullRoleDefinition {
  readonly name: string
  /** Whose it is: Holdfast's, of the app's options, or made while the app runs. */
  readonly kind: 'system' | 'app' | 'custom'
  readonly description: string | null
  /** For the next change; null where a role is not changed like that. */
  readonly version: number | null
  readonly createdAt: number | null
  readonly createdBy: string | null
  readonly updatedAt: number | null
  readonly updatedBy: string | null
}

/** The definition in a row; nothing is permitted by one that cannot be read. */
export function definitionOf({ definition }: CustomRoleRow): FullRoleDefinition {
  const read = readDefinition(json.decode(definition))
  return read.ok ? read.definition : { permissions: [], deny: [], inherits: [] }
}

export function customRoleOf(row: CustomRoleRow): CustomRole {
  return {
    ...{ name: row.name, kind: 'custom', description: row.description },
    ...definitionOf(row),
    version: row.version,
    ...{ createdAt: row.created_at, createdBy: row.created_by },
    ...{ updatedAt: row.updated_at, updatedBy: row.updated_by },
  }
}

/** A role of the system or of the app's options. */
export function fixedRoleOf(name: string, definition: RoleDefinition): CustomRole {
  const { deny = [], inherits = [], permissions } = definition
  const isSystem = Object.hasOwn(systemRoles, name) && systemRoles[name] === definition
  return {
    ...{ name, kind: isSystem ? 'system' : 'app', description: null },
    ...{ permissions, deny, inherits, version: null },
    ...{ createdAt: null, createdBy: null, updatedAt: null, updatedBy: null },
  }
}
