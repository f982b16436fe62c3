/** A role that runs out, or does not. */
export interface Lasting {
  readonly role: string
  /** Epoch milliseconds; null: until it is withdrawn. */
  readonly expires_at: number | null
}

/** What of these is still held at an instant. */
export function rolesAt(held: readonly Lasting[], at: number): readonly string[] {
  const kept = held.filter(({ expires_at }) => expires_at === null || expires_at > at)
  return kept.map(({ role }) => role)
}

/**
 * The first instant at which one of these runs out and `keeps` says no, in epoch milliseconds; undefined
 * where there is none. Until then whoever holds them may give what they stand for, and no longer.
 */
export function endOfHolding(
  held: readonly Lasting[],
  keeps: (at: number) => boolean,
): number | undefined {
  const ends = held.flatMap(({ expires_at }) => (expires_at === null ? [] : [expires_at]))
  return ends.sort((one, other) => one - other).find((at) => !keeps(at))
}

/** The earlier one of what was asked for and the end of whoever gives it; undefined: without end. */
export function earlier(asked: number | undefined, end: number | undefined): number | undefined {
  if (asked === undefined || end === undefined) return asked ?? end
  return Math.min(asked, end)
}
