import { type Address, formatGroups, readGroups } from './client-ip-parse.ts'
import { type ReadRange, readRange } from './ip-ranges.ts'

/** A range of addresses as numbers, with nothing beyond its prefix. */
export interface Network {
  readonly family: Address['family']
  /** Length of the prefix, bits. */
  readonly length: number
  /** The address in 32-bit words, highest first: one for IPv4, four for IPv6. */
  readonly words: readonly number[]
  /** Its one spelling, such as `10.0.0.0/8` or `2001:db8::/32`. */
  readonly text: string
}

export type ReadNetwork =
  | { readonly ok: true; readonly network: Network }
  | Extract<ReadRange, { ok: false }>

/**
 * Reads an address or a CIDR range. What is written beyond the prefix is cleared, and IPv4-mapped IPv6 is
 * the IPv4 that it holds; 6to4 and NAT64 addresses are IPv6 as any other.
 */
export function readNetwork(entry: string): ReadNetwork {
  const range = readRange(entry)
  if (!range.ok) return range
  const words = wordsOf(range).map((word, at) => maskWord(word, range.prefix - 32 * at))
  const { family, prefix: length } = range
  const text = `${textOf(words, family)}/${length}`
  return { ok: true, network: { family, length, words, text } }
}

/** The 32-bit words of an address that `parseAddress` has read. */
export function wordsOf({ family, ip }: Address): readonly number[] {
  if (family === 'ipv4') return [wordOfIpv4(ip)]
  const groups = readGroups(ip)
  return [0, 2, 4, 6].map((at) => (groups[at] ?? 0) * 65_536 + (groups[at + 1] ?? 0))
}

function wordOfIpv4(ip: string): number {
  let word = 0
  let part = 0
  for (let at = 0; at < ip.length; at++) {
    const code = ip.charCodeAt(at)
    if (code === 46) {
      word = word * 256 + part
      part = 0
    } else part = part * 10 + code - 48
  }
  return word * 256 + part
}

function maskWord(word: number, bits: number): number {
  if (bits >= 32) return word
  return bits <= 0 ? 0 : (word & (0xffffffff << (32 - bits))) >>> 0
}

function textOf(words: readonly number[], family: Address['family']): string {
  if (family === 'ipv6') {
    return formatGroups(words.flatMap((word) => [word >>> 16, word & 0xffff]))
  }
  const [word = 0] = words
  return [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join('.')
}
