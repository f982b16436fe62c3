import {
  acceptInvitationBody,
  createOrganisationBody,
  foundOrganisationBody,
  joined,
  organisation,
  organisationPage,
  organisationParams,
  organisationQuery,
  ownOrganisationList,
} from '../contract-organisations.ts'
import { originOf, type Route, route } from '../http/index.ts'
import { invitationRoutes } from './invitation-routes.ts'
import { memberRoutes } from './member-routes.ts'
import type { Organisations } from './organisations.ts'
import {
  byCaller,
  callerOf,
  describe,
  enteredOrganisation,
  type RouteScope,
} from './route-parts.ts'
import { standingRoutes } from './standing-routes.ts'

export interface OrganisationRouteParts {
  readonly organisations: Organisations
  /** First segment of what members call, for example `/auth`. */
  readonly path: string
  /** First segment of what administrators call, for example `/admin`. */
  readonly adminPath: string
}

/** Organisations for their members, and for administrators. */
export function organisationRoutes(parts: OrganisationRouteParts): readonly Route[] {
  const { adminPath, organisations, path } = parts
  const own: RouteScope = {
    organisations,
    path: `${path}/organisations`,
    policy: (action, part) => ({ kind: 'member', permission: `${action}:security:${part}` }),
    organisationOf: enteredOrganisation,
  }
  const all: RouteScope = {
    organisations,
    path: `${adminPath}/organisations`,
    policy: (action) => ({ kind: 'permission', permission: `${action}:security:organisations` }),
    organisationOf: ({ params }) => params.organisation,
  }
  return [
    listOwnRoute(own),
    foundRoute(own),
    leaveRoute(own),
    acceptRoute(organisations, path),
    listAllRoute(all),
    createRoute(all),
    ...[own, all].flatMap((scope) => [
      ...standingRoutes(scope),
      ...memberRoutes(scope),
      ...invitationRoutes(scope),
    ]),
  ]
}

function listOwnRoute({ organisations, path }: RouteScope): Route {
  return route({
    method: 'GET',
    path,
    summary: 'Organisations that you belong to, and your roles there',
    policy: { kind: 'signed-in' },
    responses: { 200: { description: 'Organisations', schema: ownOrganisationList } },
    handle: async (call) => {
      const { userId } = callerOf(call)
      return { status: 200, json: { organisations: await organisations.listOf(userId) } }
    },
  })
}

function foundRoute({ organisations, path }: RouteScope): Route {
  return route({
    method: 'POST',
    path,
    summary: 'Make an organisation of your own, where everybody may',
    policy: { kind: 'signed-in' },
    stepUp: true,
    body: foundOrganisationBody,
    responses: { 201: { description: 'The organisation', schema: organisation } },
    problems: ['forbidden', 'organisation_exists', 'organisation_limit', 'member_ineligible'],
    handle: async (call) => {
      const owner = callerOf(call).userId
      const view = await organisations.create({ ...call.body, owner }, byCaller(call))
      return { status: 201, json: describe(view) }
    },
  })
}

function leaveRoute({ organisationOf, organisations, path }: RouteScope): Route {
  return route({
    method: 'POST',
    path: `${path}/{organisation}/leave`,
    summary: 'Leave an organisation; its last owner stays',
    policy: { kind: 'member' },
    stepUp: true,
    params: organisationParams,
    responses: { 204: { description: 'Left' } },
    problems: ['last_owner'],
    handle: async (call) => {
      const { giver: _, ...by } = byCaller(call)
      await organisations.leave(organisationOf(call), callerOf(call).userId, by)
      return { status: 204 }
    },
  })
}

function acceptRoute(organisations: Organisations, path: string): Route {
  return route({
    method: 'POST',
    path: `${path}/invitations/accept`,
    summary:
      'Join the organisation of an invitation that was mailed to the address of your account',
    policy: { kind: 'signed-in' },
    body: acceptInvitationBody,
    responses: { 200: { description: 'Where you belong now', schema: joined } },
    problems: ['invitation_invalid'],
    handle: async (call) => {
      const { userId } = callerOf(call)
      const { token } = call.body
      const origin = originOf(call.exchange)
      const { organisation, roles } = await organisations.acceptInvitation({
        ...{ userId, token, origin },
      })
      const { id, name, slug } = organisation
      return { status: 200, json: { organisation: { id, slug, name }, roles } }
    },
  })
}

function listAllRoute({ organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'GET',
    path,
    summary: 'All organisations, page by page',
    policy: policy('read', 'organisation'),
    query: organisationQuery,
    responses: { 200: { description: 'Organisations', schema: organisationPage } },
    handle: async ({ query }) => {
      const page = await organisations.list(query)
      const shown = page.organisations.map(describe)
      return { status: 200, json: { organisations: shown, next: page.next } }
    },
  })
}

function createRoute({ organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'POST',
    path,
    summary: 'Make an organisation for somebody',
    policy: policy('write', 'organisation'),
    stepUp: true,
    body: createOrganisationBody,
    responses: { 201: { description: 'The organisation', schema: organisation } },
    problems: ['organisation_exists', 'member_ineligible', 'own_roles_unchangeable'],
    handle: async (call) => {
      const { reason, ...input } = call.body
      const view = await organisations.create(input, byCaller(call, reason))
      return { status: 201, json: describe(view) }
    },
  })
}
