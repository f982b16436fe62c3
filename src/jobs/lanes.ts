/** What a batch is worked on with. */
export interface LaneOptions<R> {
  /** How many items are worked on at once. */
  readonly lanes: number
  /** No further item is begun once it aborts. */
  readonly signal?: AbortSignal | undefined
  /** A result after which no further item is begun. */
  readonly stopAt?: R
}

/**
 * Works on items in parallel lanes and answers the results. Rejects with the first failure, after all
 * lanes have come to rest.
 */
export async function inLanes<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  { lanes, signal, stopAt }: LaneOptions<R>,
): Promise<R[]> {
  const queue = [...items]
  const results: R[] = []
  const stopped = () => stopAt !== undefined && results.includes(stopAt)
  const lane = async (): Promise<void> => {
    while (!signal?.aborted && !stopped()) {
      const item = queue.shift()
      if (item === undefined) return
      results.push(await work(item))
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane))
  const broken = ends.find((end) => end.status === 'rejected')
  if (broken) throw broken.reason
  return results
}
