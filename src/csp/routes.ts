import { cspReportBody, cspSummary, cspSummaryQuery } from '../contract-csp.ts'
import { clientKeyOf, defaultJsonBounds, type Route, route } from '../http/index.ts'
import type { CspReports } from './csp-reports.ts'

export interface CspRouteParts {
  readonly csp: CspReports
  /** Path that browsers report to; undefined where no reports are taken. */
  readonly path: string | undefined
  /** Path of the administrators' API. */
  readonly adminPath: string
}

/** One report is 20 KB at most; browsers that gather them send many at once, each with the whole policy. */
const media = {
  types: { 'application/csp-report': 20_480, 'application/reports+json': 65_536 },
  bounds: {
    ...defaultJsonBounds,
    depth: 8,
    stringLength: 20_480,
    arrayItems: 100,
    objectKeys: 100,
  },
} as const

/** Where browsers report violations of the Content-Security-Policy, and what administrators see of it. */
export function cspRoutes({ adminPath, csp, path }: CspRouteParts): readonly Route[] {
  return [...(path === undefined ? [] : [reportRoute(csp, path)]), summaryRoute(csp, adminPath)]
}

function reportRoute(csp: CspReports, path: string): Route {
  return route({
    method: 'POST',
    path,
    summary: 'Reports of browsers about violations of the Content-Security-Policy',
    policy: { kind: 'public' },
    media,
    body: cspReportBody,
    responses: { 204: { description: 'Taken, as far as it was about pages of this service' } },
    handle: async ({ body, exchange }) => {
      csp.take(body, clientKeyOf(exchange))
      return { status: 204 }
    },
  })
}

function summaryRoute(csp: CspReports, adminPath: string): Route {
  return route({
    method: 'GET',
    path: `${adminPath}/shield/csp`,
    summary:
      'What browsers reported about the Content-Security-Policy, by directive, source and route',
    policy: { kind: 'permission', permission: 'read:security:shield' },
    query: cspSummaryQuery,
    responses: { 200: { description: 'Counts, the most frequent first', schema: cspSummary } },
    handle: async ({ query }) => ({ status: 200, json: await csp.summary(query) }),
  })
}
