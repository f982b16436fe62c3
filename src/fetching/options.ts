import { type Duration, parseDuration, parseSize, type Size } from '../config/index.ts'
import { type Clock, systemClock } from '../ports/index.ts'
import { fetchErrors } from './errors.ts'
import { boundedLookups } from './lookups.ts'
import { compileReach } from './public-address.ts'

/**
 * Finds the addresses of a name. Rejects, or gives none, where there are none. The signal tells that nobody
 * waits any longer.
 */
export type AddressResolver = (hostname: string, signal?: AbortSignal) => Promise<readonly string[]>

/** Whom a `SafeFetch` calls, and how much it takes. */
export interface SafeFetchOptions {
  /** Exact origins, such as `https://api.partner.example`. Default: every public one. */
  readonly allow?: readonly string[]
  /**
   * Addresses and ranges that may be called although they are not of the public internet, such as
   * `10.2.0.0/16`. Default: none.
   */
  readonly networks?: readonly string[]
  /** Ports beside 443 and 80. Origins of `allow` bring their own. Default: none. */
  readonly ports?: readonly number[]
  /** Whether `http:` may be called. Default false. */
  readonly http?: boolean
  /** Longest body that is read. Default `'1mb'`. */
  readonly maxBytes?: Size
  /** For all of it: look-up, redirects, the last byte. Default `'10s'`. */
  readonly timeout?: Duration
  /** How many redirects are followed; each is judged like the first address. Default 3. */
  readonly redirects?: number
  /** Certificates of authorities to believe instead of the usual ones, PEM. */
  readonly ca?: string
  /** Default: `/etc/hosts` and the DNS servers of the machine; for names without a dot its resolver. */
  readonly resolve?: AddressResolver
  readonly clock?: Clock
}

/** The options once checked. */
export interface FetchRules {
  readonly origins: ReadonlySet<string> | undefined
  readonly reaches: (ip: string) => boolean
  readonly ports: ReadonlySet<number>
  readonly http: boolean
  readonly maxBytes: number
  readonly timeoutMs: number
  readonly redirects: number
  readonly ca: string | undefined
  readonly resolve: AddressResolver
  readonly clock: Clock
}

/** Checks the options; throws `fetch_invalid` that names what is wrong. */
export function readFetchOptions(options: SafeFetchOptions): FetchRules {
  const { allow, clock = systemClock, http = false, networks = [], ports = [] } = options
  const { ca, redirects = 3, resolve = boundedLookups() } = options
  for (const origin of allow ?? []) requireOrigin(origin)
  if (!(redirects >= 0 && redirects <= 20)) throw invalid('redirects must be 0 to 20')
  return {
    origins: allow === undefined ? undefined : new Set(allow),
    reaches: compileReach(networks),
    ports: new Set([443, 80, ...ports]),
    maxBytes: parseSize(options.maxBytes ?? '1mb') ?? badUnit('maxBytes', "'1mb'"),
    timeoutMs: parseDuration(options.timeout ?? '10s') ?? badUnit('timeout', "'10s'"),
    ...{ ca, clock, http, redirects, resolve },
  }
}

function requireOrigin(text: string): void {
  if (/^https?:\/\/[^*]+$/.test(text) && URL.parse(text)?.origin === text) return
  throw invalid(`allow: ${JSON.stringify(String(text).slice(0, 100))} is no exact origin`)
}

function badUnit(option: string, example: string): never {
  throw invalid(`${option} must be written such as ${example}`)
}

function invalid(explanation: string): Error {
  return fetchErrors.fetch_invalid({ explanation })
}
