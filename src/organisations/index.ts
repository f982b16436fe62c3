export type { NewOrganisation } from './creation.ts'
export { Entrance, type EntranceParts } from './entrance.ts'
export { organisationErrors } from './errors.ts'
export {
  type OrganisationChanged,
  type OrganisationInvitationAccepted,
  type OrganisationInvitationChanged,
  type OrganisationMemberChanged,
  type OrganisationRoleGranted,
  type OrganisationRoleWithdrawn,
  organisationEvents,
} from './events.ts'
export type { Acceptance, NewMemberInvitation, SeenInvitation } from './invitations.ts'
export {
  findMembersAmong,
  findMembersHolding,
  findMembership,
  type MemberOrganisation,
  type Membership,
  type MembershipQuestion,
} from './member-store.ts'
export type { MemberQuery, MemberRoleChange, NewMember } from './members.ts'
export { type OrganisationQuery, Organisations } from './organisations.ts'
export type { OrganisationParts } from './parts.ts'
export { admitsAddress, type OrganisationPolicy, policyOf } from './policy.ts'
export { Realms } from './realms.ts'
export {
  findMembersWithRole,
  findRolesOfMember,
  findRolesOfMembers,
  isMemberRoleHeld,
} from './role-use-store.ts'
export { type OrganisationRouteParts, organisationRoutes } from './routes.ts'
export type { OrganisationChanges } from './standing.ts'
export { findOrganisation, findOrganisationsAmong } from './store.ts'
export {
  type InvitationRow,
  type MemberRoleRow,
  type MemberRow,
  type OrganisationRow,
  organisationMigrations,
} from './table.ts'
export type {
  InvitationView,
  MemberPage,
  MemberRole,
  MemberView,
  OrganisationPage,
  OrganisationView,
  OwnOrganisation,
} from './view.ts'
