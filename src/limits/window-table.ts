import type { LimitPolicy } from './policy.ts'

/** Share of a full table that is made free at once, so that the search for room is paid rarely. */
const evictionShare = 16
/** How many entries are looked at for each one to be freed before the oldest go regardless. */
const patience = 4
const firstCapacity = 1_024

/** Points of one window that other nodes have not heard of. */
export interface UnsharedWindow {
  readonly key: string
  readonly points: number
  /** End of the window on this node's monotonic clock; it tells the window from a later one. */
  readonly endsAt: number
}

/**
 * Windows of one policy, by key. A key costs its map entry and sixteen bytes of numbers. The number
 * of keys is bounded: when it is reached, ended windows go first, then light ones; keys that have
 * used more than half of their points are passed over, and a blocked key is not here at all but in
 * `MemoryLimits`, so that nobody frees himself by flooding the table with new keys.
 */
export class WindowTable {
  readonly #slots = new Map<string, number>()
  readonly #free: number[] = []
  readonly #maxKeys: number
  #used = new Uint32Array(firstCapacity)
  #endsAt = new Float64Array(firstCapacity)
  /** Points that the other nodes know of. */
  #shared = new Uint32Array(firstCapacity)
  #next = 0

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#slots.size
  }

  /** The slot of a key whose window is open at `now`; opens one where there is none. */
  open(policy: LimitPolicy, key: string, now: number): number {
    const found = this.#slots.get(key)
    const slot = found ?? this.#add(policy, key, now)
    if (found === undefined || this.endsAt(slot) <= now) {
      this.#used[slot] = 0
      this.#shared[slot] = 0
      this.#endsAt[slot] = now + policy.windowMs
    }
    return slot
  }

  /** The slot of a key, if its window is open at `now`. */
  find(key: string, now: number): number | undefined {
    const slot = this.#slots.get(key)
    return slot !== undefined && this.endsAt(slot) > now ? slot : undefined
  }

  used(slot: number): number {
    return this.#used[slot] ?? 0
  }

  endsAt(slot: number): number {
    return this.#endsAt[slot] ?? 0
  }

  setUsed(slot: number, used: number): void {
    this.#used[slot] = used
  }

  /**
   * Open windows with at least `least` points, some of which no other node knows of yet; those that were
   * told longest ago come first, so that no number of busy keys keeps another one from being told.
   */
  *unshared(least: number, now: number): Generator<UnsharedWindow> {
    for (const [key, slot] of this.#slots) {
      const [used, shared] = [this.used(slot), this.#shared[slot] ?? 0]
      if (used >= least && used > shared && this.endsAt(slot) > now) {
        yield { key, points: used - shared, endsAt: this.endsAt(slot) }
      }
    }
  }

  /**
   * Takes over what all nodes have used in the window of a key that is still the one that was shared. The
   * key moves to the young end.
   */
  share(window: UnsharedWindow, all: { readonly used: number; readonly endsAt: number }): void {
    const slot = this.#slots.get(window.key)
    if (slot === undefined || this.endsAt(slot) !== window.endsAt) return
    const since = this.used(slot) - ((this.#shared[slot] ?? 0) + window.points)
    this.#used[slot] = all.used + Math.max(0, since)
    this.#shared[slot] = all.used
    this.#endsAt[slot] = all.endsAt
    this.#slots.delete(window.key)
    this.#slots.set(window.key, slot)
  }

  delete(key: string): void {
    const slot = this.#slots.get(key)
    if (slot === undefined) return
    this.#slots.delete(key)
    this.#free.push(slot)
  }

  #add(policy: LimitPolicy, key: string, now: number): number {
    if (this.#slots.size >= this.#maxKeys) this.#evict(policy, now)
    const slot = this.#free.pop() ?? this.#grow()
    this.#slots.set(key, slot)
    return slot
  }

  #grow(): number {
    if (this.#next === this.#used.length) {
      const capacity = this.#next * 2
      const used = new Uint32Array(capacity)
      const endsAt = new Float64Array(capacity)
      const shared = new Uint32Array(capacity)
      used.set(this.#used)
      endsAt.set(this.#endsAt)
      shared.set(this.#shared)
      this.#used = used
      this.#endsAt = endsAt
      this.#shared = shared
    }
    this.#next += 1
    return this.#next - 1
  }

  /** Walks from the oldest. Heavy users move to the young end, which is their second chance. */
  #evict(policy: LimitPolicy, now: number): void {
    const wanted = Math.ceil(this.#maxKeys / evictionShare)
    let looks = Math.min(wanted * patience, this.#slots.size)
    let freed = 0
    for (const [key, slot] of this.#slots) {
      if (freed === wanted || looks === 0) break
      looks -= 1
      const heavy = this.endsAt(slot) > now && this.used(slot) * 2 > policy.points
      this.#slots.delete(key)
      if (heavy) {
        this.#slots.set(key, slot)
      } else {
        this.#free.push(slot)
        freed += 1
      }
    }
    if (freed === 0) this.#evictOldest(wanted)
  }

  #evictOldest(wanted: number): void {
    let freed = 0
    for (const key of this.#slots.keys()) {
      if (freed === wanted) break
      this.delete(key)
      freed += 1
    }
  }
}
