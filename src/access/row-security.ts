import { type RlsAction, type RlsResource, rlsCommands, rlsScript } from '../rows/index.ts'
import type { RoleBook } from './roles.ts'
import { roleInOrganisation } from './tenant-rules.ts'

/**
 * SQL of PostgreSQL's row-level security by the rules of every role there is now. It is about the
 * resources that declare their table or columns; the others are no tables that we know.
 * Throws `table_shared` where two of them are the same table.
 */
export function rowSecurityScript(roles: RoleBook): string {
  const { superAdminRole, vocabulary } = roles
  const resources = vocabulary.resources.flatMap((name): RlsResource[] => {
    const { columns = {}, table } = vocabulary.shapeOf(name) ?? {}
    if (table === undefined && Object.keys(columns).length === 0) return []
    return [{ name, table: table ?? name, rules: rulesOf(roles, name) }]
  })
  const known = [...roles.names, ...roles.names.map(roleInOrganisation)]
  return rlsScript({ resources, roles: known, superAdminRole })
}

function rulesOf(roles: RoleBook, resource: string): RlsResource['rules'] {
  const actions = Object.keys(rlsCommands) as RlsAction[]
  return actions.flatMap((action) =>
    roles.names.flatMap((role) => {
      const permission = `${action}:${resource}`
      const rules = roles.permissionsOf([role]).rulesFor(permission)
      const rulesThere = roles.permissionsIn([], [role]).rulesFor(permission)
      return [
        { role, action, ...rules },
        { role: roleInOrganisation(role), action, ...rulesThere },
      ]
    }),
  )
}
