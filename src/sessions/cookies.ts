import { equalSecrets, hmacSha256, isTokenShaped } from '../crypto/index.ts'
import {
  type CookieMode,
  clearCookie,
  type Exchange,
  hostCookie,
  hostCookieName,
  readCookie,
  singleHeader,
} from '../http/index.ts'
import { sessionErrors } from './errors.ts'
import type { Transport } from './table.ts'

const deviceDays = 365
/** People who take turns at one browser, each with a device of their own. */
const mostDevices = 4
/** 132 bits of an HMAC-SHA256, as base64url. */
const tagLength = 22

export interface SessionSecrets {
  readonly refreshToken?: string
  readonly sessionToken?: string
  /** Tokens of the devices that this browser is, the newest first; only the first few are kept. */
  readonly devices?: readonly string[]
}

export interface SessionCookieOptions {
  readonly mode: CookieMode
  readonly absoluteMs: (transport: Transport) => number
  /** Signs device cookies; a key of its own. */
  readonly deviceKey: Uint8Array
}

/** Where browsers keep what only the server may read: `__Host-` cookies, HttpOnly, SameSite. */
export class SessionCookies {
  readonly #options: SessionCookieOptions

  constructor(options: SessionCookieOptions) {
    this.#options = options
  }

  /**
   * The cookies of a new session; none for native clients. The secret of the other transport goes,
   * or the browser would go on showing a session that nobody sees and nobody ends. So does a sign-in
   * that has begun, whosever it was.
   */
  set(transport: Transport, secrets: SessionSecrets): string[] {
    if (transport === 'body') return []
    const other = transport === 'session' ? 'hf_refresh' : 'hf_session'
    const { mode } = this.#options
    return [...this.renew(transport, secrets), clearCookie(other, mode), ...this.clearBegun()]
  }

  /** The cookies of a session that goes on with new secrets; none for native clients. */
  renew(transport: Transport, secrets: SessionSecrets): string[] {
    if (transport === 'body') return []
    const { devices, refreshToken, sessionToken } = secrets
    const maxAgeSeconds = Math.floor(this.#options.absoluteMs(transport) / 1000)
    const cookies: string[] = []
    if (refreshToken !== undefined) {
      cookies.push(this.#cookie('hf_refresh', refreshToken, { maxAgeSeconds, sameSite: 'Strict' }))
    }
    if (sessionToken !== undefined) {
      cookies.push(this.#cookie('hf_session', sessionToken, { maxAgeSeconds, sameSite: 'Lax' }))
    }
    return devices === undefined ? cookies : [...cookies, this.deviceCookie(devices)]
  }

  /** The cookie by which this browser is known; of more than four devices the oldest are dropped. */
  deviceCookie(devices: readonly string[]): string {
    const value = devices.slice(0, mostDevices).map((token) => this.#signed(token))
    const days = { maxAgeSeconds: deviceDays * 86_400, sameSite: 'Lax' } as const
    return this.#cookie('hf_device', value.join('~'), days)
  }

  /** The token that binds what is under way, a sign-in or a passkey's challenge, to this browser. */
  flow(exchange: Exchange): string | undefined {
    const token = this.#read(exchange, 'hf_flow')
    return isTokenShaped(token) ? token : undefined
  }

  flowCookie(token: string, maxAgeSeconds: number): string {
    return this.#cookie('hf_flow', token, { maxAgeSeconds, sameSite: 'Lax' })
  }

  /**
   * The sign-in under way itself, for pages that are opened by their address, which must not hold it.
   * It is worth nothing without the cookie of `flow`, and both together no more than a right password.
   */
  step(exchange: Exchange): string | undefined {
    const token = this.#read(exchange, 'hf_step')
    return isTokenShaped(token) ? token : undefined
  }

  stepCookie(token: string, maxAgeSeconds: number): string {
    return this.#cookie('hf_step', token, { maxAgeSeconds, sameSite: 'Lax' })
  }

  /** Removes a sign-in that has begun: whoever comes to this browser next finds nothing of it. */
  clearBegun(): string[] {
    const { mode } = this.#options
    return [clearCookie('hf_flow', mode), clearCookie('hf_step', mode)]
  }

  /** Removes what a session and a sign-in left; the device stays known. */
  clear(): string[] {
    const { mode } = this.#options
    const session = [clearCookie('hf_refresh', mode), clearCookie('hf_session', mode)]
    return [...session, ...this.clearBegun()]
  }

  refreshToken(exchange: Exchange): string | undefined {
    return this.#read(exchange, 'hf_refresh')
  }

  /** The opaque token of transport `session`. */
  sessionToken(exchange: Exchange): string | undefined {
    return this.#read(exchange, 'hf_session')
  }

  /**
   * The tokens of the device cookie, the newest first, if the tags behind them are all ours: compared in
   * constant time before a token is looked for anywhere, so that nobody tries made-up devices against
   * the database.
   */
  devices(exchange: Exchange): readonly string[] {
    const entries = this.#read(exchange, 'hf_device')?.split('~', mostDevices + 1) ?? []
    const tokens = entries.map((entry) => this.#verified(entry)).filter((one) => one !== undefined)
    const isOurs = tokens.length === entries.length && tokens.length <= mostDevices
    return isOurs && new Set(tokens).size === tokens.length ? tokens : []
  }

  #verified(entry: string): string | undefined {
    const [token, tag, ...more] = entry.split('.')
    if (!isTokenShaped(token) || tag === undefined || more.length > 0) return undefined
    return equalSecrets(tag, this.#tag(token)) ? token : undefined
  }

  #signed(token: string): string {
    return `${token}.${this.#tag(token)}`
  }

  #tag(token: string): string {
    return hmacSha256(this.#options.deviceKey, token).toString('base64url').slice(0, tagLength)
  }

  #read(exchange: Exchange, name: string): string | undefined {
    const header = singleHeader(exchange.headers, 'cookie')
    return readCookie(header, hostCookieName(name, this.#options.mode))
  }

  #cookie(
    name: string,
    value: string,
    life: { readonly maxAgeSeconds: number; readonly sameSite: 'Strict' | 'Lax' },
  ): string {
    return hostCookie(name, this.#options.mode, { value, ...life })
  }
}

/**
 * What only browsers send. Sec-Fetch-Mode is not among them: browsers never send it without
 * Sec-Fetch-Site, and Node's own fetch, a native client, sends it alone.
 */
const browserMarks = ['origin', 'sec-fetch-site', 'sec-fetch-dest', 'sec-fetch-user']

function isBrowser(exchange: Exchange): boolean {
  return browserMarks.some((name) => exchange.headers[name] !== undefined)
}

/** Refuses the transport of native clients to whatever shows that it is a browser. */
export function refuseBrowser(exchange: Exchange): void {
  if (isBrowser(exchange)) throw sessionErrors.transport_not_for_browsers()
}

/**
 * What a sign-in or a challenge under way is bound to: the token of the flow cookie; for a native
 * client, which keeps none, its user agent, never its address. The two cannot be taken for each other.
 * Undefined for a browser without the cookie: it has begun nothing, or is another one.
 */
export function browserOf(
  exchange: Exchange,
  cookies: Pick<SessionCookies, 'flow'>,
): string | undefined {
  const token = cookies.flow(exchange)
  if (token !== undefined || isBrowser(exchange)) return token
  return nativeBrowser(singleHeader(exchange.headers, 'user-agent'))
}

/** What a native client stands by instead of a flow cookie: its user agent, as far as it is kept. */
export function nativeBrowser(userAgent: string | undefined): string {
  return `agent:${(userAgent ?? '').slice(0, 300)}`
}
