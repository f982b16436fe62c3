import { BlockList } from 'node:net'
import { defineErrors, SecurityError } from '../errors/index.ts'
import { type Address, limitKey, parseAddress, parseHop } from './client-ip-parse.ts'
import type { ClientAddress } from './exchange.ts'
import { readRange } from './ip-ranges.ts'

/** The proxies whose word about the client is taken. Made once by `compileTrustedProxies`. */
export interface TrustedProxies {
  /** True when nobody is trusted; then X-Forwarded-For is never read. */
  readonly empty: boolean
  trusts(address: Address): boolean
}

/** What the names in a proxy list stand for. */
const namedRanges: ReadonlyMap<string, readonly string[]> = new Map([
  ['loopback', ['127.0.0.0/8', '::1']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']],
])

/** Thrown at start, never by a request. */
export const clientIpErrors = defineErrors({
  trusted_proxy_invalid: {
    status: 500,
    title: 'Invalid trusted proxy',
    detail: 'An entry of "trustedProxies" cannot be used.',
  },
})

/**
 * Compiles addresses (`10.0.0.7`, `2001:db8::7`), ranges (`10.0.0.0/8`) and the names `loopback`
 * and `private`. Throws the SecurityError `trusted_proxy_invalid` that names a bad entry; a range
 * that holds everyone is bad, because with it any client could choose its own address.
 */
export function compileTrustedProxies(list: readonly string[]): TrustedProxies {
  const ranges = new BlockList()
  for (const entry of list) {
    for (const range of namedRanges.get(entry) ?? [entry]) addRange(ranges, range)
  }
  return {
    empty: list.length === 0,
    trusts: ({ ip, family }) => ranges.check(ip, family),
  }
}

function addRange(ranges: BlockList, entry: string): void {
  const range = readRange(entry)
  if (!range.ok) throw badEntry(entry, `${range.problem}; the names are "loopback" and "private"`)
  if (range.prefix === 0)
    throw badEntry(entry, 'would trust everyone, so a client could pick its address')
  ranges.addSubnet(range.ip, range.prefix, range.family)
}

function badEntry(entry: string, why: string): SecurityError {
  const detail = `trustedProxies: ${JSON.stringify(entry.slice(0, 100))} ${why}.`
  const definition = clientIpErrors.$table.trusted_proxy_invalid
  return new SecurityError('trusted_proxy_invalid', { ...definition, detail })
}

/** The address of a socket that has none, a Unix socket or a pipe; all of them share one bucket. */
const unknownClient: ClientAddress = Object.freeze({ ip: 'unknown', key: 'unknown' })

/**
 * Finds the client. X-Forwarded-For is read from the right, and only as long as the hop that wrote
 * an entry is trusted: what stands further left could be written by anyone. An entry that is no
 * address ends the walk at the last hop known for certain, so that garbage never loses the client
 * its limits (CVE-2024-47070). Ports, brackets and zone ids are dropped, IPv4-mapped addresses are
 * folded to IPv4, and IPv6 is counted by its /64.
 */
export function resolveClient(
  peer: string,
  forwardedFor: string | readonly string[] | undefined,
  trusted: TrustedProxies,
): ClientAddress {
  const socket = parseAddress(peer)
  if (!socket) return unknownClient
  const client =
    trusted.empty || forwardedFor === undefined ? socket : walk(socket, forwardedFor, trusted)
  return { ip: client.ip, key: limitKey(client) }
}

function walk(
  socket: Address,
  forwardedFor: string | readonly string[],
  trusted: TrustedProxies,
): Address {
  const header = typeof forwardedFor === 'string' ? forwardedFor : forwardedFor.join(',')
  let hop = socket
  let end = header.length
  while (end >= 0 && trusted.trusts(hop)) {
    const comma = end === 0 ? -1 : header.lastIndexOf(',', end - 1)
    const next = parseHop(header.slice(comma + 1, end))
    if (!next) return hop
    hop = next
    end = comma
  }
  return hop
}
