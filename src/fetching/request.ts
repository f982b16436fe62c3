import { fetchErrors } from './errors.ts'
import type { FetchFaultReason } from './fault.ts'

/** What is sent. */
export interface SafeRequest {
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Names in any case. Those of the connection are ours, such as Host and Content-Length. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** A request that can be sent as it stands. */
export interface ReadyRequest {
  readonly method: NonNullable<SafeRequest['method']>
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

const token = /^[a-z0-9!#$%&'*+.^_`|~-]+$/
/** What frames a message or belongs to one connection (RFC 9110 section 7.6.1, RFC 9112 section 6). */
const ours: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'te', 'trailer', 'upgrade'],
  ...['keep-alive', 'proxy-connection', 'proxy-authorization', 'expect', 'accept-encoding'],
])
/** All that goes along to another origin: the rest was meant for the first. */
const harmless: ReadonlySet<string> = new Set(['accept', 'accept-language', 'user-agent'])

/** Checks what is sent; throws `fetch_invalid` for a header that could end early or begin another. */
export function readRequest(request: SafeRequest): ReadyRequest {
  const headers: Record<string, string> = {}
  for (const [given, value] of Object.entries(request.headers ?? {})) {
    const name = given.toLowerCase()
    if (!token.test(name) || ours.has(name)) throw badHeader(given, 'cannot be set')
    if (!/^[\t\x20-\x7e]*$/.test(value)) throw badHeader(given, 'holds more than visible ASCII')
    headers[name] = value
  }
  const { body, method = 'GET' } = request
  if (!/^(?:GET|HEAD|POST|PUT|PATCH|DELETE)$/.test(method)) {
    throw fetchErrors.fetch_invalid({
      explanation: 'method: GET, HEAD, POST, PUT, PATCH or DELETE',
    })
  }
  return { method, headers, body: typeof body === 'string' ? Buffer.from(body) : body }
}

/** A redirect that leads from one address to the next. */
export interface Hop {
  readonly status: number
  readonly from: URL
  readonly to: URL
}

/**
 * The request after a redirect. To another origin go neither credentials nor anything else that was meant
 * for the first, and no body at all: that is refused, and so is a step down from HTTPS.
 */
export function redirected(request: ReadyRequest, hop: Hop): ReadyRequest | FetchFaultReason {
  if (hop.from.protocol === 'https:' && hop.to.protocol !== 'https:') return 'downgrade'
  const again = asRedirected(request, hop.status)
  if (hop.from.origin === hop.to.origin) return again
  if (again.body !== undefined || (again.method !== 'GET' && again.method !== 'HEAD')) {
    return 'redirect-body'
  }
  const kept = Object.entries(again.headers).filter(([name]) => harmless.has(name))
  return { ...again, headers: Object.fromEntries(kept) }
}

/** Fetch standard, HTTP-redirect fetch, step 12: 303 asks for a GET, 301 and 302 of a POST as well. */
function asRedirected(request: ReadyRequest, status: number): ReadyRequest {
  const { method } = request
  const asGet =
    (status === 303 && method !== 'HEAD') ||
    ((status === 301 || status === 302) && method === 'POST')
  if (!asGet) return request
  const kept = Object.entries(request.headers).filter(([name]) => !name.startsWith('content-'))
  return { method: 'GET', headers: Object.fromEntries(kept), body: undefined }
}

function badHeader(name: string, why: string): Error {
  return fetchErrors.fetch_invalid({
    explanation: `headers: ${JSON.stringify(name.slice(0, 100))} ${why}`,
  })
}
