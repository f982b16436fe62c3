import type { RequestHandler } from 'express'
import type { Security } from 'holdfast/express'
import { callerOf, scopeFor, VIEWED } from './caller.ts'
import { type InventoryParts, narrowed, today } from './inventory-api.ts'
import { badReportPage, reportPage, unassignedPage } from './pages/report-page.ts'
import { lastYearOf, type QueryFault, readReportQuery } from './query.ts'
import { inventoryReport } from './report.ts'
import type { Scope } from './scope.ts'

export interface ReportParts extends InventoryParts {
  readonly security: Security
}

/** The page at `/report`: the same figures as the API, or what is missing before there are any. */
export function reportRoute(parts: ReportParts): RequestHandler {
  const { store, now } = parts
  return async (request, response) => {
    const viewer = callerOf(request)
    const seen = scopeFor(viewer, store)
    if (seen.kind === 'none') {
      response.send(unassignedPage(viewer, seen.reason))
      return
    }
    const lastYear = lastYearOf(store.coverage(seen.scope.companyId), today(now))
    const read = readReportQuery(known(request.query), lastYear)
    if (read.kind === 'refused') {
      response.status(400).send(badReportPage(viewer, read.faults.map(inWords)))
      return
    }
    const { period, storeId } = read.query
    const scope = narrowed(store, seen.scope, storeId)
    if (!scope) {
      response.status(404).send(badReportPage(viewer, ['There is no such store among yours.']))
      return
    }
    await recordView(parts.security, viewer.userId, scope)
    const report = inventoryReport(store, scope, period)
    const choices = choicesOf(parts, seen.scope)
    response.send(reportPage({ viewer, report, choices, chosen: storeId }))
  }
}

/** Pages ignore parameters they do not know, as links from elsewhere carry some. */
function known({ from, to, store }: Record<string, unknown>) {
  return { from, to, store }
}

function inWords({ name, detail }: QueryFault): string {
  return `${name} ${detail}.`
}

function recordView(security: Security, userId: string, scope: Scope): Promise<void> {
  return security.audit.record({
    action: VIEWED,
    actor: { kind: 'user', id: userId },
    resource: { kind: 'company', id: scope.companyId },
    metadata: { store: scope.storeId ?? 'all' },
  })
}

function choicesOf({ store }: ReportParts, scope: Scope) {
  const names = new Map(store.holdings(scope).map(({ storeId, name }) => [storeId, name]))
  return [...names].map(([id, name]) => ({ id, name }))
}
