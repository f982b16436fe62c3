import { type RlsAction, type RlsResource, rlsCommands, rlsScript } from '../rows/index.ts'
import type { RoleBook } from './roles.ts'

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
  return rlsScript({ resources, roles: roles.names, superAdminRole })
}

function rulesOf(roles: RoleBook, resource: string): RlsResource['rules'] {
  const actions = Object.keys(rlsCommands) as RlsAction[]
  return actions.flatMap((action) =>
    roles.names.map((role) => {
      const { allow, deny } = roles.permissionsOf([role]).rulesFor(`${action}:${resource}`)
      return { role, action, allow, deny }
    }),
  )
}
