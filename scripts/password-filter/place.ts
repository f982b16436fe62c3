import {
  type FusePlaces,
  type FuseShape,
  placesOf,
  slotsOf,
  writeFuse,
} from '../../src/passwords/fuse-filter.ts'

const mostSeeds = 100

/** Builds the filter of a set of keys; the same keys in any order give the same bytes. */
export function buildFuse(keys: ReadonlySet<string>): Uint8Array {
  const sorted = [...keys].sort()
  for (let seed = 0; seed < mostSeeds; seed++) {
    const shape = shapeFor(sorted.length, seed)
    const slots = fill(sorted, shape)
    if (slots) return writeFuse(shape, sorted.length, slots)
  }
  throw new Error('the keys cannot be placed')
}

/** The sizes that the paper recommends for three slots a key. */
function shapeFor(keys: number, seed: number): FuseShape {
  const size = Math.max(keys, 2)
  const segmentLength = 2 ** Math.floor(Math.log(size) / Math.log(3.33) + 2.25)
  const factor = Math.max(1.125, 0.875 + (0.25 * Math.log(1e6)) / Math.log(size))
  const segments = Math.max(1, Math.ceil((size * factor) / segmentLength) - 2)
  return { seed, segmentLength, segments }
}

/** Fills the slots so that those of each key add up to its fingerprint; undefined when it cannot be. */
function fill(keys: readonly string[], shape: FuseShape): Uint16Array | undefined {
  const places = keys.map((key) => placesOf(key, shape))
  const order = peel(places, slotsOf(shape))
  if (!order) return undefined
  const slots = new Uint16Array(slotsOf(shape))
  for (const { key, own } of order.reverse()) {
    const { fingerprint, slots: three } = places[key] as FusePlaces
    slots[own] = three.reduce((sum, at) => sum ^ (slots[at] ?? 0), fingerprint ^ (slots[own] ?? 0))
  }
  return slots
}

interface Peeled {
  readonly key: number
  /** The slot that belongs to this key alone once those before it are gone. */
  readonly own: number
}

/** Takes away, again and again, a key that has a slot for itself. */
function peel(places: readonly FusePlaces[], slots: number): Peeled[] | undefined {
  const counts = new Uint32Array(slots)
  const mixed = new Uint32Array(slots)
  const touch = (key: number, step: 1 | -1) => {
    for (const at of places[key]?.slots ?? []) {
      counts[at] = (counts[at] ?? 0) + step
      mixed[at] = (mixed[at] ?? 0) ^ key
    }
  }
  for (const key of places.keys()) touch(key, 1)
  const lone = [...counts.keys()].filter((at) => counts[at] === 1)
  const order: Peeled[] = []
  for (let own = lone.pop(); own !== undefined; own = lone.pop()) {
    if (counts[own] !== 1) continue
    const key = mixed[own] ?? 0
    touch(key, -1)
    order.push({ key, own })
    lone.push(...(places[key]?.slots ?? []).filter((at) => counts[at] === 1))
  }
  return order.length === places.length ? order : undefined
}
