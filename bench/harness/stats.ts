/** The middle value; of an even count the mean of the two in the middle. Throws for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]
  if (upper === undefined || lower === undefined) throw new RangeError('no values')
  return (lower + upper) / 2
}

/** The value that `share` (0 to 1) of the values do not exceed, by nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  if (value === undefined) throw new RangeError('no values')
  return value
}

/** What the processes of one kind came to, in one metric. */
export interface Figure {
  /** Median of the process medians. */
  readonly value: number
  /** Largest minus smallest process median: what a difference must exceed to mean anything. */
  readonly spread: number
  /** One median a process. */
  readonly processes: readonly number[]
}

/**
 * Rounds of one process are no replicates: they share its luck. So each process counts once, by its
 * median. Where there is one process alone, its rounds are all there is and give the spread.
 */
export function figureOf(rounds: readonly (readonly number[])[]): Figure {
  const processes = rounds.map(median)
  const replicates = processes.length > 1 ? processes : (rounds[0] ?? [])
  const spread = Math.max(...replicates) - Math.min(...replicates)
  return { value: median(processes), spread, processes }
}

/** A difference or ratio of two figures, with the uncertainty that it inherits. */
export interface Comparison {
  readonly value: number
  readonly spread: number
  /** False when the difference is not larger than the spread of either kind. */
  readonly resolved: boolean
}

export function difference(of: Figure, over: Figure): Comparison {
  const value = of.value - over.value
  const spread = Math.max(of.spread, over.spread)
  return { value, spread, resolved: Math.abs(value) > spread }
}

export function ratio(of: Figure, to: Figure): Comparison {
  const value = of.value / to.value
  const relative = Math.max(of.spread / of.value, to.spread / to.value)
  const { resolved } = difference(of, to)
  return { value, spread: value * relative, resolved }
}

/** A copy in random order. Order of processes is drawn, so that a drift of the machine hits all. */
export function shuffled<T>(values: readonly T[], random: () => number = Math.random): T[] {
  const copy = [...values]
  for (let at = copy.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    const [a, b] = [copy[at], copy[other]]
    if (a !== undefined && b !== undefined) [copy[at], copy[other]] = [b, a]
  }
  return copy
}
