import { reportedDirectives } from '../csp/index.ts'
import { SecurityError } from '../errors/index.ts'
import { headerErrors } from './headers-errors.ts'

/** Sources by directive; `false` leaves the directive out, `[]` gives it without a value. */
export type CspDirectives = Readonly<Record<string, readonly string[] | false>>

/** Stands in a list of sources where the nonce of the response goes. */
export const nonceSource = "'nonce'"

/**
 * The policy of our own pages and of apps that have said nothing else (CSP 3). Nothing is allowed
 * that is not named; scripts run by the nonce of their response or because such a script loaded
 * them, whatever their address, so an injected script tag stays dead.
 */
export const defaultDirectives: CspDirectives = Object.freeze({
  'default-src': ["'none'"],
  'script-src': [nonceSource, "'strict-dynamic'"],
  'style-src': ["'self'", nonceSource],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'media-src': ["'self'"],
  'manifest-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'require-trusted-types-for': ["'script'"],
})

const knownDirectives: ReadonlySet<string> = new Set([
  ...reportedDirectives,
  ...['report-to', 'report-uri'],
])

/** A policy cut at its nonces: joined by one, it is the header's value. */
export type CspTemplate = readonly string[]

/**
 * Renders the default with `changes`, each of which replaces one directive alone. Throws the
 * SecurityError `header_invalid` for a directive that does not exist and for a source that could
 * end its directive or its header.
 */
export function compileCsp(changes: CspDirectives): CspTemplate {
  const directives: [string, readonly string[]][] = []
  for (const [name, sources] of Object.entries({ ...defaultDirectives, ...changes })) {
    if (!knownDirectives.has(name)) throw invalid(`there is no directive "${name.slice(0, 60)}"`)
    if (sources !== false) directives.push([name, sources.map((source) => checked(name, source))])
  }
  const text = directives.map(([name, sources]) => [name, ...sources].join(' ')).join('; ')
  return text.split(nonceSource)
}

/** The value of the header, with the nonce spliced in. */
export function renderCsp(template: CspTemplate, nonce: () => string): string {
  const [head = '', ...rest] = template
  if (rest.length === 0) return head
  const source = `'nonce-${nonce()}'`
  let text = head
  for (const piece of rest) text += source + piece
  return text
}

function checked(name: string, source: string): string {
  if (/^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+$/.test(source)) return source
  throw invalid(
    `${name} holds a source with a space, comma, semicolon or other forbidden character`,
  )
}

function invalid(why: string): SecurityError {
  const detail = `headers.contentSecurityPolicy: ${why}.`
  return new SecurityError('header_invalid', { ...headerErrors.$table.header_invalid, detail })
}
