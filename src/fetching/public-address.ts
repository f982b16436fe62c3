import { compileIpRanges, type IpRanges, parseAddress } from '../http/index.ts'
import { fetchErrors } from './errors.ts'

/**
 * Networks that are nobody's on the internet (IANA special-purpose registry, RFC 6890), and addresses in
 * public ones at which clouds answer their own machines.
 */
const closedIpv4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  // The host agent of Azure.
  '168.63.129.16',
] as const

/** Of IPv6 only 2000::/3 is given out; NAT64, ULA, link-local, multicast and mapped forms lie outside. */
const givenOut = '2000::/3'
/** Within it: protocols and Teredo, 6to4 (it holds an IPv4 address), documentation. */
const closedIpv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'] as const

const closed = compiled([...closedIpv4, ...closedIpv6])
const open = compiled([givenOut])

/** Whether an address, in any spelling, is one of the public internet. Text that is no address is not. */
export function isPublicAddress(ip: string): boolean {
  const address = parseAddress(ip)
  if (address === undefined || closed.has(address.ip)) return false
  return address.family === 'ipv4' || open.has(address.ip)
}

/** Who may be called: the public internet, and the networks that the app names. */
export function compileReach(networks: readonly string[]): (ip: string) => boolean {
  const named = compileIpRanges(networks)
  if (!named.ok) {
    const entry = JSON.stringify(String(named.entry).slice(0, 100))
    throw fetchErrors.fetch_invalid({ explanation: `networks: ${entry} ${named.problem}` })
  }
  return (ip) => isPublicAddress(ip) || named.has(ip)
}

function compiled(entries: readonly string[]): Extract<IpRanges, { ok: true }> {
  const ranges = compileIpRanges(entries)
  if (!ranges.ok) throw new TypeError(`${ranges.entry} ${ranges.problem}`)
  return ranges
}
