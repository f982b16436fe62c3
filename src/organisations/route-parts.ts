import type { By } from '../access/index.ts'
import { type Auth, type Exchange, originOf, type RoutePolicy } from '../http/index.ts'
import { organisationErrors } from './errors.ts'
import type { Organisations } from './organisations.ts'
import type { OrganisationView } from './view.ts'

/** Whose routes they are: those of members in their own organisation, or those of administrators in all. */
export interface RouteScope {
  readonly organisations: Organisations
  /** Where they stand, for example `/auth/organisations`. */
  readonly path: string
  /** Who may do this to that part of an organisation. */
  readonly policy: (
    action: 'read' | 'write' | 'delete',
    part: 'organisation' | 'members' | 'invitations',
  ) => RoutePolicy
  /** Which organisation a call is about: for members the one they were let into, by its id. */
  readonly organisationOf: (call: AboutOrganisation) => string
}

/** A call of a route that names an organisation in its path. */
export interface AboutOrganisation extends Pick<Caller, 'auth'> {
  readonly params: { readonly organisation: string }
}

/**
 * The organisation in which a member was admitted. Its name in the path is not read again: it may lead
 * elsewhere by now.
 */
export function enteredOrganisation({ auth }: Pick<Caller, 'auth'>): string {
  const organisation = auth?.organisation
  if (organisation === undefined) throw organisationErrors.organisation_not_found()
  return organisation
}

/** Somebody who called a route. */
export interface Caller {
  readonly auth: Auth | undefined
  readonly exchange: Exchange
}

/** The caller of a route that nobody reaches without a session. */
export function callerOf({ auth }: Pick<Caller, 'auth'>): Auth {
  if (!auth) throw new Error('the policy of this route admits nobody without a session')
  return auth
}

/** On whose authority a route acts, for what reason, and from where. */
export function byCaller(caller: Caller, reason?: string): By {
  const { organisationRoles, roles, userId } = callerOf(caller)
  return {
    actor: { kind: 'user', id: userId },
    giver: { userId, roles, ...(organisationRoles ? { organisationRoles } : {}) },
    origin: originOf(caller.exchange),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** An organisation as members and administrators see it. */
export function describe(view: OrganisationView) {
  const { createdAt, id, name, policy, slug, status } = view
  return { id, slug, name, status, policy, createdAt }
}

/** The organisation as it is now. */
export async function answerOrganisation(
  organisations: Organisations,
  reference: string,
  status = 200,
) {
  const view = await organisations.find(reference)
  if (!view) throw organisationErrors.organisation_not_found()
  return { status, json: describe(view) }
}

/** The member as they are now. */
export async function answerMember(
  organisations: Organisations,
  { organisation, userId }: { readonly organisation: string; readonly userId: string },
  status = 200,
) {
  const json = await organisations.member(organisation, userId)
  if (!json) throw organisationErrors.member_not_found()
  return { status, json }
}

/** Codes that every change on somebody's authority may answer with. */
export const changeProblems = ['organisation_not_found'] as const
