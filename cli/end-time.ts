import { parseDuration } from '../src/config/index.ts'
import { type CommandInput, stringOption, UsageError } from './command.ts'

/** The instant after `--for`, or at `--until`; undefined without either. */
export function endTime(input: CommandInput, now: number): number | undefined {
  const [length, until] = [stringOption(input, 'for'), stringOption(input, 'until')]
  if (length !== undefined && until !== undefined) {
    throw new UsageError('Give --for or --until, not both.')
  }
  const at = length === undefined ? instantOf(until) : now + (parseDuration(length) ?? Number.NaN)
  if (at === undefined || (Number.isSafeInteger(at) && at > now)) return at
  throw new UsageError(
    length === undefined
      ? '--until is a time to come, such as 2027-01-31T12:00:00Z.'
      : '--for is a length of time, such as 30m, 12h or 7d.',
  )
}

/** With its zone: without one it would mean another time on another machine. */
function instantOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  return /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
}
