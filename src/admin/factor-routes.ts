import { idParams, reasonBody } from '../contract.ts'
import { accountFactors, factorResetAnswer } from '../contract-factors.ts'
import { type Route, route } from '../http/index.ts'
import { type AdminRouteParts, byCaller, changeProblems, mustExist } from './caller.ts'

/** Second factors of an account: seen, and taken away from somebody who lost them. */
export function factorRoutes(parts: AdminRouteParts): readonly Route[] {
  return [showRoute(parts), resetRoute(parts)]
}

function showRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'GET',
    path: `${parts.path}/users/{id}/factors`,
    summary: 'The second factors of an account, never what could prove one',
    policy: { kind: 'permission', permission: 'read:security:users' },
    params: idParams,
    responses: { 200: { description: 'Second factors', schema: accountFactors } },
    problems: ['account_not_found'],
    handle: async ({ params }) => {
      await mustExist(parts, params.id)
      return { status: 200, json: await parts.users.factors(params.id) }
    },
  })
}

function resetRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/users/{id}/factors/reset`,
    summary:
      'Take every second factor away and end the sessions; with mfa.fourEyes the first call waits a day for a second administrator',
    policy: { kind: 'permission', permission: 'write:security:users' },
    stepUp: true,
    params: idParams,
    body: reasonBody,
    responses: { 200: { description: 'Done, or waiting', schema: factorResetAnswer } },
    problems: [...changeProblems, 'factor_missing', 'second_administrator_dependent'],
    handle: async ({ auth, body, exchange, params }) => {
      await mustExist(parts, params.id)
      const by = byCaller({ auth, exchange }, body.reason)
      return { status: 200, json: await parts.users.resetFactors(params.id, by) }
    },
  })
}
