import { z } from 'zod'

/** An account as administrators see it. Instants in epoch milliseconds. */
export const account = z.strictObject({
  id: z.string(),
  email: z.string(),
  username: z.string().nullable(),
  displayName: z.string().nullable(),
  companyName: z.string().nullable(),
  status: z.enum(['pending', 'active', 'locked', 'disabled']),
  statusReason: z.string().nullable(),
  lockedUntil: z.number().int().nullable(),
  /** End of a lockout by wrong guesses, which touches the password alone. */
  passwordLockedUntil: z.number().int().nullable(),
  /** When an account that its owner closed is erased, unless it is enabled before. */
  eraseAt: z.number().int().nullable(),
  roles: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  /** Since when codes of an authenticator app are asked for. */
  totpSince: z.number().int().nullable(),
  /** How many passkeys are registered. */
  passkeys: z.number().int(),
  /** Level that policy demands of the account by its roles, whatever time to comply is left. */
  requiredLevel: z.number().int(),
  createdAt: z.number().int(),
  createdBy: z.string().nullable(),
  verifiedAt: z.number().int().nullable(),
  passwordChangedAt: z.number().int().nullable(),
  lastSignInAt: z.number().int().nullable(),
  lastSignInIp: z.string().nullable(),
  lastFailureAt: z.number().int().nullable(),
})

export const accountPage = z.strictObject({
  users: z.array(account),
  next: z.string().nullable(),
})
