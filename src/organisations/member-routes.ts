import {
  addMemberBody,
  member,
  memberPage,
  memberParams,
  memberRoleBody,
  memberRoleParams,
  organisationParams,
  pageQuery,
} from '../contract-organisations.ts'
import { type Route, route } from '../http/index.ts'
import { answerMember, byCaller, changeProblems, type RouteScope } from './route-parts.ts'

/**
 * Members of an organisation and their roles there. Administrators add accounts; members invite, so that
 * nobody belongs to what they never agreed to.
 */
export function memberRoutes(scope: RouteScope): readonly Route[] {
  const isOwn = scope.policy('write', 'members').kind === 'member'
  return [
    listRoute(scope),
    showRoute(scope),
    ...(isOwn ? [] : [addRoute(scope)]),
    removeRoute(scope),
    grantRoute(scope),
    withdrawRoute(scope),
  ]
}

function listRoute({ organisationOf, organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'GET',
    path: `${path}/{organisation}/members`,
    summary: 'Members of an organisation with their roles there, page by page',
    policy: policy('read', 'members'),
    params: organisationParams,
    query: pageQuery,
    responses: { 200: { description: 'Members', schema: memberPage } },
    problems: changeProblems,
    handle: async (call) => ({
      status: 200,
      json: await organisations.members(organisationOf(call), call.query),
    }),
  })
}

function showRoute({ organisationOf, organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'GET',
    path: `${path}/{organisation}/members/{userId}`,
    summary: 'A member of an organisation',
    policy: policy('read', 'members'),
    params: memberParams,
    responses: { 200: { description: 'The member', schema: member } },
    problems: [...changeProblems, 'member_not_found'],
    handle: (call) => {
      const { userId } = call.params
      return answerMember(organisations, { organisation: organisationOf(call), userId })
    },
  })
}

function addRoute({ organisationOf, organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'POST',
    path: `${path}/{organisation}/members`,
    summary: 'Make an account a member without asking its owner',
    policy: policy('write', 'members'),
    stepUp: true,
    params: organisationParams,
    body: addMemberBody,
    responses: { 201: { description: 'The member', schema: member } },
    problems: [...changeProblems, ...roleProblems, 'member_exists', 'member_ineligible'],
    handle: async (call) => {
      const { reason, ...added } = call.body
      const organisation = organisationOf(call)
      await organisations.addMember(organisation, added, byCaller(call, reason))
      return answerMember(organisations, { organisation, userId: added.userId }, 201)
    },
  })
}

function removeRoute({ organisationOf, organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'DELETE',
    path: `${path}/{organisation}/members/{userId}`,
    summary: 'Remove a member with their roles there; the last owner stays',
    policy: policy('delete', 'members'),
    stepUp: true,
    params: memberParams,
    responses: { 204: { description: 'Removed' } },
    problems: [...changeProblems, ...memberProblems, 'last_owner'],
    handle: async (call) => {
      const { userId } = call.params
      await organisations.removeMember(organisationOf(call), userId, byCaller(call))
      return { status: 204 }
    },
  })
}

function grantRoute({ organisationOf, organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'POST',
    path: `${path}/{organisation}/members/{userId}/roles`,
    summary: 'Give a member a role there; nobody gives more than they hold, or to themselves',
    policy: policy('write', 'members'),
    stepUp: true,
    params: memberParams,
    body: memberRoleBody,
    responses: { 200: { description: 'The member now', schema: member } },
    problems: [...changeProblems, ...memberProblems, ...roleProblems],
    handle: async (call) => {
      const { reason, ...change } = call.body
      const { userId } = call.params
      const organisation = organisationOf(call)
      await organisations.grantRole(organisation, { ...change, userId }, byCaller(call, reason))
      return answerMember(organisations, { organisation, userId })
    },
  })
}

function withdrawRoute({ organisationOf, organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'DELETE',
    path: `${path}/{organisation}/members/{userId}/roles/{role}`,
    summary: 'Take a role of a member; the last owner stays',
    policy: policy('write', 'members'),
    stepUp: true,
    params: memberRoleParams,
    responses: { 200: { description: 'The member now', schema: member } },
    problems: [...changeProblems, ...memberProblems, 'grant_missing', 'last_owner'],
    handle: async (call) => {
      const { role, userId } = call.params
      const organisation = organisationOf(call)
      await organisations.withdrawRole(organisation, { userId, role }, byCaller(call))
      return answerMember(organisations, { organisation, userId })
    },
  })
}

const memberProblems = [
  'member_not_found',
  'own_roles_unchangeable',
  'role_outranks_giver',
] as const
const roleProblems = ['role_unknown', 'role_not_for_organisations', 'role_outranks_giver'] as const
