import type { ShieldConfig } from '../config/index.ts'
import { defineErrors } from '../errors/index.ts'
import {
  type Answer,
  type Exchange,
  isCanonicalPath,
  parseAddress,
  singleHeader,
  type TrustedProxies,
} from '../http/index.ts'

export const httpsErrors = defineErrors({
  https_required: {
    status: 403,
    title: 'HTTPS required',
    detail:
      'This service answers over HTTPS alone. Where a proxy ends TLS, its operator names it in "trustedProxies" and lets it send X-Forwarded-Proto.',
  },
})

/** How a request came in; `unknown` is a proxy that does not say, or that is not to be believed. */
export type Arrival = 'secure' | 'plain' | 'unknown'

const forwarding = ['x-forwarded-proto', 'x-forwarded-for', 'x-forwarded-host', 'forwarded', 'via']

/**
 * Whether a request crossed the network by TLS. X-Forwarded-Proto counts only from a trusted proxy, or
 * from a socket without an address, which never left this machine; of several values each must say so.
 */
export function arrivalOf(exchange: Exchange, trusted: TrustedProxies): Arrival {
  const { encrypted, headers, peerAddress } = exchange
  if (!isProxy(peerAddress, trusted)) {
    if (encrypted) return 'secure'
    return forwarding.some((name) => headers[name] !== undefined) ? 'unknown' : 'plain'
  }
  const told = headers['x-forwarded-proto']
  if (told === undefined) return encrypted ? 'secure' : 'unknown'
  const protocols = String(told).toLowerCase().split(',')
  return protocols.every((one) => one.trim() === 'https') ? 'secure' : 'plain'
}

function isProxy(peer: string, trusted: TrustedProxies): boolean {
  if (peer === '') return true
  const address = parseAddress(peer)
  return address !== undefined && trusted.trusts(address)
}

export interface HttpsParts {
  readonly trusted: TrustedProxies
  readonly ownOrigin: string
  /** `baseUrl` is HTTPS. */
  readonly secure: boolean
  /** Only what is `on` leads pages to HTTPS; a mode that counts has to see refusals. */
  readonly modes: Pick<ShieldConfig, 'https'>
}

/** Asked by machines on the network of the server, and telling nothing. */
const health: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/**
 * Where `baseUrl` is HTTPS a request that came in plain is never processed: a browser that asks for a page
 * is led to HTTPS, everything else throws `https_required`, so that a program that sends its token over
 * the open network notices. Where a redirect could come back for ever, because a proxy does not say how
 * the request reached it, it is a refusal too.
 */
export function requireHttps(exchange: Exchange, parts: HttpsParts): Answer | undefined {
  if (!parts.secure || (isReading(exchange) && health.has(exchange.path))) return undefined
  const arrival = arrivalOf(exchange, parts.trusted)
  if (arrival === 'secure') return undefined
  dropHsts(exchange)
  const page = singleHeader(exchange.headers, 'accept')?.includes('text/html')
  if (arrival === 'unknown' || !page || parts.modes.https !== 'on' || !isReading(exchange)) {
    throw httpsErrors.https_required()
  }
  return { status: 308, headers: { location: httpsLocation(exchange, parts.ownOrigin) } }
}

/** The same page at `baseUrl`. Host is never asked; a path with several readings leads to the root. */
export function httpsLocation(
  { path, query }: { readonly path: string; readonly query: string },
  ownOrigin: string,
): string {
  if (!isCanonicalPath(path) || !/^[\x21-\x7e]*$/.test(query)) return `${ownOrigin}/`
  return `${ownOrigin}${path}${query === '' ? '' : `?${query}`}`
}

function isReading({ method }: Exchange): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** RFC 6797 section 7.2: never over plain HTTP. */
function dropHsts({ state }: Exchange): void {
  const at = state.responseHeaders.indexOf('strict-transport-security')
  if (at >= 0) state.responseHeaders.splice(at, 2)
}
