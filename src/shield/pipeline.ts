import type { ControlMode, ShieldConfig, ShieldControl } from '../config/index.ts'
import { commonErrors, SecurityError } from '../errors/index.ts'
import {
  type Answer,
  type Exchange,
  ownPath,
  resolveClient,
  singleHeader,
  type TrustedProxies,
} from '../http/index.ts'
import type { Logger } from '../ports/index.ts'
import type { ShadowLog } from '../shadow/index.ts'
import { type AddressStepParts, ipRules, target } from './address-steps.ts'
import { type AuthenticationParts, authenticate } from './authentication.ts'
import type { CompiledCors } from './cors.ts'
import { checkCrossSite, checkCsrf, csrfErrors, type SiteFacts } from './csrf.ts'
import { type DetectionStepParts, detection } from './detection.ts'
import { localhostRedirect } from './host.ts'
import { requireHttps } from './https.ts'
import { nameOrganisation, type OrganisationNaming } from './organisation.ts'
import type { Quotas } from './quotas.ts'
import { cacheRules, type HeaderStepParts, responseHeaders } from './response-headers.ts'
import { checkSize, type SizeLimits } from './size.ts'

/** What the steps work with; everything is compiled once, when the security is made. */
export interface PipelineParts extends AddressStepParts, DetectionStepParts, HeaderStepParts {
  readonly trusted: TrustedProxies
  readonly size: SizeLimits
  readonly cors: CompiledCors
  readonly authentication: AuthenticationParts
  readonly naming: OrganisationNaming
  readonly quotas: Quotas
  readonly csrfToken: (sessionId: string) => string
  readonly ownOrigin: string
  readonly logger: Logger
  /** Which controls refuse, and which only count what they would refuse. */
  readonly modes: ShieldConfig
  /**
   * Paths that browsers report to by themselves: no credential is read there, no quota of requests is
   * charged but one of their own, and any page may send.
   */
  readonly reporting: ReadonlySet<string>
  readonly shadow: ShadowLog
  /** The answer to a refusal: a page for people, problem+json for programs. */
  readonly answerRefusal: (error: SecurityError, exchange: Exchange) => Answer
}

/** A step lets pass by returning nothing, answers at once, or refuses by throwing. */
type Step = (exchange: Exchange, parts: PipelineParts) => StepResult | Promise<StepResult>
type StepResult = Answer | undefined
/**
 * A step that is a control can be switched off or put in shadow for the routes of the app; any other
 * always holds.
 */
type PipelineEntry = readonly [name: string, step: Step, control?: keyof ShieldConfig]

/**
 * What every request passes, from top to bottom, before anything of the app runs. Order is security:
 * nothing that can be counted runs before the client is known, nothing that costs runs before it is
 * counted, and no answer, refusals included, leaves without the headers.
 */
export const pipeline: readonly PipelineEntry[] = [
  ['client address', clientAddress],
  ['response headers', responseHeaders],
  ['target', target, 'size'],
  ['ip rules', ipRules, 'ipRules'],
  ['size', size, 'size'],
  ['https', requireHttps, 'https'],
  ['host', host],
  ['cors', cors],
  ['authentication', butReports((exchange, parts) => authenticate(exchange, parts.authentication))],
  ['cache rules', cacheRules],
  ['organisation', butReports((exchange, parts) => nameOrganisation(exchange, parts.naming))],
  ['limits', limits, 'limits'],
  ['csrf', butReports(csrf), 'csrf'],
  ['detection', butReports(detection)],
]

/** Runs the steps; undefined means that the request may go on. A step that throws refuses. */
export function runPipeline(
  exchange: Exchange,
  parts: PipelineParts,
): StepResult | Promise<StepResult> {
  return runFrom(0, exchange, parts)
}

interface Run {
  readonly exchange: Exchange
  readonly parts: PipelineParts
}

function runFrom(
  first: number,
  exchange: Exchange,
  parts: PipelineParts,
): StepResult | Promise<StepResult> {
  const run = { exchange, parts }
  for (let at = first; at < pipeline.length; at++) {
    const entry = pipeline[at]
    if (entry === undefined || isOff(entry, run)) continue
    try {
      const result = entry[1](exchange, parts)
      if (result instanceof Promise) return proceed(result, at, run)
      if (result) return result
    } catch (error) {
      const answer = judge(error, entry, run)
      if (answer) return answer
    }
  }
  return undefined
}

async function proceed(pending: Promise<StepResult>, at: number, run: Run): Promise<StepResult> {
  const { exchange, parts } = run
  try {
    const result = await pending
    if (result) return result
  } catch (error) {
    const answer = judge(error, pipeline[at], run)
    if (answer) return answer
  }
  return runFrom(at + 1, exchange, parts)
}

function isOff([, , control]: PipelineEntry, run: Run): boolean {
  return control !== undefined && modeOf(control, run) === 'off'
}

/** Modes are for the routes of the app: what guards accounts is not loosened by any. */
function modeOf(control: keyof ShieldConfig, { exchange, parts }: Run): ControlMode {
  const mode = parts.modes[control]
  return mode === 'on' || ownPath(exchange.path, parts.prefixes) !== 'other' ? 'on' : mode
}

/** The answer to a step that threw; undefined for a control that only counts. */
function judge(error: unknown, entry: PipelineEntry | undefined, run: Run): StepResult {
  const { exchange, parts } = run
  const control = entry?.[2]
  if (control === undefined) return refuse(error, exchange, parts)
  const enforced = modeOf(control, run) === 'on'
  if (error instanceof SecurityError && error.status < 500) note({ control, error, enforced }, run)
  else if (!enforced) parts.shadow.noteUndecided(error, { control, exchange })
  return enforced ? refuse(error, exchange, parts) : undefined
}

interface Noted {
  readonly control: ShieldControl
  readonly error: SecurityError
  readonly enforced: boolean
}

function note({ control, enforced, error }: Noted, { exchange, parts }: Run): void {
  parts.shadow.note({ control, rule: error.code, enforced, exchange })
}

/** A step that breaks is no verdict on the request, so it is 503: never 200, never 500. */
function refuse(error: unknown, exchange: Exchange, parts: PipelineParts): Answer {
  const decided = error instanceof SecurityError && error.status !== 500
  if (!decided || error.status > 500) {
    parts.logger.error('a request was refused because a step failed', {
      requestId: exchange.requestId,
      error,
    })
  }
  // What a limit or a rule about addresses refused goes into the record.
  parts.addresses.noteRefused(error)
  parts.quotas.noteRefused(error)
  const refusal = decided ? error : commonErrors.unavailable({ retryAfter: 1, cause: error })
  return parts.answerRefusal(refusal, exchange)
}

function clientAddress(exchange: Exchange, { trusted }: PipelineParts): undefined {
  exchange.state.client = resolveClient(
    exchange.peerAddress,
    exchange.headers['x-forwarded-for'],
    trusted,
  )
}

function size(exchange: Exchange, parts: PipelineParts): undefined {
  const error = checkSize(exchange, parts.size)
  if (error) throw error
}

/**
 * A person who opened a page by the loopback address belongs at `baseUrl`, where her cookies are.
 * Only for a browser that asks for a page; programs are answered where they ask.
 */
function host(exchange: Exchange, { ownOrigin }: PipelineParts): StepResult {
  const { headers, method, path, query } = exchange
  if (!singleHeader(headers, 'accept')?.includes('text/html')) return undefined
  const location = localhostRedirect({
    method,
    path,
    query,
    ownOrigin,
    host: singleHeader(headers, 'host'),
  })
  return location === undefined ? undefined : { status: 302, headers: { location } }
}

function cors(exchange: Exchange, parts: PipelineParts): StepResult {
  const decision = parts.cors.decide({
    method: exchange.method,
    origin: singleHeader(exchange.headers, 'origin'),
    requestMethod: singleHeader(exchange.headers, 'access-control-request-method'),
  })
  if (decision.headers.length > 0) exchange.state.responseHeaders.push(...decision.headers)
  return decision.preflight ? { status: 204 } : undefined
}

/** What such a step is not asked about: reports, which browsers send by themselves and from any page. */
function butReports(step: Step): Step {
  return (exchange, parts) =>
    parts.reporting.has(exchange.path) ? undefined : step(exchange, parts)
}

function limits(exchange: Exchange, { quotas, reporting }: PipelineParts): undefined {
  if (reporting.has(exchange.path)) quotas.chargeReport(exchange)
  else quotas.charge(exchange)
}

function csrf(exchange: Exchange, parts: PipelineParts): undefined {
  const { auth, credential } = exchange.state
  const site = siteFacts(exchange, parts)
  // A bearer token or a key is never sent unasked. A cookie that names nobody protects nothing: then, as
  // without any, a sign-in from another site is what must not happen.
  if (credential === 'bearer' || credential === 'api_key') return undefined
  if (!auth) {
    refuseUnless(checkCrossSite(site))
    return undefined
  }
  const token = singleHeader(exchange.headers, 'x-csrf-token')
  const expected = () => parts.csrfToken(auth.sessionId)
  const verdict = checkCsrf({ ...site, credential, token, expected })
  if (!verdict.ok && verdict.reason === 'token_missing' && isForm(exchange)) {
    exchange.state.csrfPending = true
    return undefined
  }
  refuseUnless(verdict)
  return undefined
}

export function siteFacts(
  exchange: Exchange,
  parts: Pick<PipelineParts, 'ownOrigin' | 'cors'>,
): SiteFacts {
  return {
    method: exchange.method,
    secFetchSite: singleHeader(exchange.headers, 'sec-fetch-site'),
    origin: singleHeader(exchange.headers, 'origin'),
    ownOrigin: parts.ownOrigin,
    allowedOrigins: parts.cors.credentialedOrigins,
  }
}

function refuseUnless(verdict: { readonly ok: boolean }): void {
  if (!verdict.ok) throw csrfErrors.csrf_refused()
}

function isForm(exchange: Exchange): boolean {
  const type = singleHeader(exchange.headers, 'content-type') ?? ''
  return type.toLowerCase().startsWith('application/x-www-form-urlencoded')
}

/**
 * A WebSocket handshake is a GET that browsers send across sites with cookies and without a
 * preflight, so it must come from our own or an allowed origin, or from no browser at all.
 */
export function checkUpgradeOrigin(
  exchange: Exchange,
  parts: Pick<PipelineParts, 'ownOrigin' | 'cors'>,
): void {
  refuseUnless(checkCrossSite({ ...siteFacts(exchange, parts), method: 'POST' }))
}
