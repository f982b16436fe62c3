import { idParams } from '../contract.ts'
import {
  apiKey,
  keyListQuery,
  keyPage,
  newKeyBody,
  rotateBody,
  shownKey,
} from '../contract-keys.ts'
import { cursorOf, type Route, readCursor, route } from '../http/index.ts'
import { type KeyRouteParts, ownerOfCall } from './caller.ts'
import type { ApiKeyView } from './describe.ts'

const usualPage = 100

/** Routes of one's own keys: list, show, make, rotate, revoke. No key opens any of them. */
export function apiKeyRoutes(parts: KeyRouteParts): readonly Route[] {
  return [
    listRoute(parts),
    createRoute(parts),
    showRoute(parts),
    rotateRoute(parts),
    revokeRoute(parts),
  ]
}

function listRoute({ apiKeys, path }: KeyRouteParts): Route {
  return route({
    method: 'GET',
    path,
    summary: 'Your API keys, the newest first, page by page, without the keys themselves',
    policy: { kind: 'signed-in' },
    query: keyListQuery,
    responses: { 200: { description: 'Keys', schema: keyPage } },
    handle: async (call) => {
      const { userId } = ownerOfCall(call)
      const { after, limit = usualPage } = call.query
      const place = after === undefined ? {} : { after: readCursor(after) }
      const found = await apiKeys.list(userId, { limit: limit + 1, ...place })
      return { status: 200, json: pageOf(found, limit) }
    },
  })
}

function createRoute({ apiKeys, path }: KeyRouteParts): Route {
  return route({
    method: 'POST',
    path,
    summary: 'Make an API key. The answer is the only one that ever shows it',
    policy: { kind: 'signed-in' },
    stepUp: true,
    body: newKeyBody,
    responses: { 201: { description: 'The key', schema: shownKey } },
    problems: [
      ...['scopes_required', 'scope_outranks_owner', 'api_key_limit_reached'],
      ...['api_key_not_found', 'organisation_not_found', 'api_key_level_too_low'],
    ],
    handle: async (call) => {
      const { by, userId } = ownerOfCall(call)
      const { organisation, ...input } = call.body
      const where = organisation === undefined ? {} : { organisation }
      const owner = { kind: 'user', id: userId, ...where } as const
      return { status: 201, json: await apiKeys.create(owner, input, by) }
    },
  })
}

function showRoute({ apiKeys, path }: KeyRouteParts): Route {
  return route({
    method: 'GET',
    path: `${path}/{id}`,
    summary: 'One of your API keys',
    policy: { kind: 'signed-in' },
    params: idParams,
    responses: { 200: { description: 'Key', schema: apiKey } },
    problems: ['api_key_not_found'],
    handle: async (call) => {
      const { userId: ownerId } = ownerOfCall(call)
      return { status: 200, json: await apiKeys.get(call.params.id, { ownerId }) }
    },
  })
}

function rotateRoute({ apiKeys, path }: KeyRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/{id}/rotate`,
    summary: 'Replace one of your API keys; both work until the overlap, in seconds, has passed',
    policy: { kind: 'signed-in' },
    stepUp: true,
    params: idParams,
    body: rotateBody,
    responses: { 201: { description: 'The successor', schema: shownKey } },
    problems: [
      ...['api_key_not_found', 'api_key_not_rotatable'],
      ...['api_key_level_too_low', 'api_key_limit_reached'],
    ],
    handle: async (call) => {
      const { by, userId: ownerId } = ownerOfCall(call)
      const overlap = overlapOf(call.body)
      return {
        status: 201,
        json: await apiKeys.rotate(call.params.id, { ownerId, ...overlap }, by),
      }
    },
  })
}

function revokeRoute({ apiKeys, path }: KeyRouteParts): Route {
  return route({
    method: 'DELETE',
    path: `${path}/{id}`,
    summary: 'End one of your API keys at once',
    policy: { kind: 'signed-in' },
    params: idParams,
    responses: { 204: { description: 'Ended' } },
    problems: ['api_key_not_found'],
    handle: async (call) => {
      const { by, userId: ownerId } = ownerOfCall(call)
      await apiKeys.revoke(call.params.id, { ownerId }, by)
      return { status: 204 }
    },
  })
}

/** The overlap of a rotation that a request asks for. */
export function overlapOf(body: { readonly overlap?: number | undefined } | undefined) {
  return body?.overlap === undefined ? {} : { overlapMs: body.overlap * 1_000 }
}

/** A page of keys of which one more than `limit` was looked for. */
export function pageOf(found: readonly ApiKeyView[], limit: number) {
  const keys = found.slice(0, limit)
  const last = keys.at(-1)
  const next = last && found.length > limit ? cursorOf({ at: last.createdAt, id: last.id }) : null
  return { keys, next }
}
