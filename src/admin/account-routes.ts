import { accountQuery, createAccountBody, idParams, sessionList } from '../contract.ts'
import { account, accountPage } from '../contract-accounts.ts'
import { type Route, route } from '../http/index.ts'
import { describeSession } from '../sessions/index.ts'
import { type AdminRouteParts, answerAccount, byCaller, mustExist } from './caller.ts'

/** Accounts: find, show, make. */
export function accountRoutes(parts: AdminRouteParts): readonly Route[] {
  return [searchRoute(parts), createRoute(parts), showRoute(parts), sessionsRoute(parts)]
}

function searchRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'GET',
    path: `${parts.path}/users`,
    summary: 'Accounts in the order of their creation, by part of a name, status and role',
    policy: { kind: 'permission', permission: 'read:security:users' },
    query: accountQuery,
    responses: { 200: { description: 'A page of accounts', schema: accountPage } },
    handle: async ({ query }) => ({ status: 200, json: await parts.users.search(query) }),
  })
}

function showRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'GET',
    path: `${parts.path}/users/{id}`,
    summary: 'An account',
    policy: { kind: 'permission', permission: 'read:security:users' },
    params: idParams,
    responses: { 200: { description: 'The account', schema: account } },
    problems: ['account_not_found'],
    handle: async ({ params }) => {
      await mustExist(parts, params.id)
      return answerAccount(parts, params.id)
    },
  })
}

function sessionsRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'GET',
    path: `${parts.path}/users/{id}/sessions`,
    summary: 'The live sessions of an account, newest first',
    policy: { kind: 'permission', permission: 'read:security:users' },
    params: idParams,
    responses: { 200: { description: 'Sessions', schema: sessionList } },
    problems: ['account_not_found'],
    handle: async ({ auth, params }) => {
      await mustExist(parts, params.id)
      const rows = await parts.users.sessions(params.id)
      const sessions = rows.map((row) => describeSession(row, auth?.sessionId))
      return { status: 200, json: { sessions } }
    },
  })
}

function createRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/users`,
    summary:
      'Make an account: with a password it is ready, without one its owner is invited; naming roles also needs write:security:roles',
    policy: { kind: 'permission', permission: 'write:security:users' },
    stepUp: true,
    body: createAccountBody,
    responses: { 201: { description: 'The new account', schema: account } },
    problems: [
      ...['email_invalid', 'email_unsupported', 'username_invalid', 'weak_password'],
      ...['account_exists', 'role_unknown', 'role_outranks_giver', 'invitations_closed'],
      'organisation_not_found',
    ],
    handle: async ({ auth, body, exchange }) => {
      const { password, reason, ...names } = body
      const by = byCaller({ auth, exchange }, reason)
      const json =
        password === undefined
          ? await parts.users.invite(names, by)
          : await parts.users.create({ ...names, password }, by)
      return { status: 201, json }
    },
  })
}
