import { z } from 'zod'

/** Roles as Holdfast's own API reads and writes them. Instants in epoch milliseconds. */

const text = (max: number) => z.string().max(max)
const instant = z.number().int()
const condition = z.record(z.string(), z.unknown())
const pattern = text(600)

/** A permission, or one for the rows that meet its condition. */
const rule = z.union([pattern, z.strictObject({ permission: pattern, when: condition })])

const definition = {
  permissions: z.array(rule).max(500),
  deny: z.array(rule).max(500),
  /** Roles whose permissions and denials are added. */
  inherits: z.array(text(64)).max(50),
}

export const roleNameParams = z.strictObject({ name: z.string().min(1).max(64) })

export const roleBody = z.strictObject({
  permissions: definition.permissions,
  deny: definition.deny.default([]),
  inherits: definition.inherits.default([]),
  /** For people; absent: as it is. */
  description: text(500).optional(),
  /** The version that is changed; 0 makes a new role. */
  version: z.number().int().min(0).default(0),
  reason: text(500).optional(),
})

export const roleQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** `next` of the page before. */
  after: text(64).optional(),
})

export const role = z.strictObject({
  name: z.string(),
  /** Holdfast's, of the app's options, or made while the app runs; only those are changed here. */
  kind: z.enum(['system', 'app', 'custom']),
  description: z.string().nullable(),
  ...definition,
  version: z.number().int().nullable(),
  createdAt: instant.nullable(),
  createdBy: z.string().nullable(),
  updatedAt: instant.nullable(),
  updatedBy: z.string().nullable(),
})

export const rolePage = z.strictObject({ roles: z.array(role), next: z.string().nullable() })

/** What an account holds now, and how it came to hold it. */
export const userRoles = z.strictObject({
  userId: z.string(),
  roles: z.array(z.string()),
  grants: z.array(
    z.strictObject({
      role: z.string(),
      since: instant,
      /** Null for code and the command line. */
      givenBy: z.string().nullable(),
      reason: z.string().nullable(),
      /** Null: until it is withdrawn. */
      expiresAt: instant.nullable(),
    }),
  ),
})
