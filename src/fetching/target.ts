import { isIP } from 'node:net'
import { fetchErrors } from './errors.ts'
import { FetchFault, type FetchFaultReason } from './fault.ts'
import type { FetchRules } from './options.ts'

/** An address that may be called, and the machines behind it that were checked. */
export interface FetchTarget {
  readonly url: URL
  /** At least one; each may be called. The connection goes to these and no others. */
  readonly addresses: readonly string[]
}

/**
 * Judges an address and resolves its name, once. One answer that may not be called refuses them all: who
 * mixes public and private addresses wants us to pick the wrong one. Whatever is refused, and a name that
 * does not exist, is the same `fetch_refused`, so that nobody can search a network by it.
 */
export async function judgeTarget(
  url: URL,
  rules: FetchRules,
  signal?: AbortSignal,
): Promise<FetchTarget> {
  const reason = addressFault(url, rules)
  if (reason) throw refused(reason)
  const addresses = await addressesOf(url, rules, signal)
  if (addresses.length === 0) throw refused('dns')
  if (!addresses.every((ip) => rules.reaches(ip))) throw refused('private')
  return { url, addresses }
}

/** A refusal, with the reason for who wrote the call. */
export function refused(reason: FetchFaultReason, cause?: unknown): Error {
  return fetchErrors.fetch_refused({ cause: new FetchFault(reason, cause) })
}

function addressFault(
  url: URL,
  { http, origins, ports }: FetchRules,
): FetchFaultReason | undefined {
  if (url.protocol !== 'https:' && !(http && url.protocol === 'http:')) return 'scheme'
  if (url.username !== '' || url.password !== '') return 'userinfo'
  if (url.hostname === '') return 'host'
  if (origins) return origins.has(url.origin) ? undefined : 'origin'
  return ports.has(portOf(url)) ? undefined : 'port'
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}

async function addressesOf(
  url: URL,
  { resolve }: FetchRules,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) !== 0) return [literal]
  try {
    return await resolve(url.hostname, signal)
  } catch (error) {
    if (error instanceof FetchFault) throw fetchErrors.fetch_failed({ cause: error })
    throw refused('dns', error)
  }
}
