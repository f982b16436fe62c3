import { z } from 'zod'

/** Requests and answers about API keys and service accounts. Instants in epoch milliseconds. */

const instant = z.number().int()
const id = z.string().min(1).max(64)
const reason = z.string().max(500)

const keyFields = {
  name: z.string().min(1).max(100),
  /** Permission patterns; left out, the answer is 400 with those that the owner may give. */
  scopes: z.array(z.string().max(520)).max(100).optional(),
  expiresAt: instant.positive().optional(),
  /** Addresses and ranges, such as `203.0.113.0/24`. */
  ipRanges: z.array(z.string().max(64)).max(50).optional(),
  limitPerHour: instant.positive().optional(),
  metadata: z.record(z.string().max(64), z.unknown()).optional(),
}

export const newKeyBody = z.strictObject({
  ...keyFields,
  /** Id or short name: the key then acts there and nowhere else. */
  organisation: id.optional(),
})

export const ownedKeyBody = z.strictObject({
  ...keyFields,
  owner: z.strictObject({ kind: z.enum(['service_account', 'organisation']), id }),
  reason: reason.optional(),
})

export const rotateBody = z
  .strictObject({
    /** Seconds that the key before works on; at most as many as the options say. */
    overlap: z.number().int().min(0).max(2_592_000).optional(),
  })
  .optional()

export const decoyBody = z.strictObject({ name: z.string().min(1).max(100) })

export const keyReasonBody = z.strictObject({ reason: reason.optional() }).optional()

export const apiKey = z.strictObject({
  id: z.string(),
  name: z.string(),
  owner: z.strictObject({
    kind: z.enum(['user', 'service_account', 'organisation']),
    id: z.string(),
  }),
  organisation: z.string().nullable(),
  status: z.enum(['active', 'expired', 'rotated', 'revoked', 'owner_left', 'level_too_low']),
  scopes: z.array(z.string()),
  level: instant,
  ipRanges: z.array(z.string()).nullable(),
  limitPerHour: instant,
  metadata: z.record(z.string(), z.unknown()),
  createdAt: instant,
  createdBy: z.string().nullable(),
  expiresAt: instant.nullable(),
  endsAt: instant.nullable(),
  successorId: z.string().nullable(),
  revokedAt: instant.nullable(),
  revokeReason: z.string().nullable(),
  firstUsedAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  lastUsedIp: z.string().nullable(),
  decoy: z.boolean(),
})

/** The only answer that holds a key. */
export const shownKey = z.strictObject({ key: z.string(), apiKey })

export const keyListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).optional(),
  after: z.string().max(200).optional(),
})

export const keySearchQuery = z.strictObject({
  owner: id.optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
  after: z.string().max(200).optional(),
})

export const keyPage = z.strictObject({ keys: z.array(apiKey), next: z.string().nullable() })

const grant = z.strictObject({
  role: z.string(),
  grantedAt: instant,
  grantedBy: z.string().nullable(),
  reason: z.string().nullable(),
  expiresAt: instant.nullable(),
})

export const serviceAccountBody = z.strictObject({
  name: z.string().min(1).max(100),
  /** Id or short name; its keys then act there and nowhere else. */
  organisation: id.optional(),
  roles: z.array(z.string().max(64)).max(20).optional(),
  reason: reason.optional(),
})

export const serviceAccount = z.strictObject({
  id: z.string(),
  name: z.string(),
  organisation: z.string().nullable(),
  status: z.enum(['active', 'disabled']),
  createdAt: instant,
  createdBy: z.string().nullable(),
  roles: z.array(grant),
})

export const serviceAccountList = z.strictObject({ serviceAccounts: z.array(serviceAccount) })

export const principalRoles = z.strictObject({ roles: z.array(grant) })
