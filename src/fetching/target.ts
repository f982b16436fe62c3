import { isIP } from 'node:net'
import { fetchErrors } from './errors.ts'
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
export async function judgeTarget(url: URL, rules: FetchRules): Promise<FetchTarget> {
  if (!mayBeCalled(url, rules)) throw fetchErrors.fetch_refused()
  const addresses = await addressesOf(url, rules)
  if (addresses.length === 0 || !addresses.every((ip) => rules.reaches(ip))) {
    throw fetchErrors.fetch_refused()
  }
  return { url, addresses }
}

function mayBeCalled(url: URL, { http, origins, ports }: FetchRules): boolean {
  const scheme = url.protocol === 'https:' || (http && url.protocol === 'http:')
  if (!scheme || url.username !== '' || url.password !== '' || url.hostname === '') return false
  if (origins) return origins.has(url.origin)
  return ports.has(portOf(url))
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}

async function addressesOf(url: URL, { resolve }: FetchRules): Promise<readonly string[]> {
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) !== 0) return [literal]
  try {
    return await resolve(url.hostname)
  } catch {
    return []
  }
}
