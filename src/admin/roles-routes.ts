import { accessErrors, type RoleDefinition } from '../access/index.ts'
import { role, roleBody, roleNameParams, rolePage, roleQuery } from '../contract-access.ts'
import { type Route, route } from '../http/index.ts'
import { type AdminRouteParts, byCaller } from './caller.ts'

/** Roles themselves: read all of them; make, change and remove those that are made while the app runs. */
export function rolesRoutes(parts: AdminRouteParts): readonly Route[] {
  return [listRoute(parts), showRoute(parts), putRoute(parts), deleteRoute(parts)]
}

function listRoute({ customRoles, path }: AdminRouteParts): Route {
  return route({
    method: 'GET',
    path: `${path}/roles`,
    summary: 'All roles and what they hold',
    policy: { kind: 'permission', permission: 'read:security:roles' },
    query: roleQuery,
    responses: { 200: { description: 'Roles in the order of their names', schema: rolePage } },
    problems: [],
    handle: async ({ query }) => ({ status: 200, json: await customRoles.list(query) }),
  })
}

function showRoute({ customRoles, path }: AdminRouteParts): Route {
  return route({
    method: 'GET',
    path: `${path}/roles/{name}`,
    summary: 'One role and what it holds',
    policy: { kind: 'permission', permission: 'read:security:roles' },
    params: roleNameParams,
    responses: { 200: { description: 'Role', schema: role } },
    problems: ['role_not_found'],
    handle: async ({ params }) => {
      const json = await customRoles.find(params.name)
      if (!json) throw accessErrors.role_not_found()
      return { status: 200, json }
    },
  })
}

function putRoute({ customRoles, path }: AdminRouteParts): Route {
  return route({
    method: 'PUT',
    path: `${path}/roles/{name}`,
    summary: 'Make or change a role; it holds nothing that you lack, and is none of yours',
    policy: { kind: 'permission', permission: 'write:security:roles' },
    stepUp: true,
    params: roleNameParams,
    body: roleBody,
    responses: { 200: { description: 'The role now', schema: role } },
    problems: [
      ...['role_fixed', 'role_definition_invalid', 'role_changed'],
      ...['role_outranks_giver', 'own_roles_unchangeable'],
    ],
    handle: async ({ auth, body, exchange, params }) => {
      const { description, reason, version, ...definition } = body
      const by = byCaller({ auth, exchange }, reason)
      const change = { ...by, description, version }
      // Whether conditions are any is for the room to say, with the place of each mistake.
      const json = await customRoles.set(params.name, definition as RoleDefinition, change)
      return { status: 200, json }
    },
  })
}

function deleteRoute({ customRoles, path }: AdminRouteParts): Route {
  return route({
    method: 'DELETE',
    path: `${path}/roles/{name}`,
    summary: 'Remove a role that nobody holds and no role inherits',
    policy: { kind: 'permission', permission: 'delete:security:roles' },
    stepUp: true,
    params: roleNameParams,
    responses: { 204: { description: 'Removed' } },
    problems: [
      ...['role_fixed', 'role_not_found', 'role_in_use'],
      ...['role_outranks_giver', 'own_roles_unchangeable'],
    ],
    handle: async ({ auth, exchange, params }) => {
      await customRoles.remove(params.name, byCaller({ auth, exchange }))
      return { status: 204 }
    },
  })
}
