import type { SecurityError } from '../errors/index.ts'
import type { Origin } from '../events/index.ts'
import type { Auth } from './auth.ts'

/** Request headers with lower-case names, as node:http gives them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** The client as limits and rules see it. */
export interface ClientAddress {
  /** Canonical text of the address; IPv4-mapped IPv6 is folded to IPv4. */
  readonly ip: string
  /** What limits count: the address, or its /64 for IPv6. */
  readonly key: string
}

/** What a request proved its caller with. */
export type CredentialKind = 'none' | 'bearer' | 'cookie' | 'api_key'

/** One request, independent of the framework it arrived through. Adapters make it; steps read it. */
export interface Exchange {
  readonly method: string
  /** The path exactly as sent, without the query. */
  readonly path: string
  /** The query exactly as sent, without `?`; empty when there is none. */
  readonly query: string
  readonly headers: RequestHeaders
  /** Address of the socket's other end; empty on a Unix socket or a pipe, and nowhere else. */
  readonly peerAddress: string
  /** True when the socket itself is TLS. */
  readonly encrypted: boolean
  readonly requestId: string
  /** Monotonic milliseconds. */
  readonly startedAt: number
  /** Reads the whole body once; rejects with 413 past `limit` bytes. Later calls give the same bytes. */
  readBody(limit: number): Promise<Uint8Array>
  /** What the steps have decided so far. Written by the pipeline only. */
  readonly state: ExchangeState
}

/** Mutable on purpose: filled step by step by `shield/pipeline.ts`, read by everyone after it. */
export interface ExchangeState {
  client?: ClientAddress
  credential: CredentialKind
  auth?: Auth
  /** Why a presented credential was not accepted; public routes go on without it. */
  failure?: SecurityError
  /** The request still has to show its CSRF token as form field `_csrf`. */
  csrfPending?: boolean
  /** Response headers that the answer will carry, name and value alternating. */
  responseHeaders: string[]
  cookies: string[]
  nonce?: string
  /** It is on its way to a webhook of the app, which counts what it cannot verify by a limit of its own. */
  webhook?: true
  /** It goes to a route with a limit of its own, which counts it in place of the quota of requests. */
  ownLimit?: true
  /** That quota has not counted yet, or not refused: it does unless the route or the webhook counts. */
  owed?: true
  /** What the quota of requests took for this one, to be given back; the shield's own. */
  charge?: object
  /** Namespace of accounts that the request is about; absent: the default one. See the option `organisations.tenancy`. */
  realm?: string
  /** What the request calls its organisation, by the header or the host that the options name. */
  organisation?: string
  /** Who called before the organisation that the request names was found to be none of theirs. */
  shut?: Auth
}

export function newExchangeState(): ExchangeState {
  return { credential: 'none', responseHeaders: [], cookies: [] }
}

/** A header that may appear once; several values count as absent, never as their first. */
export function singleHeader(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

/** What the record keeps of where a request came from; free text is cut to its column. */
export function originOf(exchange: Exchange): Origin {
  const { client, auth } = exchange.state
  const userAgent = singleHeader(exchange.headers, 'user-agent')
  return {
    requestId: exchange.requestId,
    method: exchange.method,
    path: exchange.path.slice(0, 500),
    ...(client ? { ip: client.ip } : {}),
    ...(userAgent ? { userAgent: userAgent.slice(0, 300) } : {}),
    ...(auth && auth.sessionId !== '' ? { sessionId: auth.sessionId } : {}),
  }
}

/** What limits count this client by; the pipeline has set it before any route runs. */
export function clientKeyOf(exchange: Exchange): string {
  const { client } = exchange.state
  if (!client) throw new Error('the client address has not been resolved')
  return client.key
}
