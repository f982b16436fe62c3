import { c, createTable, defineTable, migration } from '../database/index.ts'

/** A role that an administrator made. Instants in epoch milliseconds. */
export interface CustomRoleRow {
  name: string
  /** Another one for each role that was ever made: a name that is taken anew is another role. */
  id: string
  /** JSON of the definition: `permissions`, `deny`, `inherits`. */
  definition: string
  description: string | null
  created_at: number
  /** Null for code and the command line. */
  created_by: string | null
  updated_at: number
  updated_by: string | null
  /** Grows with each change, from 1. */
  version: number
}

declare module '../database/types.ts' {
  interface Tables {
    hf_roles: CustomRoleRow
  }
}

const rolesTable = defineTable('hf_roles', {
  columns: {
    name: c.text(64),
    id: c.id(),
    definition: c.json(),
    description: c.text(500).nullable(),
    created_at: c.time(),
    created_by: c.text(64).nullable(),
    updated_at: c.time(),
    updated_by: c.text(64).nullable(),
    version: c.integer(),
  },
  primaryKey: ['name'],
})

/** Migrations of the roles that administrators make; they come after those of grants. */
export const customRoleMigrations = [migration('access/0002_roles', [createTable(rolesTable)])]
