import { hash } from 'node:crypto'
import type { Clock } from '../ports/index.ts'
import { type LimitPolicy, type LimitVerdict, verdictOf } from './policy.ts'
import { type UnsharedWindow, WindowTable } from './window-table.ts'

/** Longer keys are replaced by their hash, so that a key costs what keys cost. */
const longestKey = 128
/** Share of its points from which a window is told to other nodes. */
const sharedFrom = 0.1
const store = 'memory'

interface Counter {
  readonly windows: WindowTable
  /** When each blocked key is free again, oldest block first. */
  readonly blocked: Map<string, number>
}

/**
 * Limits in the memory of this process: synchronous, and on the monotonic clock, so that a jump of
 * the wall clock neither frees nor holds anyone.
 */
export class MemoryLimits {
  readonly #clock: Clock
  readonly #maxKeys: number
  readonly #counters = new Map<string, Counter>()

  /** `maxKeys` bounds the keys of each policy. */
  constructor(clock: Clock, maxKeys: number) {
    this.#clock = clock
    this.#maxKeys = maxKeys
  }

  /** Windows held at the moment, of all policies. */
  get keys(): number {
    let sum = 0
    for (const { windows } of this.#counters.values()) sum += windows.size
    return sum
  }

  consume(policy: LimitPolicy, key: string, points: number): LimitVerdict {
    const now = this.#clock.monotonic()
    const id = shortKey(key)
    const { windows, blocked } = this.#counter(policy)
    const until = blocked.size === 0 ? undefined : blockedUntil(blocked, id, now)
    if (until !== undefined) return refusal(policy, until, now)
    const slot = windows.open(policy, id, now)
    const used = windows.used(slot) + points
    const endsAt = windows.endsAt(slot)
    if (used <= policy.points) {
      windows.setUsed(slot, used)
      return verdictOf(policy, true, { used, endsAt, now, store })
    }
    if (policy.blockMs === undefined) return verdictOf(policy, false, { used, endsAt, now, store })
    return this.#block(policy, id, now)
  }

  peek(policy: LimitPolicy, key: string): LimitVerdict {
    const now = this.#clock.monotonic()
    const id = shortKey(key)
    const { windows, blocked } = this.#counter(policy)
    const until = blockedUntil(blocked, id, now)
    if (until !== undefined) return refusal(policy, until, now)
    const slot = windows.find(id, now)
    const used = slot === undefined ? 0 : windows.used(slot)
    const endsAt = slot === undefined ? now + policy.windowMs : windows.endsAt(slot)
    return verdictOf(policy, used < policy.points, { used, endsAt, now, store })
  }

  /** Gives points back to the window they were taken from; to a later one nothing is given. */
  refund(policy: LimitPolicy, key: string, charge: { points: number; endsAt: number }): void {
    const { windows } = this.#counter(policy)
    const slot = windows.find(shortKey(key), this.#clock.monotonic())
    if (slot === undefined || windows.endsAt(slot) !== charge.endsAt) return
    windows.setUsed(slot, Math.max(0, windows.used(slot) - charge.points))
  }

  reset(policy: LimitPolicy, key: string): void {
    const { windows, blocked } = this.#counter(policy)
    windows.delete(shortKey(key))
    blocked.delete(shortKey(key))
  }

  /**
   * What other nodes have to hear: the windows that are heavy enough to matter, at most `most` of
   * them, in turn. Lighter ones stay where they are, which costs a limit at most that share on each node.
   */
  unshared(policy: LimitPolicy, most: number): UnsharedWindow[] {
    const counter = this.#counters.get(policy.name)
    if (!counter) return []
    const least = Math.ceil(policy.points * sharedFrom)
    const windows: UnsharedWindow[] = []
    for (const window of counter.windows.unshared(least, this.#clock.monotonic())) {
      if (windows.push(window) === most) break
    }
    return windows
  }

  /** Takes over the count of all nodes. */
  share(
    policy: LimitPolicy,
    window: UnsharedWindow,
    all: { readonly used: number; readonly endsAt: number },
  ): void {
    this.#counters.get(policy.name)?.windows.share(window, all)
  }

  #block(policy: LimitPolicy, id: string, now: number): LimitVerdict {
    const { windows, blocked } = this.#counter(policy)
    const until = now + (policy.blockMs ?? 0)
    if (blocked.size >= this.#maxKeys) dropOldest(blocked)
    blocked.set(id, until)
    windows.delete(id)
    return refusal(policy, until, now)
  }

  #counter(policy: LimitPolicy): Counter {
    const found = this.#counters.get(policy.name)
    if (found) return found
    const counter: Counter = { windows: new WindowTable(this.#maxKeys), blocked: new Map() }
    this.#counters.set(policy.name, counter)
    return counter
  }
}

function blockedUntil(blocked: Map<string, number>, id: string, now: number): number | undefined {
  const until = blocked.get(id)
  if (until === undefined || until > now) return until
  blocked.delete(id)
  return undefined
}

function refusal(policy: LimitPolicy, endsAt: number, now: number): LimitVerdict {
  return verdictOf(policy, false, { used: policy.points, endsAt, now, store })
}

function dropOldest(blocked: Map<string, number>): void {
  for (const key of blocked.keys()) {
    blocked.delete(key)
    return
  }
}

function shortKey(key: string): string {
  return key.length <= longestKey ? key : hash('sha256', key, 'base64url')
}
