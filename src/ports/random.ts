import { randomBytes } from 'node:crypto'

/** Where randomness comes from. The default is the operating system's generator. */
export interface Random {
  bytes(length: number): Uint8Array
}

/** The operating system's generator. */
export const systemRandom: Random = Object.freeze({
  bytes: (length: number) => randomBytes(length),
})

/**
 * A UUIDv7 (RFC 9562 section 5.7): 48 bits of epoch milliseconds, then 74 random bits. Sortable by
 * time, so that indexes stay dense. It is a name and never a secret.
 */
export function uuidv7(now: number, random: Random): string {
  const bytes = Buffer.alloc(16)
  bytes.set(random.bytes(10), 6)
  bytes.writeUIntBE(now, 0, 6)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/**
 * The same randomness, drawn in blocks, since most of the price of a draw is fixed. For names and
 * nonces made with every request, not for keys: a block lies in memory before it is used.
 */
export function pooledRandom(random: Random, blockBytes = 4_096): Random {
  let block = new Uint8Array(0)
  let at = 0
  return Object.freeze({
    bytes(length: number): Uint8Array {
      if (length > blockBytes) return random.bytes(length)
      if (at + length > block.byteLength) {
        block = Uint8Array.from(random.bytes(blockBytes))
        at = 0
      }
      at += length
      return block.subarray(at - length, at)
    },
  })
}
