import type { Access } from '../access/index.ts'
import { grantBody, idParams, roleParams, rolesAnswer } from '../contract.ts'
import type { Database } from '../database/index.ts'
import { type Auth, type Exchange, originOf, type Route, route } from '../http/index.ts'
import { findUserById } from '../users/index.ts'
import { adminErrors } from './errors.ts'

export interface AdminRouteParts {
  readonly access: Access
  readonly database: Database
  readonly path: string
}

/** Roles of accounts: read, give, take. */
export function adminRoutes(parts: AdminRouteParts): readonly Route[] {
  return [listRoute(parts), grantRoute(parts), withdrawRoute(parts)]
}

function listRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'GET',
    path: `${parts.path}/users/{id}/roles`,
    summary: 'The roles of an account',
    policy: { kind: 'permission', permission: 'read:security:roles' },
    params: idParams,
    responses: { 200: { description: 'Roles', schema: rolesAnswer } },
    problems: ['account_not_found'],
    handle: async ({ params }) => answerRoles(parts, params.id, 200),
  })
}

function grantRoute(parts: AdminRouteParts): Route {
  const { access, database } = parts
  return route({
    method: 'POST',
    path: `${parts.path}/users/{id}/roles`,
    summary: 'Give a role; nobody gives more than they hold, or to themselves',
    policy: { kind: 'permission', permission: 'write:security:roles' },
    params: idParams,
    body: grantBody,
    responses: { 200: { description: 'The roles now', schema: rolesAnswer } },
    problems: [
      'account_not_found',
      'role_unknown',
      'role_outranks_giver',
      'own_roles_unchangeable',
    ],
    handle: async ({ auth, body, exchange, params }) => {
      await mustExist(parts, params.id)
      const { expiresAt, reason, role } = body
      await database.transaction((trx) =>
        access.grant(trx, {
          userId: params.id,
          role,
          ...byCaller(parts, auth, exchange),
          ...(expiresAt === undefined ? {} : { expiresAt }),
          ...(reason === undefined ? {} : { reason }),
        }),
      )
      return answerRoles(parts, params.id, 200)
    },
  })
}

function withdrawRoute(parts: AdminRouteParts): Route {
  const { access, database } = parts
  return route({
    method: 'DELETE',
    path: `${parts.path}/users/{id}/roles/{role}`,
    summary: 'Take a role away; the last super administrator stays',
    policy: { kind: 'permission', permission: 'write:security:roles' },
    params: roleParams,
    responses: { 200: { description: 'The roles now', schema: rolesAnswer } },
    problems: [
      ...['account_not_found', 'role_unknown', 'grant_missing', 'last_super_admin'],
      ...['role_outranks_giver', 'own_roles_unchangeable'],
    ],
    handle: async ({ auth, exchange, params }) => {
      await mustExist(parts, params.id)
      const change = { userId: params.id, role: params.role, ...byCaller(parts, auth, exchange) }
      await database.transaction((trx) => access.withdraw(trx, change))
      return answerRoles(parts, params.id, 200)
    },
  })
}

async function mustExist({ database }: AdminRouteParts, id: string): Promise<void> {
  if (!(await findUserById(database.reader, id))) throw adminErrors.account_not_found()
}

async function answerRoles(parts: AdminRouteParts, userId: string, status: number) {
  await mustExist(parts, userId)
  const { roles } = await parts.access.rolesOf(parts.database.reader, userId)
  return { status, json: { userId, roles } }
}

function byCaller({ access }: AdminRouteParts, auth: Auth | undefined, exchange: Exchange) {
  if (!auth) throw new Error('the policy of this route admits nobody without a session')
  const permissions = access.permissionsOf(auth.roles)
  return {
    actor: { kind: 'user', id: auth.userId },
    giver: { userId: auth.userId, permissions },
    origin: originOf(exchange),
  } as const
}
