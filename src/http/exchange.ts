import type { SecurityError } from '../errors/index.ts'
import type { Origin } from '../events/index.ts'

/** Request headers with lower-case names, as node:http gives them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** The client as limits and rules see it. */
export interface ClientAddress {
  /** Canonical text of the address; IPv4-mapped IPv6 is folded to IPv4. */
  readonly ip: string
  /** What limits count: the address, or its /64 for IPv6. */
  readonly key: string
}

/** The caller of a request that presented a valid credential. */
export interface Auth {
  readonly userId: string
  readonly sessionId: string
  readonly roles: readonly string[]
  /** The permission patterns of these roles. */
  readonly permissions: readonly string[]
  /** Whether these permissions reach `permission`; wildcards and denials included. */
  can(permission: string): boolean
  /** Authenticator assurance level, computed from the factors proven. */
  readonly level: 1 | 2
  /** Whether the account has a second factor: then a fresh proof is one of level 2. */
  readonly secondFactor: boolean
  /** The level that policy demands of this account now; below it no permission counts. */
  readonly requiredLevel: 1 | 2
  /** When the person last proved who they are, by sign-in or step-up. Epoch milliseconds. */
  readonly authTime: number
  /** Goes with unsafe requests of forms that browsers send without saying where from, as `_csrf`. */
  readonly csrfToken: string
  /** Set once organisations exist. */
  readonly organisation?: string
}

/** What a request proved its caller with. */
export type CredentialKind = 'none' | 'bearer' | 'cookie'

/** One request, independent of the framework it arrived through. Adapters make it; steps read it. */
export interface Exchange {
  readonly method: string
  /** The path exactly as sent, without the query. */
  readonly path: string
  /** The query exactly as sent, without `?`; empty when there is none. */
  readonly query: string
  readonly headers: RequestHeaders
  /** Address of the socket's other end. */
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
    ...(auth ? { sessionId: auth.sessionId } : {}),
  }
}

/** What limits count this client by; the pipeline has set it before any route runs. */
export function clientKeyOf(exchange: Exchange): string {
  const { client } = exchange.state
  if (!client) throw new Error('the client address has not been resolved')
  return client.key
}
