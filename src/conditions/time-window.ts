import type { TimeWindow, Weekday } from './condition.ts'

/** Days in the order of ISO 8601, Monday first. */
export const weekdays: readonly Weekday[] = Object.freeze([
  'mon',
  'tue',
  'wed',
  'thu',
  'fri',
  'sat',
  'sun',
])

const minutesOfDay = 1_440

/** A window ready to be asked: minutes since midnight, days from 1 (Monday) to 7. */
export interface CompiledWindow {
  readonly fromMinute: number
  /** At most 1,440, which is the end of the day. */
  readonly toMinute: number
  readonly zone: string
  readonly days: readonly number[]
  /** Reads the clock of the zone. */
  readonly format: Intl.DateTimeFormat
}

/** A moment as the clock on the wall shows it. */
interface WallTime {
  readonly minute: number
  readonly day: number
}

/** Minutes since midnight of `HH:MM`, or undefined. `24:00` is the end of the day. */
export function minuteOf(text: string): number | undefined {
  if (text === '24:00') return minutesOfDay
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text)
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined
}

/**
 * `UTC`, or `Area/Place` as this runtime knows it. Short names such as `CET` and offsets are refused: they mean one thing
 * to JavaScript and another to PostgreSQL.
 */
export function isZone(zone: string): boolean {
  if (zone !== 'UTC' && !/^[A-Z][A-Za-z_]+(?:\/[A-Za-z0-9_+-]+){1,2}$/.test(zone)) return false
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).format(0) !== ''
  } catch {
    return false
  }
}

/** Compiles a window that was checked. */
export function compileWindow({ from, to, zone, days = weekdays }: TimeWindow): CompiledWindow {
  return Object.freeze({
    fromMinute: minuteOf(from) ?? 0,
    toMinute: minuteOf(to) ?? 0,
    zone,
    days: Object.freeze(days.map((day) => weekdays.indexOf(day) + 1)),
    format: new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }),
  })
}

/** Whether the moment `now` (epoch milliseconds) lies in the window. */
export function isWithin(window: CompiledWindow, now: number): boolean {
  const { fromMinute, toMinute, days } = window
  const { minute, day } = wallTime(window.format, now)
  if (fromMinute < toMinute) return minute >= fromMinute && minute < toMinute && days.includes(day)
  if (minute >= fromMinute) return days.includes(day)
  return minute < toMinute && days.includes(day === 1 ? 7 : day - 1)
}

function wallTime(format: Intl.DateTimeFormat, now: number): WallTime {
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]))
  const day = weekdays.indexOf((parts.get('weekday') ?? '').toLowerCase() as Weekday) + 1
  return { minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')), day }
}
