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
  if (isIPv4(text)) return { ip: text, family: 'ipv4' }
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
  const network = [...readGroups(address.ip).slice(0, 4), 0, 0, 0, 0]
  return `${formatGroups(network)}/64`
}

/** The eight 16-bit groups of a text that isIPv6 has accepted. */
function readGroups(text: string): number[] {
  const zone = text.indexOf('%')
  const [head = '', tail] = (zone < 0 ? text : text.slice(0, zone)).split('::')
  const left = readPart(head)
  if (tail === undefined) return left
  const right = readPart(tail)
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right]
}

function readPart(part: string): number[] {
  if (part === '') return []
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}

function foldMapped(groups: readonly number[]): string | undefined {
  const [high = 0, low = 0] = groups.slice(6)
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  return mapped ? `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}` : undefined
}

/** RFC 5952 section 4: lower case, no leading zeros, the first longest run of zeros as `::`. */
function formatGroups(groups: readonly number[]): string {
  const run = longestZeroRun(groups)
  const hex = groups.map((group) => group.toString(16))
  if (run.length < 2) return hex.join(':')
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > best.length) best = { start: index - length + 1, length }
  }
  return best
}
