import type { CorsConfig } from '../config/index.ts'
import { defineErrors, SecurityError } from '../errors/index.ts'

/** Thrown at start, never by a request. */
export const corsErrors = defineErrors({
  cors_invalid: {
    status: 500,
    title: 'Invalid CORS option',
    detail: 'An entry of "cors" cannot be used.',
  },
})

export interface CorsFacts {
  readonly method: string
  readonly origin: string | undefined
  /** Access-Control-Request-Method; together with OPTIONS and Origin it makes a preflight. */
  readonly requestMethod: string | undefined
}

/** What CORS adds to the answer. A preflight is answered at once: 204, these headers, no body. */
export interface CorsDecision {
  readonly preflight: boolean
  /** Lower-case names and values alternating. */
  readonly headers: readonly string[]
}

export interface CompiledCors {
  /** Origins that may send cookies, for the CSRF step; empty without `credentials`. */
  readonly credentialedOrigins: readonly string[]
  decide(facts: CorsFacts): CorsDecision
}

const untouched: CorsDecision = Object.freeze({ preflight: false, headers: Object.freeze([]) })
const varySimple: readonly string[] = Object.freeze(['vary', 'origin'])
const varyPreflight: readonly string[] = Object.freeze([
  'vary',
  'origin, access-control-request-method, access-control-request-headers',
])

/**
 * Compiles the CORS protocol (Fetch standard, section 3.2) for exact origins. The answer says `Vary`
 * whoever asks, so that no cache hands one origin's answer to another. An unknown origin gets no
 * header and no error: its browser then keeps the answer from it, and other callers notice nothing.
 * Throws the SecurityError `cors_invalid` for `null`, wildcards and whatever is no exact origin.
 */
export function compileCors(config: CorsConfig): CompiledCors {
  refuseBadLists(config)
  const simple = new Map(config.origins.map((origin) => [origin, simpleHeaders(config, origin)]))
  const ahead = new Map(config.origins.map((origin) => [origin, preflightHeaders(config, origin)]))
  return {
    credentialedOrigins: config.credentials ? [...config.origins] : [],
    decide({ method, origin, requestMethod }) {
      if (simple.size === 0) return untouched
      const preflight = method === 'OPTIONS' && origin !== undefined && requestMethod !== undefined
      const known = (preflight ? ahead : simple).get(origin ?? '')
      return { preflight, headers: known ?? (preflight ? varyPreflight : varySimple) }
    },
  }
}

function allowHeaders(config: CorsConfig, origin: string): string[] {
  const credentials = config.credentials ? ['access-control-allow-credentials', 'true'] : []
  return ['access-control-allow-origin', origin, ...credentials]
}

function simpleHeaders(config: CorsConfig, origin: string): readonly string[] {
  const exposed = config.exposedHeaders.join(', ')
  const expose = exposed === '' ? [] : ['access-control-expose-headers', exposed]
  return Object.freeze([...varySimple, ...allowHeaders(config, origin), ...expose])
}

function preflightHeaders(config: CorsConfig, origin: string): readonly string[] {
  const allowed = config.allowedHeaders.join(', ')
  return Object.freeze([
    ...varyPreflight,
    ...allowHeaders(config, origin),
    ...['access-control-allow-methods', config.methods.join(', ')],
    ...(allowed === '' ? [] : ['access-control-allow-headers', allowed]),
    ...['access-control-max-age', String(Math.floor(config.maxAgeMs / 1_000))],
  ])
}

function refuseBadLists(config: CorsConfig): void {
  for (const origin of config.origins) {
    if (!isExactOrigin(origin)) throw invalid('origins', origin, 'https://app.example.com')
  }
  for (const list of ['methods', 'allowedHeaders', 'exposedHeaders'] as const) {
    for (const name of config[list]) {
      if (!/^[A-Za-z0-9-]+$/.test(name)) throw invalid(list, name, 'a plain name without wildcards')
    }
  }
}

/** Scheme, host and port exactly as browsers write them; `null` is every sandbox there is. */
function isExactOrigin(text: string): boolean {
  if (!/^https?:\/\//.test(text) || text.includes('*')) return false
  return URL.canParse(text) && new URL(text).origin === text
}

function invalid(list: string, entry: string, wanted: string): SecurityError {
  const detail = `cors.${list}: ${JSON.stringify(entry.slice(0, 100))} cannot be used; write ${wanted}.`
  return new SecurityError('cors_invalid', { ...corsErrors.$table.cors_invalid, detail })
}
