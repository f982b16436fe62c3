import { json } from '../database/index.ts'
import type { MemberFacts } from './member-store.ts'
import { type OrganisationPolicy, policyOf } from './policy.ts'
import type { InvitationRow, MemberRoleRow, OrganisationRow } from './table.ts'

/** An organisation. Instants in epoch milliseconds. */
export interface OrganisationView {
  readonly id: string
  /** Short name, for addresses. */
  readonly slug: string
  readonly name: string
  readonly status: 'active' | 'closed'
  readonly policy: OrganisationPolicy
  /** What the app keeps with it; code alone reads and writes it. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly createdAt: number
  readonly createdBy: string | null
}

/** Some organisations, in the order of their creation. */
export interface OrganisationPage {
  readonly organisations: readonly OrganisationView[]
  /** For `after` of the next page; null when this is the last. */
  readonly next: string | null
}

/** A role that a member holds in an organisation. */
export interface MemberRole {
  readonly role: string
  readonly grantedAt: number
  /** Id of the account; null for code and the command line. */
  readonly grantedBy: string | null
  readonly reason: string | null
  readonly expiresAt: number | null
}

/** A member as the organisation sees it. */
export interface MemberView {
  readonly userId: string
  readonly email: string
  readonly displayName: string | null
  readonly joinedAt: number
  readonly addedBy: string | null
  /** Those that count now. */
  readonly roles: readonly MemberRole[]
}

/** Some members, in the order in which they joined. */
export interface MemberPage {
  readonly members: readonly MemberView[]
  readonly next: string | null
}

/** One's own place in an organisation. */
export interface OwnOrganisation {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly joinedAt: number
  readonly roles: readonly string[]
}

/** An invitation that waits to be accepted. */
export interface InvitationView {
  readonly id: string
  readonly email: string
  readonly roles: readonly string[]
  readonly invitedBy: string | null
  readonly createdAt: number
  readonly expiresAt: number
}

export function organisationView(row: OrganisationRow): OrganisationView {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    status: row.status,
    policy: policyOf(row),
    metadata: json.decode(row.metadata),
    createdAt: row.created_at,
    createdBy: row.created_by,
  }
}

export function memberView(facts: MemberFacts, roles: readonly MemberRoleRow[]): MemberView {
  return {
    userId: facts.user_id,
    email: facts.email,
    displayName: facts.display_name,
    joinedAt: facts.joined_at,
    addedBy: facts.added_by,
    roles: roles.filter((row) => row.user_id === facts.user_id).map(roleView),
  }
}

function roleView(row: MemberRoleRow): MemberRole {
  return {
    role: row.role,
    grantedAt: row.granted_at,
    grantedBy: row.granted_by,
    reason: row.reason,
    expiresAt: row.expires_at,
  }
}

export function invitationView(row: InvitationRow): InvitationView {
  return {
    id: row.id,
    email: row.email,
    roles: json.decode(row.roles),
    invitedBy: row.invited_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
