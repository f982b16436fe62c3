import { createHash } from 'node:crypto'

/**
 * Where a key lives in a binary fuse filter (Graf and Lemire, "Binary Fuse Filters", 2022): three
 * slots in three neighbouring segments, and a fingerprint of 16 bits that they add up to.
 */
export interface FusePlaces {
  readonly slots: readonly [number, number, number]
  readonly fingerprint: number
}

/** Size of a filter: `segments` overlapping windows of three, each `segmentLength` slots long. */
export interface FuseShape {
  /** Another one is tried when keys cannot be placed. */
  readonly seed: number
  /** A power of two. */
  readonly segmentLength: number
  readonly segments: number
}

/** Slots of a filter of this shape. */
export function slotsOf({ segmentLength, segments }: FuseShape): number {
  return (segments + 2) * segmentLength
}

/** The places of a key; five 32-bit words of its SHA-256 decide. */
export function placesOf(key: string, { seed, segmentLength, segments }: FuseShape): FusePlaces {
  const digest = createHash('sha256').update(`common-password ${seed} ${key}`).digest()
  const word = (at: number) => digest.readUInt32LE(at * 4)
  const first = Math.floor((word(0) * segments) / 2 ** 32) * segmentLength
  const inside = (at: number) => word(at) & (segmentLength - 1)
  return {
    slots: [
      first + inside(1),
      first + segmentLength + inside(2),
      first + 2 * segmentLength + inside(3),
    ],
    fingerprint: word(4) & 0xffff,
  }
}

const magic = 'HFCP1'
/** Magic, three bytes of nothing, then seed, segment length, segments and keys as 32-bit words. */
export const fuseHeaderBytes = 24

/** The bytes of a filter: a header, then each slot as a little-endian word of 16 bits. */
export function writeFuse(shape: FuseShape, keys: number, slots: Uint16Array): Uint8Array {
  const file = Buffer.alloc(fuseHeaderBytes + slots.length * 2)
  file.write(magic)
  const words = [shape.seed, shape.segmentLength, shape.segments, keys]
  for (const [at, word] of words.entries()) file.writeUInt32LE(word, 8 + at * 4)
  for (const [at, slot] of slots.entries()) file.writeUInt16LE(slot, fuseHeaderBytes + at * 2)
  return file
}

/**
 * A set that answers membership from two bytes and a quarter a key. It knows every key it was built
 * from; of other texts it takes one in 65,536 for a member.
 */
export class FuseFilter {
  readonly #shape: FuseShape
  readonly #file: Buffer
  /** Keys it was built from. */
  readonly size: number

  /** Throws RangeError for bytes that are no whole filter. */
  constructor(bytes: Uint8Array) {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (file.length < fuseHeaderBytes || file.toString('latin1', 0, 5) !== magic) {
      throw new RangeError('these bytes are no filter')
    }
    const word = (at: number) => file.readUInt32LE(8 + at * 4)
    this.#shape = { seed: word(0), segmentLength: word(1), segments: word(2) }
    this.size = word(3)
    this.#file = file
    if (file.length !== fuseHeaderBytes + slotsOf(this.#shape) * 2) {
      throw new RangeError('the filter is not whole')
    }
  }

  has(key: string): boolean {
    const { fingerprint, slots } = placesOf(key, this.#shape)
    const [a, b, c] = slots
    return (this.#slot(a) ^ this.#slot(b) ^ this.#slot(c)) === fingerprint
  }

  #slot(at: number): number {
    return this.#file.readUInt16LE(fuseHeaderBytes + at * 2)
  }
}
