/** A length of time as people write it: `'200ms'`, `'10s'`, `'15m'`, `'12h'`, `'7d'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** Whole milliseconds of `text`, or undefined when it is not a positive duration with a unit. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text)
  if (!match) return undefined
  const ms = Number(match[1]) * (unitMs.get(match[2] ?? '') ?? Number.NaN)
  return Number.isSafeInteger(ms) && ms > 0 ? ms : undefined
}

/** The shortest exact way to write `ms`: 900000 is `15m`, 1500 is `1500ms`. */
export function formatDuration(ms: number): Duration {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = unitMs.get(unit) ?? 1
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`
  }
  return `${ms}ms`
}
