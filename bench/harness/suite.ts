import type { Depth } from './http-bench.ts'
import type { Column } from './report.ts'
import type { Measured, Plan } from './verdict.ts'

/** A benchmark: what it measures beside what, and what its figures should be. */
export interface Suite {
  readonly name: string
  readonly title: string
  /** Packages whose versions belong to the result. */
  readonly packages: readonly string[]
  /** The first one is what kinds are compared by. */
  readonly columns: readonly Column[]
  readonly plan: Plan
  readonly run: (depth: Depth) => Promise<Measured[]>
}
