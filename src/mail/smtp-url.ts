import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { mailErrors } from './errors.ts'

/**
 * How the connection is protected. `required`: TLS with a valid certificate or nothing is sent;
 * `opportunistic`: TLS when the server offers it; `none`: never TLS.
 */
export type SmtpTls = 'required' | 'opportunistic' | 'none'

/** An `SMTP_URL` taken apart. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte (`smtps:`) instead of STARTTLS. */
  readonly implicitTls: boolean
  readonly tls: SmtpTls
  readonly auth?: { readonly user: string; readonly pass: string }
}

const loopbackNames = new Set(['localhost', 'localhost.'])

/**
 * Reads `smtp[s]://user:password@host:port?tls=...`. Without `tls` it is `required`, but `none` for
 * `smtp:` to this very machine. Ports default to 587 and 465. Throws `smtp_url_invalid`, which never
 * holds the address, for there is a password in it.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || !isBare(url)) throw invalid()
  const implicitTls = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const auth = readAuth(url)
  return {
    host,
    port: url.port === '' ? (implicitTls ? 465 : 587) : Number(url.port),
    implicitTls,
    tls: readTls(url, implicitTls, host),
    ...(auth ? { auth } : {}),
  }
}

/** True for an address of this machine's own loopback, with IPv4 also in its IPv6-mapped form. */
export function isLoopback(address: string): boolean {
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8, 'ipv4')
  loopback.addAddress('::1', 'ipv6')
  if (isIPv4(address)) return loopback.check(address, 'ipv4')
  return isIPv6(address) && loopback.check(address, 'ipv6')
}

function isBare(url: URL): boolean {
  return url.hostname !== '' && ['', '/'].includes(url.pathname) && url.hash === ''
}

function readTls(url: URL, implicitTls: boolean, host: string): SmtpTls {
  const parameters = [...url.searchParams]
  const local = loopbackNames.has(host.toLowerCase()) || isLoopback(host)
  if (parameters.length === 0) return local && !implicitTls ? 'none' : 'required'
  const [name, value] = parameters[0] ?? []
  if (parameters.length > 1 || name !== 'tls') throw invalid()
  if (value === 'required') return value
  if (implicitTls || (value !== 'opportunistic' && value !== 'none')) throw invalid()
  return value
}

function readAuth(url: URL): SmtpServer['auth'] {
  if (url.username === '' && url.password === '') return undefined
  try {
    return { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }
  } catch {
    throw invalid()
  }
}

function invalid(): Error {
  return mailErrors.smtp_url_invalid()
}
