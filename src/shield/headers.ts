import type { HeaderConfig } from '../config/index.ts'
import { SecurityError } from '../errors/index.ts'
import { type CspTemplate, compileCsp, renderCsp } from './headers-csp.ts'
import { headerErrors } from './headers-errors.ts'

/** What a response must tell about itself for its headers to be chosen. */
export interface HeaderFacts {
  /** `baseUrl` is HTTPS. */
  readonly secure: boolean
  /** The request carried a credential, so its answer belongs to one person. */
  readonly authenticated: boolean
  /** The nonce of this response; asked at most once, and only when the policy uses one. */
  readonly nonce: () => string
}

export interface CompiledHeaders {
  /** Lower-case names and values alternating; the list belongs to the caller. */
  forResponse(facts: HeaderFacts): string[]
  /** Names of the headers that the options have switched off, for `security.relaxations`. */
  readonly disabled: readonly string[]
}

/** Headers that an app must not send: they name what it is made of. */
export const leakingHeaders: readonly string[] = Object.freeze(['x-powered-by', 'server'])

/** Features no page has unless the app asks for them. */
const closedFeatures: readonly string[] = [
  ...['accelerometer', 'browsing-topics', 'camera', 'display-capture', 'geolocation'],
  ...['gyroscope', 'hid', 'idle-detection', 'local-fonts', 'magnetometer', 'microphone', 'midi'],
  ...['payment', 'screen-wake-lock', 'serial', 'usb', 'xr-spatial-tracking'],
]

type Value = string | false | undefined

interface Prepared {
  readonly list: readonly string[]
  readonly cspAt: number
  readonly csp: CspTemplate | undefined
}

/**
 * Computes all security headers once, for the four kinds of response there are; a response then
 * costs a copy of a list and the splicing of its nonce. Throws the SecurityError `header_invalid`
 * for a value that cannot be written.
 */
export function compileHeaders(config: HeaderConfig): CompiledHeaders {
  const kinds = [false, true].map((secure) =>
    [false, true].map((authenticated) => prepare(config, { secure, authenticated })),
  )
  return {
    disabled: tableOf(config, true)
      .filter(([, value]) => value === false)
      .map(([name]) => name),
    forResponse({ secure, authenticated, nonce }) {
      const prepared = kinds[Number(secure)]?.[Number(authenticated)]
      if (!prepared) return []
      const list = prepared.list.slice()
      if (prepared.csp) list[prepared.cspAt] = renderCsp(prepared.csp, nonce)
      return list
    },
  }
}

function prepare(
  config: HeaderConfig,
  kind: { secure: boolean; authenticated: boolean },
): Prepared {
  const list: string[] = []
  const csp = cspOf(config, kind.secure)
  if (csp) list.push(cspName(config), csp.join(''))
  for (const [name, value] of tableOf(config, kind.secure)) {
    if (typeof value === 'string' && name !== cspName(config)) list.push(name, checked(name, value))
  }
  if (kind.authenticated) list.push('cache-control', 'no-store')
  return { list, cspAt: 1, csp }
}

/** Every header with its value; `false` was switched off, undefined does not apply. */
function tableOf(config: HeaderConfig, secure: boolean): (readonly [string, Value])[] {
  const policy = config.contentSecurityPolicy
  const reportUri = policy === false ? undefined : policy.reportUri
  return [
    [cspName(config), policy === false ? false : undefined],
    ['reporting-endpoints', reportUri && `csp="${reportUri}"`],
    ['strict-transport-security', secure ? hstsOf(config) : undefined],
    ['x-frame-options', config.frameOptions],
    ['cross-origin-opener-policy', config.crossOriginOpenerPolicy],
    ['cross-origin-resource-policy', config.crossOriginResourcePolicy],
    ['cross-origin-embedder-policy', config.crossOriginEmbedderPolicy || undefined],
    ['referrer-policy', config.referrerPolicy],
    ['permissions-policy', permissionsOf(config)],
    ['x-content-type-options', config.contentTypeOptions],
    ['x-xss-protection', config.xssProtection],
    ['origin-agent-cluster', config.originAgentCluster],
    ['x-dns-prefetch-control', config.dnsPrefetchControl],
    ['x-permitted-cross-domain-policies', config.permittedCrossDomainPolicies],
  ]
}

function cspName({ contentSecurityPolicy }: HeaderConfig): string {
  const reportOnly = contentSecurityPolicy !== false && contentSecurityPolicy.reportOnly
  return reportOnly ? 'content-security-policy-report-only' : 'content-security-policy'
}

function cspOf({ contentSecurityPolicy }: HeaderConfig, secure: boolean): CspTemplate | undefined {
  if (contentSecurityPolicy === false) return undefined
  const { directives, reportOnly, reportUri } = contentSecurityPolicy
  return compileCsp({
    ...(secure && !reportOnly ? { 'upgrade-insecure-requests': [] } : {}),
    ...(reportUri === undefined ? {} : { 'report-uri': [reportUri], 'report-to': ['csp'] }),
    ...directives,
  })
}

/** RFC 6797 section 6.1. */
function hstsOf({ hsts }: HeaderConfig): Value {
  if (hsts === false) return false
  const parts = [`max-age=${Math.floor(hsts.maxAgeMs / 1_000)}`]
  if (hsts.includeSubDomains) parts.push('includeSubDomains')
  if (hsts.preload) parts.push('preload')
  return parts.join('; ')
}

/** A structured dictionary: `camera=(), geolocation=(self "https://maps.example")`. */
function permissionsOf({ permissionsPolicy }: HeaderConfig): Value {
  if (permissionsPolicy === false) return false
  const closed = Object.fromEntries(closedFeatures.map((feature) => [feature, []]))
  const features: Readonly<Record<string, readonly string[]>> = { ...closed, ...permissionsPolicy }
  return Object.entries(features)
    .map(
      ([feature, origins]) => `${featureName(feature)}=(${origins.map(allowlistItem).join(' ')})`,
    )
    .join(', ')
}

function featureName(feature: string): string {
  if (/^[a-z][a-z0-9-]*$/.test(feature)) return feature
  throw invalid('permissions-policy')
}

function allowlistItem(origin: string): string {
  const bare = origin.replaceAll(/^["']|["']$/g, '')
  if (bare === 'self' || bare === 'src' || bare === '*') return bare
  if (/^https?:\/\/[\w.*:[\]-]+$/i.test(bare)) return `"${bare}"`
  throw invalid('permissions-policy')
}

function checked(name: string, value: string): string {
  if (/^[\x20-\x7e]+$/.test(value)) return value
  throw invalid(name)
}

function invalid(name: string): SecurityError {
  const detail = `headers: the value of ${name} cannot be written as a header.`
  return new SecurityError('header_invalid', { ...headerErrors.$table.header_invalid, detail })
}
