export {
  findMembership,
  type MemberOrganisation,
  type Membership,
  type MembershipQuestion,
} from './member-store.ts'
export type { OrganisationPolicy } from './policy.ts'
export {
  type InvitationRow,
  type MemberRoleRow,
  type MemberRow,
  type OrganisationRow,
  organisationMigrations,
} from './table.ts'
