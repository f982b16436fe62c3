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
  /** There where its definition cannot be read: its holders may do nothing until it is set anew. */
  readonly unreadable?: true
  /** For the next change; null where a role is not changed like that. */
  readonly version: number | null
  readonly createdAt: number | null
  readonly createdBy: string | null
  readonly updatedAt: number | null
  readonly updatedBy: string | null
}

/** What stands for a definition that cannot be read: it may have denied anything, to heirs too. */
export const unreadable: FullRoleDefinition = Object.freeze({
  permissions: Object.freeze([]),
  deny: Object.freeze(['*']),
  inherits: Object.freeze([]),
})

/** The definition in a row, else `unreadable`: a damaged one is no reason to show and mend no role at all. */
export function definitionOf({ definition }: CustomRoleRow): FullRoleDefinition {
  const read = readDefinition(decoded(definition))
  return read.ok ? read.definition : unreadable
}

function decoded(definition: CustomRoleRow['definition']): unknown {
  try {
    return json.decode(definition)
  } catch {
    return undefined
  }
}

export function customRoleOf(row: CustomRoleRow): CustomRole {
  const definition = definitionOf(row)
  return {
    ...{ name: row.name, kind: 'custom', description: row.description },
    ...definition,
    ...(definition === unreadable ? { unreadable: true } : {}),
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
