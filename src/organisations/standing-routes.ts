import {
  changeOrganisationBody,
  organisation,
  organisationParams,
} from '../contract-organisations.ts'
import { type Route, route } from '../http/index.ts'
import {
  answerOrganisation,
  byCaller,
  changeProblems,
  describe,
  type RouteScope,
} from './route-parts.ts'

/** What an organisation is called, what it demands, and its end. */
export function standingRoutes(scope: RouteScope): readonly Route[] {
  return [showRoute(scope), changeRoute(scope), closeRoute(scope)]
}

function showRoute({ organisationOf, organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'GET',
    path: `${path}/{organisation}`,
    summary: 'An organisation and what it demands of its members',
    policy: policy('read', 'organisation'),
    params: organisationParams,
    responses: { 200: { description: 'The organisation', schema: organisation } },
    problems: changeProblems,
    handle: (call) => answerOrganisation(organisations, organisationOf(call)),
  })
}

function changeRoute({ organisationOf, organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'PATCH',
    path: `${path}/{organisation}`,
    summary: 'Change the name, the short name or the policy of an organisation',
    policy: policy('write', 'organisation'),
    stepUp: true,
    params: organisationParams,
    body: changeOrganisationBody,
    responses: { 200: { description: 'The organisation now', schema: organisation } },
    problems: [
      ...changeProblems,
      'organisation_exists',
      'short_name_limit',
      'organisation_shuts_out',
    ],
    handle: async (call) => {
      const { policy: demands, ...names } = call.body
      const changes = { ...names, ...(demands === undefined ? {} : { policy: plain(demands) }) }
      const view = await organisations.change(organisationOf(call), changes, byCaller(call))
      return { status: 200, json: describe(view) }
    },
  })
}

/** Without the members that are undefined. */
function plain(policy: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined))
}

function closeRoute({ organisationOf, organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'DELETE',
    path: `${path}/{organisation}`,
    summary: 'Close an organisation for good; its members find it no more',
    policy: policy('delete', 'organisation'),
    stepUp: true,
    params: organisationParams,
    responses: { 204: { description: 'Closed' } },
    problems: changeProblems,
    handle: async (call) => {
      await organisations.close(organisationOf(call), byCaller(call))
      return { status: 204 }
    },
  })
}
