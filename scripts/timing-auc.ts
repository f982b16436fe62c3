/** How well one duration tells two groups apart. */
export interface Separation {
  /** Chance that a value of `a` is above one of `b`, ties halved: 0.5 when nothing tells them apart. */
  readonly auc: number
  /** Standard error of `auc` if nothing told them apart. */
  readonly error: number
}

/** The area under the ROC curve, by ranks (Mann and Whitney, 1947). */
export function separation(a: readonly number[], b: readonly number[]): Separation {
  const values = [
    ...a.map((value) => ({ value, own: true })),
    ...b.map((value) => ({ value, own: false })),
  ].sort((one, other) => one.value - other.value)
  let ranks = 0
  for (let at = 0; at < values.length; ) {
    let end = at
    while (values[end]?.value === values[at]?.value && end < values.length) end += 1
    const tied = values.slice(at, end).filter(({ own }) => own).length
    ranks += (tied * (at + 1 + end)) / 2
    at = end
  }
  const pairs = a.length * b.length
  return {
    auc: (ranks - (a.length * (a.length + 1)) / 2) / pairs,
    error: Math.sqrt((a.length + b.length + 1) / (12 * pairs)),
  }
}

/** The middle value; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const half = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]]
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2
}
