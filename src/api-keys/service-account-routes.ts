import { grantBody, idParams, roleParams } from '../contract.ts'
import {
  keyReasonBody,
  principalRoles,
  serviceAccount,
  serviceAccountBody,
  serviceAccountList,
} from '../contract-keys.ts'
import { type Route, route } from '../http/index.ts'
import { administratorOfCall, type KeyRouteParts } from './caller.ts'

const permission = (action: 'read' | 'write') =>
  ({ kind: 'permission', permission: `${action}:security:service_accounts` }) as const

/** The administrators' routes of service accounts, and of the roles of organisations as owners of keys. */
export function serviceAccountRoutes(parts: KeyRouteParts): readonly Route[] {
  return [
    listRoute(parts),
    createRoute(parts),
    showRoute(parts),
    standingRoute(parts, 'disable'),
    standingRoute(parts, 'enable'),
    ...roleRoutes(parts, { kind: 'service_account', segment: 'service-accounts' }),
    ...roleRoutes(parts, { kind: 'organisation', segment: 'organisations' }),
  ]
}

function listRoute({ adminPath, serviceAccounts }: KeyRouteParts): Route {
  return route({
    method: 'GET',
    path: `${adminPath}/service-accounts`,
    summary: 'Service accounts in the order of their creation, with their roles',
    policy: permission('read'),
    responses: { 200: { description: 'Service accounts', schema: serviceAccountList } },
    handle: async () => ({
      status: 200,
      json: { serviceAccounts: await serviceAccounts.list() },
    }),
  })
}

function createRoute({ adminPath, serviceAccounts }: KeyRouteParts): Route {
  return route({
    method: 'POST',
    path: `${adminPath}/service-accounts`,
    summary: 'Make an account for a program; nobody gives it more than they hold',
    policy: permission('write'),
    stepUp: true,
    body: serviceAccountBody,
    responses: { 201: { description: 'Service account', schema: serviceAccount } },
    problems: [
      ...['service_account_exists', 'organisation_not_found'],
      ...['role_unknown', 'role_outranks_giver'],
    ],
    handle: async (call) => {
      const { reason, ...input } = call.body
      const by = administratorOfCall(call, reason)
      return { status: 201, json: await serviceAccounts.create(input, by) }
    },
  })
}

function showRoute({ adminPath, serviceAccounts }: KeyRouteParts): Route {
  return route({
    method: 'GET',
    path: `${adminPath}/service-accounts/{id}`,
    summary: 'A service account',
    policy: permission('read'),
    params: idParams,
    responses: { 200: { description: 'Service account', schema: serviceAccount } },
    problems: ['service_account_not_found'],
    handle: async ({ params }) => ({ status: 200, json: await serviceAccounts.get(params.id) }),
  })
}

function standingRoute(
  { adminPath, serviceAccounts }: KeyRouteParts,
  verb: 'disable' | 'enable',
): Route {
  const what =
    verb === 'disable' ? 'Close a service account: its keys stop working' : 'Open it again'
  return route({
    method: 'POST',
    path: `${adminPath}/service-accounts/{id}/${verb}`,
    summary: what,
    policy: permission('write'),
    stepUp: true,
    params: idParams,
    body: keyReasonBody,
    responses: { 200: { description: 'As it is now', schema: serviceAccount } },
    problems: ['service_account_not_found', 'role_outranks_giver'],
    handle: async (call) => {
      const { id } = call.params
      await serviceAccounts[verb](id, administratorOfCall(call, call.body?.reason))
      return { status: 200, json: await serviceAccounts.get(id) }
    },
  })
}

interface PrincipalPath {
  readonly kind: 'service_account' | 'organisation'
  readonly segment: string
}

function roleRoutes(
  { adminPath, serviceAccounts }: KeyRouteParts,
  { kind, segment }: PrincipalPath,
): readonly Route[] {
  const path = `${adminPath}/${segment}/{id}/roles`
  const whose = kind === 'organisation' ? 'keys that an organisation owns' : 'a service account'
  const absent = kind === 'organisation' ? 'organisation_not_found' : 'service_account_not_found'
  const answer = async (id: string) => {
    const roles = await serviceAccounts.roles({ kind, id })
    return { status: 200, json: { roles } }
  }
  const responses = { 200: { description: 'The roles now', schema: principalRoles } }
  return [
    route({
      ...{ method: 'GET', path, responses, params: idParams },
      summary: `Roles of ${whose}`,
      policy: permission('read'),
      problems: [absent],
      handle: ({ params }) => answer(params.id),
    }),
    route({
      ...{ method: 'POST', path, responses, params: idParams, body: grantBody, stepUp: true },
      summary: `Give a role to ${whose}; nobody gives more than they hold`,
      policy: permission('write'),
      problems: [absent, 'role_unknown', 'role_outranks_giver'],
      handle: async (call) => {
        const { expiresAt, reason, role } = call.body
        const by = { ...administratorOfCall(call, reason), expiresAt }
        await serviceAccounts.grantRole({ kind, id: call.params.id }, role, by)
        return answer(call.params.id)
      },
    }),
    route({
      ...{ method: 'DELETE', path: `${path}/{role}`, responses, params: roleParams, stepUp: true },
      summary: `Take a role from ${whose}`,
      policy: permission('write'),
      problems: [absent, 'role_unknown', 'role_outranks_giver', 'grant_missing'],
      handle: async (call) => {
        const { id, role } = call.params
        await serviceAccounts.withdrawRole({ kind, id }, role, administratorOfCall(call))
        return answer(id)
      },
    }),
  ]
}
