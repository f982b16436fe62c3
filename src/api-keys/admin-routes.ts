import { idParams } from '../contract.ts'
import {
  decoyBody,
  keyPage,
  keyReasonBody,
  keySearchQuery,
  ownedKeyBody,
  rotateBody,
  shownKey,
} from '../contract-keys.ts'
import { type Route, readCursor, route } from '../http/index.ts'
import { administratorOfCall, type KeyRouteParts } from './caller.ts'
import { apiKeyErrors } from './errors.ts'
import { overlapOf, pageOf } from './routes.ts'

const usualPage = 50

/** The administrators' routes of all keys. Nobody is ever shown a key of somebody else's account. */
export function keyAdminRoutes(parts: KeyRouteParts): readonly Route[] {
  return [
    searchRoute(parts),
    createRoute(parts),
    rotateRoute(parts),
    revokeRoute(parts),
    decoyRoute(parts),
  ]
}

const reads = { kind: 'permission', permission: 'read:security:keys' } as const
const writes = { kind: 'permission', permission: 'write:security:keys' } as const

function searchRoute({ adminPath, apiKeys }: KeyRouteParts): Route {
  return route({
    method: 'GET',
    path: `${adminPath}/keys`,
    summary: 'API keys of everybody, page by page, without the keys themselves',
    policy: reads,
    query: keySearchQuery,
    responses: { 200: { description: 'Keys', schema: keyPage } },
    handle: async ({ query }) => {
      const { after, limit = usualPage, owner } = query
      const found = await apiKeys.search({
        limit: limit + 1,
        ...(owner === undefined ? {} : { ownerId: owner }),
        ...(after === undefined ? {} : { after: readCursor(after) }),
      })
      return { status: 200, json: pageOf(found, limit) }
    },
  })
}

function createRoute({ adminPath, apiKeys }: KeyRouteParts): Route {
  return route({
    method: 'POST',
    path: `${adminPath}/keys`,
    summary: 'Make an API key of a service account or an organisation',
    policy: writes,
    stepUp: true,
    body: ownedKeyBody,
    responses: { 201: { description: 'The key', schema: shownKey } },
    problems: [
      ...['scopes_required', 'scope_outranks_owner', 'api_key_limit_reached'],
      ...['api_key_not_found', 'organisation_not_found', 'api_key_level_too_low'],
    ],
    handle: async (call) => {
      const { owner, reason, ...input } = call.body
      const by = administratorOfCall(call, reason)
      return { status: 201, json: await apiKeys.create(owner, input, by) }
    },
  })
}

function rotateRoute({ adminPath, apiKeys }: KeyRouteParts): Route {
  return route({
    method: 'POST',
    path: `${adminPath}/keys/{id}/rotate`,
    summary: 'Replace an API key of a service account or an organisation',
    policy: writes,
    stepUp: true,
    params: idParams,
    body: rotateBody,
    responses: { 201: { description: 'The successor', schema: shownKey } },
    problems: [
      ...['api_key_not_found', 'api_key_not_rotatable'],
      ...['scope_outranks_owner', 'api_key_limit_reached', 'api_key_level_too_low'],
    ],
    handle: async (call) => {
      const { id } = call.params
      // A key of somebody's account would act in their name.
      const { owner } = await apiKeys.get(id)
      if (owner.kind === 'user') throw apiKeyErrors.api_key_not_rotatable()
      const by = administratorOfCall(call)
      return { status: 201, json: await apiKeys.rotate(id, overlapOf(call.body), by) }
    },
  })
}

function revokeRoute({ adminPath, apiKeys }: KeyRouteParts): Route {
  return route({
    method: 'POST',
    path: `${adminPath}/keys/{id}/revoke`,
    summary: 'End any API key at once',
    policy: writes,
    stepUp: true,
    params: idParams,
    body: keyReasonBody,
    responses: { 204: { description: 'Ended' } },
    problems: ['api_key_not_found'],
    handle: async (call) => {
      const by = administratorOfCall(call, call.body?.reason)
      await apiKeys.revoke(call.params.id, {}, by)
      return { status: 204 }
    },
  })
}

function decoyRoute({ adminPath, apiKeys }: KeyRouteParts): Route {
  return route({
    method: 'POST',
    path: `${adminPath}/keys/decoys`,
    summary: 'Make a decoy: a key worth nothing, whose first use raises an alert',
    policy: writes,
    stepUp: true,
    body: decoyBody,
    responses: { 201: { description: 'The decoy', schema: shownKey } },
    handle: async (call) => {
      const by = administratorOfCall(call)
      return { status: 201, json: await apiKeys.createDecoy(call.body.name, by) }
    },
  })
}
