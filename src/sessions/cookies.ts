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

export interface SessionSecrets {
  readonly refreshToken?: string
  readonly sessionToken?: string
  readonly device?: string
}

export interface SessionCookieOptions {
  readonly mode: CookieMode
  readonly absoluteMs: (transport: Transport) => number
}

/** Where browsers keep what only the server may read: `__Host-` cookies, HttpOnly, SameSite. */
export class SessionCookies {
  readonly #options: SessionCookieOptions

  constructor(options: SessionCookieOptions) {
    this.#options = options
  }

  /**
   * The cookies of a new session; none for native clients. The secret of the other transport goes,
   * or the browser would go on showing a session that nobody sees and nobody ends.
   */
  set(transport: Transport, secrets: SessionSecrets): string[] {
    if (transport === 'body') return []
    const other = transport === 'session' ? 'hf_refresh' : 'hf_session'
    return [...this.renew(transport, secrets), clearCookie(other, this.#options.mode)]
  }

  /** The cookies of a session that goes on with new secrets; none for native clients. */
  renew(transport: Transport, secrets: SessionSecrets): string[] {
    if (transport === 'body') return []
    const { refreshToken, sessionToken, device } = secrets
    const maxAgeSeconds = Math.floor(this.#options.absoluteMs(transport) / 1000)
    const cookies: string[] = []
    if (refreshToken !== undefined) {
      cookies.push(this.#cookie('hf_refresh', refreshToken, { maxAgeSeconds, sameSite: 'Strict' }))
    }
    if (sessionToken !== undefined) {
      cookies.push(this.#cookie('hf_session', sessionToken, { maxAgeSeconds, sameSite: 'Lax' }))
    }
    if (device !== undefined) {
      const days = { maxAgeSeconds: deviceDays * 86_400, sameSite: 'Lax' } as const
      cookies.push(this.#cookie('hf_device', device, days))
    }
    return cookies
  }

  /** Removes what a session left; the device stays known. */
  clear(): string[] {
    const { mode } = this.#options
    return [clearCookie('hf_refresh', mode), clearCookie('hf_session', mode)]
  }

  refreshToken(exchange: Exchange): string | undefined {
    return this.#read(exchange, 'hf_refresh')
  }

  /** The opaque token of transport `session`. */
  sessionToken(exchange: Exchange): string | undefined {
    return this.#read(exchange, 'hf_session')
  }

  device(exchange: Exchange): string | undefined {
    const device = this.#read(exchange, 'hf_device')
    return device !== undefined && /^[A-Za-z0-9_-]{43}$/.test(device) ? device : undefined
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

/** Refuses the transport of native clients to whatever shows that it is a browser. */
export function refuseBrowser(exchange: Exchange): void {
  if (browserMarks.some((name) => exchange.headers[name] !== undefined)) {
    throw sessionErrors.transport_not_for_browsers()
  }
}
