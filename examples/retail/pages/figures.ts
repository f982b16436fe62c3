import type { Reason } from '../turnover.ts'

const money = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' })
const turnoverFormat = new Intl.NumberFormat('en-IE', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
})
const daysFormat = new Intl.NumberFormat('en-IE', { maximumFractionDigits: 0 })

const REASONS: Readonly<Record<Reason, string>> = {
  no_stock_count: 'no stock was counted',
  zero_stock: 'there was no stock',
  no_sales: 'nothing was sold',
  returns_exceed_sales: 'more came back than was sold',
}

/** Cents as an amount of euros; a dash for none. */
export function euros(cents: number | null): string {
  return cents === null ? '–' : money.format(cents / 100)
}

/** A turnover as people read it, or a dash. */
export function times(turnover: number | null): string {
  return turnover === null ? '–' : turnoverFormat.format(turnover)
}

/** Days of inventory in whole days, or a dash. */
export function wholeDays(days: number | null): string {
  return days === null ? '–' : daysFormat.format(days)
}

/** Why a figure is missing. */
export function inWords(reason: Reason): string {
  return REASONS[reason]
}
