import { z } from 'zod'

/** Organisations as Holdfast's own API reads and writes them. Instants in epoch milliseconds. */

const text = (max: number) => z.string().max(max)
const named = z.string().min(1).max(64)
const role = text(64)
const instant = z.number().int().positive()

export const organisationParams = z.strictObject({ organisation: named })

export const memberParams = organisationParams.extend({ userId: named })

export const memberRoleParams = memberParams.extend({ role: named })

export const invitationParams = organisationParams.extend({ id: named })

export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** `next` of the page before. */
  after: text(200).optional(),
})

export const organisationQuery = pageQuery.extend({
  status: z.enum(['active', 'closed']).optional(),
})

/** What is demanded of members on each request. */
export const organisationPolicy = z.strictObject({
  /** A second factor, whatever else demands one. */
  requiredLevel: z.literal(2).optional(),
  /** Addresses and networks that members may call from. */
  ipRanges: z.array(text(64)).min(1).max(100).optional(),
  /** How old the last proof may be, in milliseconds. */
  sessionMaxMs: z.number().int().optional(),
})

export const organisation = z.strictObject({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  status: z.enum(['active', 'closed']),
  policy: organisationPolicy,
  createdAt: z.number().int(),
})

export const organisationPage = z.strictObject({
  organisations: z.array(organisation),
  next: z.string().nullable(),
})

/** Who asks owns it. */
export const foundOrganisationBody = z.strictObject({ name: text(200).min(1), slug: text(63) })

export const createOrganisationBody = foundOrganisationBody.extend({
  /** Id of the account that owns it. */
  owner: text(64).optional(),
  /** Address of somebody who is invited to own it. */
  ownerEmail: text(320).optional(),
  reason: text(500).optional(),
})

export const changeOrganisationBody = z.strictObject({
  name: text(200).min(1).optional(),
  slug: text(63).optional(),
  /** The whole of it: what it leaves out is demanded no more. */
  policy: organisationPolicy.optional(),
})

export const ownOrganisationList = z.strictObject({
  organisations: z.array(
    z.strictObject({
      id: z.string(),
      slug: z.string(),
      name: z.string(),
      joinedAt: z.number().int(),
      roles: z.array(z.string()),
    }),
  ),
})

export const member = z.strictObject({
  userId: z.string(),
  email: z.string(),
  displayName: z.string().nullable(),
  joinedAt: z.number().int(),
  addedBy: z.string().nullable(),
  roles: z.array(
    z.strictObject({
      role: z.string(),
      grantedAt: z.number().int(),
      grantedBy: z.string().nullable(),
      reason: z.string().nullable(),
      expiresAt: z.number().int().nullable(),
    }),
  ),
})

export const memberPage = z.strictObject({
  members: z.array(member),
  next: z.string().nullable(),
})

export const addMemberBody = z.strictObject({
  userId: text(64),
  roles: z.array(role).max(20).optional(),
  reason: text(500).optional(),
})

export const memberRoleBody = z.strictObject({
  role,
  expiresAt: instant.optional(),
  reason: text(500).optional(),
})

export const inviteBody = z.strictObject({
  email: text(320),
  roles: z.array(role).max(20).optional(),
})

export const invitation = z.strictObject({
  id: z.string(),
  email: z.string(),
  roles: z.array(z.string()),
  invitedBy: z.string().nullable(),
  createdAt: z.number().int(),
  expiresAt: z.number().int(),
})

export const invitationList = z.strictObject({ invitations: z.array(invitation) })

/** Whoever accepts has a session of the account that joins. */
export const acceptInvitationBody = z.strictObject({ token: z.string().min(1).max(200) })

export const joined = z.strictObject({
  organisation: z.strictObject({ id: z.string(), slug: z.string(), name: z.string() }),
  roles: z.array(z.string()),
})
