import type { Request, RequestHandler, Response } from 'express'
import { callerOf, placeOf, scopeFor } from './caller.ts'
import { lastYearOf, type QueryFault, readReportQuery } from './query.ts'
import { type InventoryReport, inventoryReport, isVisible } from './report.ts'
import type { Scope } from './scope.ts'
import type { RetailStore } from './store.ts'

export interface InventoryParts {
  readonly store: RetailStore
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** `GET /api/inventory/turnover?from&to&store`. Stands behind a guard. */
export function turnoverRoute({ store, now }: InventoryParts): RequestHandler {
  return (request, response) => {
    const seen = scopeFor(callerOf(request), store)
    if (seen.kind === 'none') return refuseUnassigned(response)
    const lastYear = lastYearOf(store.coverage(seen.scope.companyId), today(now))
    const read = readReportQuery(request.query, lastYear)
    if (read.kind === 'refused') return refuseQuery(response, read.faults)
    const { period, storeId } = read.query
    const scope = narrowed(store, seen.scope, storeId)
    if (!scope) return refuseStore(response)
    answer(response, inventoryReport(store, scope, period))
  }
}

/** The scope cut down to one store of it; undefined when that store is not in it. */
export function narrowed(
  store: RetailStore,
  scope: Scope,
  storeId: string | undefined,
): Scope | undefined {
  if (storeId === undefined) return scope
  return isVisible(store, scope, storeId) ? { ...scope, storeId } : undefined
}

/** The day it is, by UTC. */
export function today(now: () => number): string {
  return new Date(now()).toISOString().slice(0, 10)
}

function answer(response: Response, report: InventoryReport): void {
  const { period, ...rest } = report
  response.json({ currency: 'EUR', ...rest, period: period ?? null })
}

function refuseUnassigned(response: Response): void {
  refuse(response, {
    status: 403,
    code: 'company_missing',
    title: 'No company',
    detail: 'No company has been given to you yet. Ask an administrator.',
  })
}

/** A store of others answers like one that does not exist. */
function refuseStore(response: Response): void {
  refuse(response, {
    status: 404,
    code: 'store_not_found',
    title: 'Store not found',
    detail: 'There is no such store among yours.',
  })
}

function refuseQuery(response: Response, faults: readonly QueryFault[]): void {
  refuse(response, {
    status: 400,
    code: 'query_invalid',
    title: 'Invalid query',
    detail: 'The query is not valid. See errors.',
    errors: faults.map(({ name, detail }) => ({
      pointer: `#/query/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      code: 'invalid',
      detail,
    })),
  })
}

interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly errors?: readonly unknown[]
}

function refuse(response: Response, problem: Problem): void {
  const body = { type: 'about:blank', ...problem, error: problem.title }
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(body))
}

/** What the guard notes as the thing looked at. */
export function companyOf(store: RetailStore) {
  return (request: Request) => {
    const found = request.auth && placeOf(request.auth, store)
    return found && { kind: 'company', id: found.companyId }
  }
}
