import { overlap, type Period } from './days.ts'
import type { Scope } from './scope.ts'
import type { RetailStore } from './store.ts'
import { inventoryTurnover, type TurnoverReport } from './turnover.ts'

/** The inventory report of one scope. */
export interface InventoryReport extends TurnoverReport {
  readonly company: { readonly id: string; readonly name: string }
  /** The days asked for. */
  readonly requested: Period
  /** Those of them for which the company has data; undefined when there are none. */
  readonly period: Period | undefined
}

/**
 * Turnover for the rows in scope. Days before the first and after the last sale on record are left
 * out: they would make the stock look slower than it is.
 */
export function inventoryReport(
  store: RetailStore,
  scope: Scope,
  requested: Period,
): InventoryReport {
  const company = store.companies().find((one) => one.companyId === scope.companyId)
  const head = {
    company: { id: scope.companyId, name: company?.name ?? scope.companyId },
    requested,
  }
  const coverage = store.coverage(scope.companyId)
  const period = coverage && overlap(requested, coverage)
  if (!period) return { ...head, period, ...inventoryTurnover(nothing(requested)) }
  const facts = {
    period,
    holdings: store.holdings(scope),
    costs: store.dailyCosts(scope, period),
    counts: store.countValues(scope, period.to),
  }
  return { ...head, period, ...inventoryTurnover(facts) }
}

function nothing(period: Period) {
  return { period, holdings: [], costs: [], counts: [] }
}

/** True when the store is, or was, one of those in scope. Others do not exist for the caller. */
export function isVisible(store: RetailStore, scope: Scope, storeId: string): boolean {
  return store.holdings(scope).some((holding) => holding.storeId === storeId)
}
