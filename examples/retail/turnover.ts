import { addDays, type Day, lengthOf, overlap, type Period } from './days.ts'

/** The time in which a store belongs to the company asked about. `to` null: it still does. */
export interface Holding {
  readonly storeId: string
  readonly name: string
  readonly city: string
  readonly from: Day
  readonly to: Day | null
}

/** An amount of one store on one day, in whole cents. */
export interface StoreDay {
  readonly storeId: string
  readonly day: Day
  readonly cents: number
}

/** What a report is calculated from; all of it belongs to one company. */
export interface TurnoverFacts {
  readonly period: Period
  readonly holdings: readonly Holding[]
  /** Cost of the goods sold that day; goods that came back count negative. */
  readonly costs: readonly StoreDay[]
  /** Value at cost of all goods counted at the end of that day. */
  readonly counts: readonly StoreDay[]
}

/** Why a figure is missing, or why days of inventory are. */
export type Reason = 'no_stock_count' | 'zero_stock' | 'no_sales' | 'returns_exceed_sales'

export interface Turnover {
  /** Days that the figures speak of. */
  readonly days: number
  readonly costOfGoodsSoldCents: number
  /** Null when nothing was counted. */
  readonly averageInventoryCents: number | null
  /** Times the stock was sold, four decimals. */
  readonly turnover: number | null
  /** How many days the average stock lasts, one decimal. */
  readonly daysOfInventory: number | null
  readonly reason: Reason | null
}

export interface StoreTurnover extends Turnover {
  readonly storeId: string
  readonly name: string
  readonly city: string
  readonly from: Day
  readonly to: Day
}

export interface TurnoverReport {
  readonly stores: readonly StoreTurnover[]
  readonly total: Turnover
}

/**
 * Inventory turnover of the stores of one company, and of all of them together.
 *
 * - A store counts for the days of the period in which the company holds it: its own days.
 * - Cost of goods sold = sum of quantity x unit cost on its own days; returns are negative.
 * - Average inventory = mean of the opening and of every count on its own days. Counts are made at
 *   the end of a day, so the opening is the latest count before the first of its own days. It is
 *   never older than the eve of the day the company got the store: the count of that eve is the
 *   hand-over, an earlier one is the former owner's business. Rounded to whole cents, half up.
 * - Turnover = cost of goods sold / average inventory as rounded.
 * - Days of inventory = own days x average inventory / cost of goods sold.
 * - Total: costs are added; an average weighs by the share of the period in which its store was
 *   held. It is missing when one store has sales but no count, rather than too high.
 */
export function inventoryTurnover(facts: TurnoverFacts): TurnoverReport {
  const stores = facts.holdings.flatMap((holding) => turnoverOf(holding, facts) ?? [])
  return { stores, total: totalOf(stores, lengthOf(facts.period)) }
}

function turnoverOf(holding: Holding, facts: TurnoverFacts): StoreTurnover | undefined {
  const own = overlap(facts.period, { from: holding.from, to: holding.to ?? facts.period.to })
  if (!own) return undefined
  const { storeId, name, city } = holding
  const cost = sum(
    facts.costs.filter(
      (row) => row.storeId === storeId && row.day >= own.from && row.day <= own.to,
    ),
  )
  const average = averageOf(countsFor(holding, own, facts.counts))
  return { storeId, name, city, ...own, ...figures(lengthOf(own), cost, average) }
}

function countsFor(holding: Holding, own: Period, all: readonly StoreDay[]): readonly StoreDay[] {
  const eve = addDays(holding.from, -1)
  const counts = all.filter(
    (row) => row.storeId === holding.storeId && row.day >= eve && row.day <= own.to,
  )
  const opening = counts
    .filter((row) => row.day < own.from)
    .reduce<StoreDay | undefined>(
      (last, row) => (last && last.day > row.day ? last : row),
      undefined,
    )
  const closings = counts.filter((row) => row.day >= own.from)
  return opening ? [opening, ...closings] : closings
}

function totalOf(stores: readonly StoreTurnover[], days: number): Turnover {
  const cost = stores.reduce((total, store) => total + store.costOfGoodsSoldCents, 0)
  const blind = stores.some(
    (store) => store.averageInventoryCents === null && store.costOfGoodsSoldCents !== 0,
  )
  const counted = stores.filter((store) => store.averageInventoryCents !== null)
  if (blind || counted.length === 0) return figures(days, cost, null)
  const weighed = counted.reduce(
    (total, store) => total + (store.averageInventoryCents ?? 0) * store.days,
    0,
  )
  return figures(days, cost, divideHalfUp(weighed, days))
}

function figures(days: number, cost: number, average: number | null): Turnover {
  const reason = reasonFor(cost, average)
  const defined = average !== null && (reason === null || reason === 'no_sales')
  return {
    days,
    costOfGoodsSoldCents: cost,
    averageInventoryCents: average,
    turnover: defined ? rounded(cost / average, 4) : null,
    daysOfInventory: defined && cost > 0 ? rounded((days * average) / cost, 1) : null,
    reason,
  }
}

function reasonFor(cost: number, average: number | null): Reason | null {
  if (average === null) return 'no_stock_count'
  if (cost < 0) return 'returns_exceed_sales'
  if (average === 0) return 'zero_stock'
  return cost === 0 ? 'no_sales' : null
}

function averageOf(counts: readonly StoreDay[]): number | null {
  return counts.length === 0 ? null : divideHalfUp(sum(counts), counts.length)
}

function sum(rows: readonly StoreDay[]): number {
  return rows.reduce((total, row) => total + row.cents, 0)
}

function divideHalfUp(dividend: number, divisor: number): number {
  return Math.floor((2 * dividend + divisor) / (2 * divisor))
}

function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals
  return Math.round(value * scale) / scale
}
