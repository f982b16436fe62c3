import type { Random } from '../ports/index.ts'

export interface Backoff {
  /** Wait after the first failure; doubles with each further one. */
  readonly firstMs: number
  readonly maxMs: number
}

/** A number from 0 up to, not including, 1. */
function fraction(random: Random): number {
  return Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32
}

/** `ms` made up to a tenth longer or shorter, so that nodes do not march in step. */
export function withJitter(ms: number, random: Random): number {
  return Math.round(ms * (0.9 + 0.2 * fraction(random)))
}

/** Milliseconds to wait after failure number `failures`, counted from 1. */
export function backoffMs(failures: number, backoff: Backoff, random: Random): number {
  const doublings = Math.min(Math.max(failures - 1, 0), 40)
  return withJitter(Math.min(backoff.firstMs * 2 ** doublings, backoff.maxMs), random)
}
