import type { CspReportBody } from '../contract-csp.ts'
import { reportedDirectives } from './directives.ts'
import { originOf, placeOf } from './place.ts'

/** What is kept of one report. */
export interface Violation {
  readonly disposition: 'enforce' | 'report'
  readonly directive: string
  /** An origin, a scheme with its colon, or a keyword such as `inline`. */
  readonly blocked: string
  /** Where the script or sheet came from that did it: as `blocked`, or empty. */
  readonly source: string
  /** Path of the page; never stored as it is. Empty when the page has none. */
  readonly path: string
}

/** What a report says, whichever way it was sent. */
interface Told {
  readonly directive: string
  readonly blocked: string
  readonly source: string
  readonly page: string
  readonly disposition: string
}

/** Whose reports are taken. */
export interface OwnPlaces {
  /** Origins that are the app itself. */
  readonly origins: ReadonlySet<string>
  /** Whether pages of this host are ours. */
  readonly isOwnHost: (hostname: string) => boolean
}

const mostReports = 20
const directives = new Set(reportedDirectives)

/**
 * The violations of a delivery: one of `application/csp-report` (CSP 2, section 4.4), or those of
 * `application/reports+json` (Reporting API), at most 20. Reports about something else, about foreign
 * pages and about directives that do not exist are left out.
 */
export function readReports(body: CspReportBody, own: OwnPlaces): readonly Violation[] {
  return toldBy(body)
    .slice(0, mostReports)
    .flatMap((told) => violationOf(told, own) ?? [])
}

function toldBy(body: CspReportBody): readonly Told[] {
  if (!Array.isArray(body)) return [toldByOne(body['csp-report'])]
  return body.flatMap((report) => (report.type === 'csp-violation' ? [toldByMany(report)] : []))
}

function toldByOne(report: Extract<CspReportBody, { 'csp-report': unknown }>['csp-report']): Told {
  return {
    // Older browsers put the whole directive there, its sources included.
    directive: firstWord(report['effective-directive'] || report['violated-directive'] || ''),
    blocked: report['blocked-uri'] ?? '',
    source: report['source-file'] ?? '',
    page: report['document-uri'] ?? '',
    disposition: report.disposition ?? '',
  }
}

type Sent = Extract<CspReportBody, readonly unknown[]>[number]

function toldByMany({ body, url }: Sent): Told {
  return {
    directive: firstWord(body?.effectiveDirective ?? ''),
    blocked: body?.blockedURL ?? '',
    source: body?.sourceFile ?? '',
    page: body?.documentURL ?? url ?? '',
    disposition: body?.disposition ?? '',
  }
}

function firstWord(text: string): string {
  return text.split(' ', 1)[0]?.toLowerCase() ?? ''
}

function violationOf(told: Told, own: OwnPlaces): Violation | undefined {
  const path = pathOf(told.page, own)
  if (path === undefined || !directives.has(told.directive)) return undefined
  return {
    disposition: told.disposition === 'report' ? 'report' : 'enforce',
    directive: told.directive,
    blocked: placeOf(told.blocked, own.origins) || 'inline',
    source: placeOf(told.source, own.origins),
    path,
  }
}

/** Undefined for a page that is not ours; empty for one without an address, such as a frame's `srcdoc`. */
function pathOf(page: string, { isOwnHost }: OwnPlaces): string | undefined {
  if (page === '' || /^(?:about|blob|data)\b/i.test(page)) return ''
  if (originOf(page) === undefined) return undefined
  const { hostname, pathname } = new URL(page)
  return isOwnHost(hostname) ? pathname : undefined
}
