import type { CspConfig, CspDirectiveChanges, HeaderConfig } from '../config/index.ts'
import { SecurityError } from '../errors/index.ts'
import { type CspTemplate, compileCsp, renderCsp } from './headers-csp.ts'
import { headerErrors } from './headers-errors.ts'

/** What a response must tell about itself for its headers to be chosen. */
export interface HeaderFacts {
  /** `baseUrl` is HTTPS. */
  readonly secure: boolean
  /** The request carried a credential, so its answer belongs to one person. */
  readonly authenticated: boolean
  /** A browser may show it or run it, so it may break the policy and has to know whom to tell. */
  readonly page?: boolean
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

const reportOnlyName = 'content-security-policy-report-only'

interface Prepared {
  readonly list: readonly string[]
  /** At 1 of the list. */
  readonly csp: CspTemplate | undefined
  /** At 3 of the list; never without the one that holds. */
  readonly candidate: CspTemplate | undefined
}

/** What `compileHeaders` needs beyond the options. */
export interface HeaderSurroundings {
  /** Path or address that takes reports where the options name none; without it nobody is reported to. */
  readonly reportsTo?: string
}

/**
 * Computes all security headers once, for the eight kinds of response there are; a response then
 * costs a copy of a list and the splicing of its nonce. Throws the SecurityError `header_invalid`
 * for a value that cannot be written.
 */
export function compileHeaders(
  config: HeaderConfig,
  { reportsTo }: HeaderSurroundings = {},
): CompiledHeaders {
  const kindsOf = (reportsTo: string | false) =>
    [false, true].map((secure) =>
      [false, true].map((authenticated) => prepare(config, { secure, authenticated, reportsTo })),
    )
  const [pages, others] = [kindsOf(reportsTo ?? ''), kindsOf(false)]
  return {
    disabled: tableOf(config, { secure: true, authenticated: false, reportsTo: false })
      .filter(([, value]) => value === false)
      .map(([name]) => name),
    forResponse({ secure, authenticated, nonce, page }) {
      const prepared = (page ? pages : others)[Number(secure)]?.[Number(authenticated)]
      if (!prepared) return []
      const list = prepared.list.slice()
      const { candidate, csp } = prepared
      if (csp && !candidate) list[1] = renderCsp(csp, nonce)
      else if (csp && candidate) {
        const one = once(nonce)
        list[1] = renderCsp(csp, one)
        list[3] = renderCsp(candidate, one)
      }
      return list
    },
  }
}

interface Kind {
  readonly secure: boolean
  readonly authenticated: boolean
  /** Empty where only the options may name an address; false for what breaks no policy. */
  readonly reportsTo: string | false
}

function prepare(config: HeaderConfig, kind: Kind): Prepared {
  const { csp, candidate } = policiesOf(config, kind)
  const list: string[] = []
  if (csp) list.push(cspName(config), '')
  if (candidate) list.push(reportOnlyName, '')
  for (const [name, value] of tableOf(config, kind)) {
    if (typeof value === 'string') list.push(name, checked(name, value))
  }
  const { authenticatedCaching } = config
  if (kind.authenticated && authenticatedCaching) list.push('cache-control', authenticatedCaching)
  return { list, csp, candidate }
}

/** Every header with its value; `false` was switched off, undefined does not apply. */
function tableOf(config: HeaderConfig, kind: Kind): (readonly [string, Value])[] {
  const { secure } = kind
  const policy = config.contentSecurityPolicy
  const endpoint = policy === false ? undefined : endpointOf(policy, kind)
  return [
    [cspName(config), policy === false ? false : undefined],
    ['reporting-endpoints', secure && endpoint !== undefined ? `csp="${endpoint}"` : undefined],
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
  return reportOnly ? reportOnlyName : 'content-security-policy'
}

/** The policy that holds, or only reports, and the one on trial beside it. */
function policiesOf(
  { contentSecurityPolicy: policy }: HeaderConfig,
  kind: Kind,
): Pick<Prepared, 'csp' | 'candidate'> {
  if (policy === false) return { csp: undefined, candidate: undefined }
  const { candidate, directives, reportOnly } = policy
  const reporting = reportingOf(policy, kind)
  const policyWith = (changes: CspDirectiveChanges, enforced: boolean) => {
    // Browsers complain of it in a policy that only reports.
    const upgrade = kind.secure && enforced ? { 'upgrade-insecure-requests': [] } : {}
    return compileCsp({ ...upgrade, ...reporting, ...changes })
  }
  return {
    csp: policyWith(directives, !reportOnly),
    // Without anybody to tell it would change nothing.
    candidate:
      candidate && 'report-uri' in reporting ? policyWith(candidate.directives, false) : undefined,
  }
}

/**
 * Browsers send what `report-to` names to secure addresses alone, and where they know it they leave
 * `report-uri` out: without HTTPS that one has to stand by itself.
 */
function reportingOf(policy: CspConfig, kind: Kind): CspDirectiveChanges {
  const endpoint = endpointOf(policy, kind)
  if (endpoint === undefined) return {}
  return { 'report-uri': [endpoint], ...(kind.secure ? { 'report-to': ['csp'] } : {}) }
}

function endpointOf({ reports, reportUri }: CspConfig, { reportsTo }: Kind): string | undefined {
  if (reportsTo === false) return undefined
  return reportUri ?? (reports && reportsTo !== '' ? reportsTo : undefined)
}

/** Asks once, whoever asks again. */
function once(make: () => string): () => string {
  let made: string | undefined
  return () => {
    made ??= make()
    return made
  }
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
