export { organisationErrors } from './errors.ts'
export {
  findMembership,
  type MemberOrganisation,
  type Membership,
  type MembershipQuestion,
} from './member-store.ts'
export { admitsAddress, type OrganisationPolicy, policyOf } from './policy.ts'
export { findOrganisation } from './store.ts'
export {
  type InvitationRow,
  type MemberRoleRow,
  type MemberRow,
  type OrganisationRow,
  organisationMigrations,
} from './table.ts'
