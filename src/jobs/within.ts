import type { Clock } from '../ports/index.ts'

export interface WithinOptions {
  readonly ms: number
  readonly clock: Clock
  /** Makes the rejection for work that takes longer. */
  readonly late: () => Error
}

/** What `work` resolves to, or a rejection when it takes longer than `ms`; the work itself goes on. */
export async function within<T>(work: Promise<T>, { clock, late, ms }: WithinOptions): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = clock.after(ms, () => reject(late()))
  try {
    return await Promise.race([work, promise])
  } finally {
    timer.cancel()
  }
}
