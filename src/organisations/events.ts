import type { EventDefinitions } from '../events/index.ts'

/** Something about an organisation itself. */
export interface OrganisationChanged {
  readonly organisationId: string
}

/** Somebody joined, or is a member no more. */
export interface OrganisationMemberChanged extends OrganisationChanged {
  readonly userId: string
}

/** Somebody holds a further role there; until when, in epoch milliseconds. */
export interface OrganisationRoleGranted extends OrganisationMemberChanged {
  readonly role: string
  readonly expiresAt?: number
}

/** Somebody holds a role there no more. */
export interface OrganisationRoleWithdrawn extends OrganisationMemberChanged {
  readonly role: string
}

/** An invitation was mailed, or taken back. The address stands in neither. */
export interface OrganisationInvitationChanged extends OrganisationChanged {
  readonly invitationId: string
}

/** Somebody accepted an invitation. */
export interface OrganisationInvitationAccepted extends OrganisationInvitationChanged {
  readonly userId: string
}

declare module '../events/event.ts' {
  interface EventMap {
    'organisation.created': OrganisationChanged
    'organisation.renamed': OrganisationChanged
    'organisation.policy_changed': OrganisationChanged
    'organisation.closed': OrganisationChanged
    'organisation.member_added': OrganisationMemberChanged
    'organisation.member_removed': OrganisationMemberChanged
    'organisation.role_granted': OrganisationRoleGranted
    'organisation.role_withdrawn': OrganisationRoleWithdrawn
    'organisation.invited': OrganisationInvitationChanged
    'organisation.invitation_revoked': OrganisationInvitationChanged
    'organisation.invitation_accepted': OrganisationInvitationAccepted
  }
}

/** The events of this room. */
export type OrganisationEvent =
  | 'organisation.created'
  | 'organisation.renamed'
  | 'organisation.policy_changed'
  | 'organisation.closed'
  | 'organisation.member_added'
  | 'organisation.member_removed'
  | 'organisation.role_granted'
  | 'organisation.role_withdrawn'
  | 'organisation.invited'
  | 'organisation.invitation_revoked'
  | 'organisation.invitation_accepted'

const change = { severity: 'warning', auditClass: 'security' } as const
const whole = { ...change, keep: ['organisationId'] } as const
const member = { ...change, keep: ['organisationId', 'userId'] } as const
const role = { ...change, keep: ['organisationId', 'userId', 'role'] } as const
const invitation = { ...change, keep: ['organisationId', 'invitationId'] } as const

export const organisationEvents: EventDefinitions<OrganisationEvent> = {
  'organisation.created': whole,
  'organisation.renamed': whole,
  'organisation.policy_changed': whole,
  'organisation.closed': whole,
  'organisation.member_added': member,
  'organisation.member_removed': member,
  'organisation.role_granted': { ...role, keep: [...role.keep, 'expiresAt'] },
  'organisation.role_withdrawn': role,
  'organisation.invited': invitation,
  'organisation.invitation_revoked': invitation,
  'organisation.invitation_accepted': {
    ...change,
    keep: ['organisationId', 'invitationId', 'userId'],
  },
}
