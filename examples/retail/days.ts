/** A calendar day, `YYYY-MM-DD`. Days compare as text, and they know no time zone. */
export type Day = string

/** A span of days; both ends belong to it. */
export interface Period {
  readonly from: Day
  readonly to: Day
}

const DAY_MS = 86_400_000

/** True for a day that the calendar has: `2026-02-30` is refused. Years 1900 to 2999. */
export function isDay(text: string): boolean {
  if (!/^(?:19|2\d)\d\d-\d\d-\d\d$/.test(text)) return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

/** The day `count` days later, or earlier when negative. */
export function addDays(day: Day, count: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10)
}

/** How many days a period has; its ends count. Zero when it ends before it begins. */
export function lengthOf(period: Period): number {
  const span = Date.parse(`${period.to}T00:00:00Z`) - Date.parse(`${period.from}T00:00:00Z`)
  return Math.max(0, Math.round(span / DAY_MS) + 1)
}

/** The days that two periods share; undefined when there are none. */
export function overlap(one: Period, other: Period): Period | undefined {
  const from = one.from > other.from ? one.from : other.from
  const to = one.to < other.to ? one.to : other.to
  return from <= to ? { from, to } : undefined
}

/** Every day of a period in order. */
export function* eachDay(period: Period): Generator<Day> {
  for (let day = period.from; day <= period.to; day = addDays(day, 1)) yield day
}
