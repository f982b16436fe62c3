import { BlockList, isIPv4 } from 'node:net'
import { parseAddress } from './client-ip-parse.ts'

/** An address or a range, read. */
export type ReadRange =
  | {
      readonly ok: true
      readonly ip: string
      readonly prefix: number
      readonly family: 'ipv4' | 'ipv6'
    }
  | { readonly ok: false; readonly problem: string }

/** Who is inside, or the entry that cannot be read and why. */
export type IpRanges =
  | {
      readonly ok: true
      /** Whether an address, in any spelling, lies in one of them; text that is no address lies in none. */
      has(ip: string): boolean
    }
  | { readonly ok: false; readonly entry: string; readonly problem: string }

/**
 * Compiles addresses (`203.0.113.7`, `2001:db8::7`) and ranges (`203.0.113.0/24`). IPv4-mapped IPv6 is
 * the IPv4 address that it holds, in ranges and in what is asked. An empty list holds nobody; a range
 * that holds everybody is refused, since it says nothing.
 */
export function compileIpRanges(texts: readonly string[]): IpRanges {
  // Apart: one list of both would find IPv4 clients, as `::ffff:0:0/96`, in wide ranges of IPv6.
  const ranges = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const entry of texts) {
    const range = readRange(entry)
    if (!range.ok) return { ok: false, entry, problem: range.problem }
    if (range.prefix === 0) return { ok: false, entry, problem: 'holds every address' }
    ranges[range.family].addSubnet(range.ip, range.prefix, range.family)
  }
  return {
    ok: true,
    has: (ip) => {
      const address = parseAddress(ip)
      return address !== undefined && ranges[address.family].check(address.ip, address.family)
    },
  }
}

/** Reads one entry; a prefix of 0 is read, and for the caller to judge. */
export function readRange(entry: string): ReadRange {
  const slash = entry.indexOf('/')
  const text = slash < 0 ? entry : entry.slice(0, slash)
  const address = text.includes('%') ? undefined : parseAddress(text)
  if (!address) return { ok: false, problem: 'is neither an address nor a range' }
  const whole = address.family === 'ipv4' ? 32 : 128
  const folded = address.family === 'ipv4' && !isIPv4(text)
  const prefix = slash < 0 ? whole : readPrefix(entry.slice(slash + 1), folded ? 96 : 0)
  if (prefix === undefined || prefix > whole) {
    return { ok: false, problem: 'has a prefix length outside of its range' }
  }
  return { ok: true, ...address, prefix }
}

/** `::ffff:10.0.0.0/104` is `10.0.0.0/8`: `folded` bits are those of the mapping. */
function readPrefix(digits: string, folded: number): number | undefined {
  if (!/^\d{1,3}$/.test(digits)) return undefined
  const prefix = Number(digits) - folded
  return prefix < 0 ? undefined : prefix
}
