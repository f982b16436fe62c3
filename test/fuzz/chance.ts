/** Random choices that a seed repeats: the same seed and number give the same request. */
export class Chance {
  #state: number

  /** @param at number of the request, so that one can be made again without those before it. */
  constructor(seed: number, at: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(at + 1, 0xc2b2ae35)
    for (let turn = 0; turn < 4; turn += 1) this.#next()
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.#next() * below)
  }

  /** True this often out of a hundred. */
  percent(share: number): boolean {
    return this.#next() * 100 < share
  }

  pick<T>(from: readonly [T, ...T[]] | readonly T[]): T {
    const found = from[this.below(from.length)]
    if (found === undefined) throw new Error('nothing to pick from')
    return found
  }

  /** Picks by weight. */
  weighted<T>(from: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.#next() * from.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, value] of from) {
      left -= weight
      if (left < 0) return value
    }
    throw new Error('nothing to pick from')
  }

  /** mulberry32: small, fast, and good enough to choose with. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
