import { isIPv4, isIPv6 } from 'node:net'

/** An address in its one canonical spelling. */
export interface Address {
  readonly ip: string
  readonly family: 'ipv4' | 'ipv6'
}

/**
 * Reads an IP address as sockets and headers write it, or undefined. IPv4 is four plain decimal
 * numbers; octal, hexadecimal and short forms, which readers disagree about, are refused. IPv6 comes
 * out as RFC 5952 section 4 wants it, without its zone id; IPv4-mapped IPv6 comes out as IPv4.
 */
export function parseAddress(text: string): Address | undefined {
  // What a dual-stack socket calls an IPv4 client; it comes with nearly every request.
  const plain = text.startsWith('::ffff:') ? text.slice(7) : text
  if (isIPv4(plain)) return { ip: plain, family: 'ipv4' }
  if (!isIPv6(text)) return undefined
  const groups = readGroups(text)
  const mapped = foldMapped(groups)
  return mapped === undefined
    ? { ip: formatGroups(groups), family: 'ipv6' }
    : { ip: mapped, family: 'ipv4' }
}

/** One entry of X-Forwarded-For: an address, perhaps in brackets, perhaps with a port. */
export function parseHop(entry: string): Address | undefined {
  const text = entry.trim()
  if (text.length > 80) return undefined
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)
  if (bracketed?.[1]) return isIPv6(bracketed[1]) ? parseAddress(bracketed[1]) : undefined
  const withPort = /^([\d.]+):\d{1,5}$/.exec(text)
  return parseAddress(withPort?.[1] ?? text)
}

/**
 * What limits count: an IPv4 address, or the /64 of an IPv6 address, since one customer usually
 * holds a whole /64 and could otherwise have a fresh bucket for every request.
 */
export function limitKey(address: Address): string {
  if (address.family === 'ipv4') return address.ip
  const groups = readGroups(address.ip)
  let kept = 4
  while (kept > 0 && groups[kept - 1] === 0) kept -= 1
  let network = ''
  for (let at = 0; at < kept; at += 1)
    network += `${at === 0 ? '' : ':'}${groups[at]?.toString(16)}`
  return `${network}::/64`
}

/** The eight 16-bit groups of a text that isIPv6 has accepted. */
export function readGroups(text: string): number[] {
  const zone = text.indexOf('%')
  const address = zone < 0 ? text : text.slice(0, zone)
  const gap = address.indexOf('::')
  if (gap < 0) return readPart(address)
  const groups = readPart(address.slice(0, gap))
  const right = readPart(address.slice(gap + 2))
  while (groups.length + right.length < 8) groups.push(0)
  return groups.concat(right)
}

function readPart(part: string): number[] {
  const groups: number[] = []
  if (part === '') return groups
  for (const group of part.split(':')) {
    if (group.includes('.')) {
      const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
      groups.push(a * 256 + b, c * 256 + d)
    } else groups.push(Number.parseInt(group, 16))
  }
  return groups
}

function foldMapped(groups: readonly number[]): string | undefined {
  const [high = 0, low = 0] = groups.slice(6)
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  return mapped ? `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}` : undefined
}

/** RFC 5952 section 4: lower case, no leading zeros, the first longest run of zeros as `::`. */
export function formatGroups(groups: readonly number[]): string {
  const run = longestZeroRun(groups)
  const hex = groups.map((group) => group.toString(16))
  if (run.length < 2) return hex.join(':')
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let start = 0
  let best = 0
  let length = 0
  for (let index = 0; index < groups.length; index += 1) {
    length = groups[index] === 0 ? length + 1 : 0
    if (length > best) {
      best = length
      start = index - length + 1
    }
  }
  return { start, length: best }
}
