import { isIP, isIPv6 } from 'node:net'

/** `localhost` and names below it: the only ones that browsers treat as secure over plain HTTP by name. */
export function isLocalhost(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost')
}

/** What is wrong with `value` as the public address of the app, or undefined. */
export function baseUrlFlaw(value: string): string | undefined {
  return originFlaw(value) ?? plainHttpFlaw(new URL(value))
}

/** What is wrong with `value` as an origin (scheme, host, port and nothing else), or undefined. */
export function originFlaw(value: string): string | undefined {
  if (/[*\s]/.test(value) || value === 'null') return 'must be one exact origin, without wildcards.'
  if (!URL.canParse(value)) return `must be an origin such as 'https://app.example.com'.`
  const url = new URL(value)
  if (!/^https?:$/.test(url.protocol)) return `must begin with 'https://'.`
  if (url.username !== '' || url.password !== '') return 'must not hold a user or password.'
  const rest = url.pathname !== '/' || /[?#]/.test(value)
  return rest ? `must not have a path, query or fragment. Write '${url.origin}'.` : undefined
}

function plainHttpFlaw(url: URL): string | undefined {
  if (url.protocol === 'https:' || isLocalhost(url.hostname)) return undefined
  if (url.hostname === '[::1]' || url.hostname.startsWith('127.')) {
    return `must name localhost for plain HTTP. Write 'http://localhost${url.port && `:${url.port}`}'.`
  }
  return `must use HTTPS: plain HTTP is for localhost only. Write 'https://${url.host}' and end TLS there or at a proxy before it.`
}

/** What is wrong with `value` as the address or CIDR range of a proxy, or undefined. */
export function rangeFlaw(value: string): string | undefined {
  if (value === 'loopback' || value === 'private') return undefined
  const length = prefixOf(value)
  if (length === undefined) {
    return `must be an address, a range such as '10.0.0.0/8', 'loopback' or 'private'.`
  }
  return length === 0 ? 'would trust every client. Name your proxies only.' : undefined
}

/** What is wrong with `value` as an address or a CIDR range of any size, or undefined. */
export function cidrFlaw(value: string): string | undefined {
  return prefixOf(value) === undefined
    ? `must be an address or a range such as '10.0.0.0/8' or '2001:db8::/32'.`
    : undefined
}

/** The length of the prefix of an address or range; undefined for what is neither. */
function prefixOf(value: string): number | undefined {
  const [address = '', prefix, ...more] = value.split('/')
  const bits = isIPv6(address) ? 128 : 32
  const length =
    prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  const bad = isIP(address) === 0 || address.includes('%') || more.length > 0 || !(length <= bits)
  return bad ? undefined : length
}

/** What is wrong with `value` as a sender, `Name <address>` or an address, or undefined. */
export function senderFlaw(value: string): string | undefined {
  const match = /^(?:[^<>@,;"]*<([^<>\s,;"]+)>|([^<>\s,;"]+))$/.exec(value)
  const address = match?.[1] ?? match?.[2] ?? ''
  return /^[^@]+@[^@]+$/.test(address)
    ? undefined
    : `must be such as 'Shop <no-reply@example.com>'.`
}

/** What is wrong with `value` as the place of an API, or undefined. */
export function pathFlaw(value: string): string | undefined {
  const good = /^(?:\/[A-Za-z0-9_-]+)+$/.test(value)
  return good
    ? undefined
    : `must begin with '/', end without it, and hold letters, digits, '-' and '_' only.`
}

/** The origin of an address that has no flaw, in its one canonical spelling. */
export function toOrigin(value: string): string {
  return new URL(value).origin
}
