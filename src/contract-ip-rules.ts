import { z } from 'zod'

/** Rules about addresses as Holdfast's own API reads and writes them. Instants in epoch milliseconds. */

const text = (max: number) => z.string().min(1).max(max)
const instant = z.number().int()
const action = z.enum(['allow', 'deny'])
/** Blanks are no reason. */
const reason = z.string().trim().min(1).max(500)

const terms = {
  action,
  /** `all`, `admin`, `auth` or a path of the app. */
  scope: text(200).default('all'),
  /** Absent: until it is removed. */
  expiresAt: instant.optional(),
  reason,
  /** Also where your own address would be refused. */
  force: z.boolean().default(false),
}

export const newIpRuleBody = z.strictObject({
  /** An address or a CIDR range. */
  range: text(64),
  ...terms,
})

export const ipRuleImportBody = z.strictObject({
  /** An address or range a line; what follows `#` or `;` is left out. */
  lines: z.array(z.string().max(300)).min(1).max(1_000),
  ...terms,
})

export const ipRuleEndBody = z.strictObject({ reason, force: terms.force })

export const ipRuleQuery = z.strictObject({
  scope: text(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** `next` of the page before. */
  after: text(64).optional(),
})

export const ipCheckQuery = z.strictObject({ address: text(64) })

export const ipRule = z.strictObject({
  /** Null: a rule of the option `ipRules`, which code alone changes. */
  id: z.string().nullable(),
  action,
  range: z.string(),
  scope: z.string(),
  reason: z.string().nullable(),
  /** Null for code. */
  createdBy: z.string().nullable(),
  createdAt: instant,
  expiresAt: instant.nullable(),
})

export const ipRulePage = z.strictObject({
  rules: z.array(ipRule),
  fixed: z.array(ipRule),
  next: z.string().nullable(),
})

export const ipRuleImported = z.strictObject({ added: z.number(), renewed: z.number() })

export const ipCheck = z.strictObject({
  /** In its one spelling. */
  address: z.string(),
  scopes: z.array(
    z.strictObject({
      scope: z.string(),
      allowed: z.boolean(),
      why: z.enum(['no_rule', 'allowed', 'denied', 'not_allowed']),
      /** The rule that decides. */
      rule: ipRule.optional(),
    }),
  ),
})
