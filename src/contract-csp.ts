import { z } from 'zod'

/** Reports about the Content-Security-Policy, and what is told of them. Instants in epoch milliseconds. */

const instant = z.number().int()
const text = z.string().nullish()

const oldReport = z.looseObject({
  'document-uri': text,
  'effective-directive': text,
  'violated-directive': text,
  'blocked-uri': text,
  'source-file': text,
  disposition: text,
})

const newReport = z.looseObject({
  type: z.string(),
  url: text,
  body: z
    .looseObject({
      documentURL: text,
      effectiveDirective: text,
      blockedURL: text,
      sourceFile: text,
      disposition: text,
    })
    .nullish(),
})

/** As browsers send them: one by `report-uri`, or several by `report-to`. */
export const cspReportBody = z.union([
  z.looseObject({ 'csp-report': oldReport }),
  z.array(newReport),
])

export type CspReportBody = z.output<typeof cspReportBody>

export const cspSummaryQuery = z.strictObject({
  /** Whole days, today included; default 7, at most 30. */
  days: z.coerce.number().int().min(1).max(30).optional(),
})

export const cspSummary = z.strictObject({
  /** Begin of the first day. */
  since: instant,
  reports: instant,
  /** The most frequent first, at most 500. */
  findings: z.array(
    z.strictObject({
      disposition: z.enum(['enforce', 'report']),
      directive: z.string(),
      blocked: z.string(),
      source: z.string(),
      route: z.string(),
      reports: instant,
      clients: instant,
      days: instant,
      firstAt: instant,
      lastAt: instant,
    }),
  ),
})
