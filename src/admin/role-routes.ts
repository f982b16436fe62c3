import { grantBody, idParams, roleParams } from '../contract.ts'
import { userRoles } from '../contract-access.ts'
import { type Route, route } from '../http/index.ts'
import { type AdminRouteParts, byCaller, mustExist } from './caller.ts'

/** Roles of accounts: read, give, take. */
export function roleRoutes(parts: AdminRouteParts): readonly Route[] {
  return [listRoute(parts), grantRoute(parts), withdrawRoute(parts)]
}

function listRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'GET',
    path: `${parts.path}/users/{id}/roles`,
    summary: 'The roles of an account',
    policy: { kind: 'permission', permission: 'read:security:roles' },
    params: idParams,
    responses: { 200: { description: 'Roles', schema: userRoles } },
    problems: ['account_not_found'],
    handle: async ({ params }) => answerRoles(parts, params.id),
  })
}

function grantRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/users/{id}/roles`,
    summary: 'Give a role; nobody gives more than they hold, or to themselves',
    policy: { kind: 'permission', permission: 'write:security:roles' },
    stepUp: true,
    params: idParams,
    body: grantBody,
    responses: { 200: { description: 'The roles now', schema: userRoles } },
    problems: [
      'account_not_found',
      'role_unknown',
      'role_outranks_giver',
      'own_roles_unchangeable',
    ],
    handle: async ({ auth, body, exchange, params }) => {
      await mustExist(parts, params.id)
      const { expiresAt, reason, role } = body
      const by = byCaller({ auth, exchange }, reason)
      await parts.users.grantRole(params.id, role, {
        ...by,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      })
      return answerRoles(parts, params.id)
    },
  })
}

function withdrawRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'DELETE',
    path: `${parts.path}/users/{id}/roles/{role}`,
    summary: 'Take a role away; the last super administrator stays',
    policy: { kind: 'permission', permission: 'write:security:roles' },
    stepUp: true,
    params: roleParams,
    responses: { 200: { description: 'The roles now', schema: userRoles } },
    problems: [
      ...['account_not_found', 'role_unknown', 'grant_missing', 'last_super_admin'],
      ...['role_outranks_giver', 'own_roles_unchangeable'],
    ],
    handle: async ({ auth, exchange, params }) => {
      await mustExist(parts, params.id)
      await parts.users.withdrawRole(params.id, params.role, byCaller({ auth, exchange }))
      return answerRoles(parts, params.id)
    },
  })
}

async function answerRoles(parts: AdminRouteParts, userId: string) {
  await mustExist(parts, userId)
  const held = await parts.access.grantsOf(parts.database.reader, userId)
  const grants = held.map((grant) => ({
    ...{ role: grant.role, since: grant.granted_at, givenBy: grant.granted_by },
    ...{ reason: grant.reason, expiresAt: grant.expires_at },
  }))
  return { status: 200, json: { userId, roles: grants.map(({ role }) => role), grants } }
}
