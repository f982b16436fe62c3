import { z } from 'zod'

/** Reports about the shield's controls. Instants in epoch milliseconds. */

const instant = z.number().int()

export const shieldReportQuery = z.strictObject({
  /** Days in UTC, today included. */
  days: z.coerce.number().int().min(1).max(30).default(7),
  /** `false`: what passed and would have been refused; `true`: what was refused; absent: both. */
  enforced: z.enum(['true', 'false']).optional(),
})

const counted = {
  control: z.string(),
  enforced: z.boolean(),
  count: instant,
}

export const shieldReport = z.strictObject({
  since: instant,
  until: instant,
  /** By control: off, shadow or on; of detection off, monitor or block. */
  modes: z.record(z.string(), z.string()),
  /** Findings, and the requests they were in: one request may break several rules of a control. */
  totals: z.array(z.strictObject({ ...counted, requests: instant })),
  refusals: z.array(
    z.strictObject({
      ...counted,
      rule: z.string(),
      /** Method and route as the app writes it. */
      route: z.string(),
      firstAt: instant,
      lastAt: instant,
      /** The last ones, at most three. */
      examples: z.array(
        z.strictObject({
          at: instant,
          requestId: z.string(),
          ip: z.string().optional(),
          field: z.string().optional(),
        }),
      ),
    }),
  ),
})
