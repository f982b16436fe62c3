import type { RequestHandler } from 'express'
import { callerOf, scopeFor } from './caller.ts'
import { type InventoryParts, narrowed, today } from './inventory-api.ts'
import { badReportPage, reportPage, unassignedPage } from './pages/report-page.ts'
import { lastYearOf, type QueryFault, readReportQuery } from './query.ts'
import { inventoryReport } from './report.ts'
import type { Scope } from './scope.ts'

/** Tells people who may see nothing what is missing; all others go on to the report. */
export function unassignedRoute({ store }: InventoryParts): RequestHandler {
  return (request, response, next) => {
    const viewer = callerOf(request)
    const seen = scopeFor(viewer, store)
    if (seen.kind === 'none') response.send(unassignedPage(viewer, seen.reason))
    else next()
  }
}

/** The page at `/report`: the same figures as the API. Stands behind `unassignedRoute`. */
export function reportRoute(parts: InventoryParts): RequestHandler {
  const { store, now } = parts
  return (request, response) => {
    const viewer = callerOf(request)
    const seen = scopeFor(viewer, store)
    if (seen.kind === 'none') return void response.send(unassignedPage(viewer, seen.reason))
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

function choicesOf({ store }: InventoryParts, scope: Scope) {
  const names = new Map(store.holdings(scope).map(({ storeId, name }) => [storeId, name]))
  return [...names].map(([id, name]) => ({ id, name }))
}
