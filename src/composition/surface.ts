import { adminRoutes } from '../admin/index.ts'
import { apiKeyRoutes, keyAdminRoutes, serviceAccountRoutes } from '../api-keys/index.ts'
import { captchaRoutes } from '../captcha/index.ts'
import type { Config } from '../config/index.ts'
import { cspRoutes } from '../csp/index.ts'
import { deviceRoutes } from '../devices/index.ts'
import { enrolmentRoutes } from '../enrolment/index.ts'
import type { SecurityError } from '../errors/index.ts'
import { healthRoutes } from '../health/index.ts'
import {
  type Answer,
  answerOfProblem,
  compileTrustedProxies,
  type Exchange,
  ownPath,
  type Route,
  singleHeader,
} from '../http/index.ts'
import { ipRuleRoutes } from '../ip-rules/index.ts'
import { mailboxRoutes } from '../mail/index.ts'
import { organisationRoutes } from '../organisations/index.ts'
import { accountPages, answerWithProblemPage, asksForPage } from '../pages/index.ts'
import { passwordRoutes } from '../passwords/index.ts'
import { recoveryRoutes } from '../recovery/index.ts'
import { sessionRoutes, wellKnownRoutes } from '../sessions/index.ts'
import { shadowRoutes } from '../shadow/index.ts'
import {
  checkCsrf,
  compileCors,
  compileHeaders,
  csrfErrors,
  NoncePool,
  type PipelineParts,
  Quotas,
  refuseRealm,
  siteFacts,
} from '../shield/index.ts'
import { signInRoutes } from '../sign-in/index.ts'
import { signUpRoutes } from '../sign-up/index.ts'
import { encryptionKeysPath, signatureRoutes } from '../signatures/index.ts'
import { webhookRoutes } from '../webhooks/index.ts'
import { challengeHeaders } from './challenge-headers.ts'
import { takesCspReports } from './csp.ts'
import { namingOf } from './entrance.ts'
import { type Ground, wantsMailbox } from './ground.ts'
import type { Rooms } from './rooms.ts'

/** What the outside meets: the steps of every request and the routes of all rooms. */
export interface Surface {
  readonly pipeline: PipelineParts
  readonly quotas: Quotas
  readonly routes: readonly Route[]
  /** First path segments that are ours. */
  readonly prefixes: readonly string[]
}

const targetLength = 8_192
const free = [
  ...['/healthz', '/readyz', '/.well-known/jwks.json', '/.well-known/openid-configuration'],
  encryptionKeysPath,
]

export function wireSurface(ground: Ground, rooms: Rooms, ready: () => Promise<boolean>): Surface {
  const { config } = ground
  const prefixes = prefixesOf(config)
  const quotas = new Quotas({
    ...{ limits: ground.limits, free },
    quotaOf: (auth) => rooms.keyAuthenticator.quotaOf(auth),
    enforces: (exchange, refusal) => limitsEnforce(ground, exchange, refusal),
  })
  const nonces = new NoncePool(config.random)
  const pipeline: PipelineParts = {
    trusted: compileTrustedProxies(config.trustedProxies),
    target: config.target,
    addresses: ground.addressWatch,
    size: { bodyBytes: Number.MAX_SAFE_INTEGER, targetLength },
    headers: compileHeaders(config.headers, { reportsTo: config.paths.csp }),
    cors: compileCors(config.cors),
    authentication: {
      authenticator: rooms.authenticator,
      keys: rooms.keyAuthenticator,
      cookies: config.cookies,
      tryUnknown: (exchange, lookUp) => quotas.tryUnknown(exchange, lookUp),
    },
    naming: namingOf(ground, rooms, quotas),
    quotas,
    csrfToken: rooms.csrfToken,
    nonce: () => nonces.next(),
    ownOrigin: new URL(config.baseUrl).origin,
    secure: config.baseUrl.startsWith('https:'),
    logger: config.logger,
    modes: config.shield,
    reporting: new Set(takesCspReports(config) ? [config.paths.csp] : []),
    caching: config.headers.authenticatedCaching,
    prefixes,
    shadow: ground.shadow,
    detector: rooms.detector,
    answerRefusal: (error, exchange) => answerRefusal(config, error, exchange),
  }
  const routes = ownRoutes(ground, rooms, { pipeline, ready })
  ground.shield.nameRoutes(routes.map(({ path }) => path))
  return { pipeline, quotas, routes, prefixes }
}

/** As the step of the limits does it: modes are for the routes of the app, and `off` counts nothing. */
function limitsEnforce({ config, shadow }: Ground, exchange: Exchange, { code }: SecurityError) {
  const isOurs = ownPath(exchange.path, prefixesOf(config)) !== 'other'
  const mode = isOurs ? 'on' : config.shield.limits
  const enforced = mode === 'on'
  if (mode !== 'off') shadow.note({ control: 'limits', rule: code, enforced, exchange })
  return enforced
}

/** What the pipeline refuses reaches no route, so whether a page was meant is told here. */
function answerRefusal(config: Config, error: SecurityError, exchange: Exchange): Answer {
  const { account } = config.paths
  if (!asksForPage(exchange, account)) return answerOfProblem(error, exchange.requestId)
  const { appName, mail } = config
  const context = { appName, language: mail.language, home: account }
  return answerWithProblemPage(error, exchange, context)
}

/** First path segments that are ours under this configuration. */
export function prefixesOf(config: Config): readonly string[] {
  const { account, admin, auth, csp, keys } = config.paths
  const fixed = ['/.well-known', '/healthz', '/readyz', '/openapi.json']
  const sometimes = [
    ...(takesCspReports(config) ? [csp] : []),
    ...(wantsMailbox(config) ? ['/dev/mailbox'] : []),
  ]
  return [auth, admin, account, keys, ...fixed, ...sometimes]
}

function ownRoutes(
  ground: Ground,
  rooms: Rooms,
  wiring: { readonly pipeline: PipelineParts; readonly ready: () => Promise<boolean> },
): readonly Route[] {
  const { config, database, mailbox } = ground
  const { account, admin, auth, keys } = config.paths
  const { baseUrl, clock } = config
  const algorithm = config.tokens.algorithm
  const keyParts = { ...rooms, path: keys, adminPath: admin }
  const checkCookieRequest = (exchange: Exchange, sessionId: string) =>
    judgeCookie(wiring.pipeline, exchange, sessionId)
  return [
    ...signUpRoutes({ ...rooms, path: auth }),
    ...captchaRoutes({ captcha: ground.captcha, path: auth }),
    ...passwordRoutes({ policy: ground.policy, limits: ground.limits, path: auth }),
    ...signInRoutes({ ...rooms, path: auth }),
    ...sessionRoutes({
      ...{ ...rooms, database, clock, path: auth },
      checkCookieRequest,
      checkRealm: refuseRealm,
    }),
    ...deviceRoutes({
      ...{ database, devices: ground.devices, path: auth },
      devicesOf: (exchange) => rooms.cookies.devices(exchange),
      claim: (trx, auth) => rooms.sessions.claim(trx, auth),
    }),
    ...enrolmentRoutes({ ...rooms, random: config.random, path: auth }),
    ...recoveryRoutes({ ...rooms, random: config.random, path: auth }),
    ...wellKnownRoutes({ keys: rooms.keys, baseUrl, algorithm }),
    ...adminRoutes({ ...rooms, database, path: admin }),
    ...organisationRoutes({ ...rooms, path: auth, adminPath: admin }),
    ...apiKeyRoutes(keyParts),
    ...keyAdminRoutes(keyParts),
    ...serviceAccountRoutes(keyParts),
    ...shadowRoutes({ shield: ground.shield, path: admin }),
    ...webhookRoutes(keyParts),
    ...ipRuleRoutes({ ipRules: ground.ipRules, path: admin }),
    ...signatureRoutes({ ...rooms, path: auth }),
    ...cspRoutes({
      csp: rooms.csp,
      path: takesCspReports(config) ? config.paths.csp : undefined,
      adminPath: admin,
    }),
    ...healthRoutes({ ready: wiring.ready }),
    ...accountPages({
      ...{ ...rooms, database, clock, baseUrl, path: account, checkCookieRequest },
      appName: config.appName,
      registration: config.registration,
      passwordMinLength: config.password.minLength,
      ...{ captcha: ground.captcha, devices: ground.devices, proof: ground.proof },
      captchaPath: `${auth}/captcha`,
      challengeHeaders: challengeHeaders(config),
      eraseAfterMs: config.closedAccounts.eraseAfterMs,
      undoMs: config.links.reportMs,
      language: config.mail.language,
      ...{ authPath: auth, stepUpMs: config.stepUp.withinMs, trustMs: config.mfa.trustedDevicesMs },
    }),
    ...(mailbox ? mailboxRoutes(mailbox) : []),
  ]
}

/** The CSRF rule for a request whose credential is the refresh cookie. */
function judgeCookie(
  pipeline: PipelineParts,
  exchange: Exchange,
  sessionId: string,
): SecurityError | undefined {
  const verdict = checkCsrf({
    ...siteFacts(exchange, pipeline),
    credential: 'cookie',
    token: singleHeader(exchange.headers, 'x-csrf-token'),
    expected: () => pipeline.csrfToken(sessionId),
  })
  return verdict.ok ? undefined : csrfErrors.csrf_refused()
}
