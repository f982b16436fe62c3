import type { ShieldControl } from '../config/index.ts'

export const dayMs = 86_400_000
const mostExamples = 3

/** One case, told without anything that its sender wrote. */
export interface RefusalExample {
  /** Epoch milliseconds. */
  readonly at: number
  readonly requestId: string
  readonly ip?: string
  /** Place of the fault; names that may be data are left out. */
  readonly field?: string
}

/** How often a rule spoke on a route in one day. */
export interface RefusalCount {
  /** Its first instant in UTC, epoch milliseconds. */
  readonly day: number
  readonly control: ShieldControl
  readonly rule: string
  readonly route: string
  readonly enforced: boolean
  readonly count: number
  /** Requests in which nothing of the control was found before: over all rules, how many requests it was about. */
  readonly requests: number
  /** Epoch milliseconds. */
  readonly firstAt: number
  readonly lastAt: number
  /** The last ones, at most three. */
  readonly examples: readonly RefusalExample[]
}

/** What is counted together. */
export function keyOf({ control, day, enforced, route, rule }: RefusalCount): string {
  return `${day} ${control} ${rule} ${route} ${enforced}`
}

/** Two counts of the same as one. */
export function sumOf(known: RefusalCount, more: RefusalCount): RefusalCount {
  return {
    ...known,
    count: known.count + more.count,
    requests: known.requests + more.requests,
    firstAt: Math.min(known.firstAt, more.firstAt),
    lastAt: Math.max(known.lastAt, more.lastAt),
    examples: latestExamples([...known.examples, ...more.examples]),
  }
}

/** The last three. */
export function latestExamples(examples: readonly RefusalExample[]): readonly RefusalExample[] {
  return [...examples].sort((one, other) => one.at - other.at).slice(-mostExamples)
}
