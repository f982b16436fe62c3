import {
  invitation,
  invitationList,
  invitationParams,
  inviteBody,
  organisationParams,
} from '../contract-organisations.ts'
import { clientKeyOf, type Route, route } from '../http/index.ts'
import { byCaller, changeProblems, type RouteScope } from './route-parts.ts'

/** Invitations to an organisation: send, see, take back. */
export function invitationRoutes(scope: RouteScope): readonly Route[] {
  return [listRoute(scope), inviteRoute(scope), revokeRoute(scope)]
}

function listRoute({ organisationOf, organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'GET',
    path: `${path}/{organisation}/invitations`,
    summary: 'Invitations of an organisation that wait to be accepted',
    policy: policy('read', 'invitations'),
    params: organisationParams,
    responses: { 200: { description: 'Invitations', schema: invitationList } },
    problems: changeProblems,
    handle: async (call) => ({
      status: 200,
      json: { invitations: await organisations.invitations(organisationOf(call)) },
    }),
  })
}

function inviteRoute({ organisationOf, organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'POST',
    path: `${path}/{organisation}/invitations`,
    summary: 'Mail an invitation; whoever has an account of this address may accept it, once',
    policy: policy('write', 'invitations'),
    stepUp: true,
    params: organisationParams,
    body: inviteBody,
    responses: { 201: { description: 'The invitation', schema: invitation } },
    problems: [
      ...[...changeProblems, 'role_unknown', 'role_not_for_organisations'],
      ...['role_outranks_giver', 'own_roles_unchangeable', 'rate_limited'],
    ],
    handle: async (call) => {
      await organisations.limitClient(clientKeyOf(call.exchange))
      const json = await organisations.invite(organisationOf(call), call.body, byCaller(call))
      return { status: 201, json }
    },
  })
}

function revokeRoute({ organisationOf, organisations, path, policy }: RouteScope): Route {
  return route({
    method: 'DELETE',
    path: `${path}/{organisation}/invitations/{id}`,
    summary: 'Take an invitation back',
    policy: policy('delete', 'invitations'),
    stepUp: true,
    params: invitationParams,
    responses: { 204: { description: 'It works no more' } },
    problems: [...changeProblems, 'invitation_not_found'],
    handle: async (call) => {
      const { id } = call.params
      await organisations.revokeInvitation(organisationOf(call), id, byCaller(call))
      return { status: 204 }
    },
  })
}
