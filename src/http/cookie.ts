/** RFC 6265 section 4.1.1: names are tokens, values hold no space, quote, comma, semicolon, backslash. */
const cookieName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const cookieValue = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/
const cookiePath = /^\/[\x21-\x3a\x3c-\x7e]*$/

/** How cookies are named: `host` demands HTTPS or localhost; the other is the announced exception. */
export type CookieMode = 'host' | 'insecure-localhost'

export interface CookieAttributes {
  readonly name: string
  readonly value: string
  /** Whole seconds; without it the cookie ends with the browser session. */
  readonly maxAgeSeconds?: number
  readonly sameSite: 'Strict' | 'Lax' | 'None'
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly path: string
}

/**
 * The value of cookie `name` in a Cookie header, exactly as sent. A name that appears twice counts
 * as absent: one of the two was planted by a sibling domain or another path, and nobody can tell
 * which (RFC 6265 section 8.6).
 */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined
  let found: string | undefined
  let start = 0
  while (start < header.length) {
    const semicolon = header.indexOf(';', start)
    const end = semicolon < 0 ? header.length : semicolon
    const value = valueOfPair(header, { start, end, name })
    if (value !== undefined) {
      if (found !== undefined) return undefined
      found = value
    }
    start = end + 1
  }
  return found
}

function valueOfPair(
  header: string,
  pair: { start: number; end: number; name: string },
): string | undefined {
  let { start, end } = pair
  while (start < end && isBlank(header.charCodeAt(start))) start += 1
  while (end > start && isBlank(header.charCodeAt(end - 1))) end -= 1
  const afterName = start + pair.name.length
  if (!header.startsWith(pair.name, start) || header.charCodeAt(afterName) !== 0x3d) {
    return undefined
  }
  return header.slice(afterName + 1, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/**
 * A complete `Set-Cookie` value. Throws a TypeError when name, value or path could smuggle another
 * attribute in, or when the attributes break what the name promises: `__Host-` needs Secure and the
 * path `/` (RFC 6265bis section 4.1.3.2), SameSite=None needs Secure.
 */
export function serializeCookie(cookie: CookieAttributes): string {
  refuseUnsafe(cookie)
  const { name, value, maxAgeSeconds, sameSite, secure, httpOnly, path } = cookie
  let text = `${name}=${value}; Path=${path}`
  if (maxAgeSeconds !== undefined) text += `; Max-Age=${maxAgeSeconds}`
  if (httpOnly) text += '; HttpOnly'
  if (secure) text += '; Secure'
  return `${text}; SameSite=${sameSite}`
}

function refuseUnsafe(cookie: CookieAttributes): void {
  const { name, value, maxAgeSeconds = 0, path } = cookie
  if (!cookieName.test(name)) throw new TypeError('a cookie name must be a token')
  if (!cookieValue.test(value))
    throw new TypeError(`cookie ${name}: value holds a forbidden character`)
  if (!cookiePath.test(path))
    throw new TypeError(`cookie ${name}: path holds a forbidden character`)
  if (!Number.isSafeInteger(maxAgeSeconds) || maxAgeSeconds < 0) {
    throw new TypeError(`cookie ${name}: maxAgeSeconds must be whole seconds`)
  }
  if (name.startsWith('__Host-') && !(cookie.secure && path === '/')) {
    throw new TypeError(`cookie ${name}: __Host- needs Secure and the path /`)
  }
  if ((cookie.sameSite === 'None' || name.startsWith('__Secure-')) && !cookie.secure) {
    throw new TypeError(`cookie ${name}: needs Secure`)
  }
}

/** `hf_session` becomes `__Host-hf_session`, but for the announced exception on localhost. */
export function hostCookieName(base: string, mode: CookieMode): string {
  return mode === 'host' ? `__Host-${base}` : base
}

/** The `Set-Cookie` value of a cookie of ours: HttpOnly, path `/`, Secure unless excepted. */
export function hostCookie(
  base: string,
  mode: CookieMode,
  cookie: { value: string; maxAgeSeconds?: number; sameSite?: 'Strict' | 'Lax' },
): string {
  return serializeCookie({
    name: hostCookieName(base, mode),
    value: cookie.value,
    ...(cookie.maxAgeSeconds === undefined ? {} : { maxAgeSeconds: cookie.maxAgeSeconds }),
    sameSite: cookie.sameSite ?? 'Lax',
    secure: mode === 'host',
    httpOnly: true,
    path: '/',
  })
}

/** The `Set-Cookie` value that removes a cookie set by `hostCookie`. */
export function clearCookie(base: string, mode: CookieMode): string {
  return hostCookie(base, mode, { value: '', maxAgeSeconds: 0 })
}
