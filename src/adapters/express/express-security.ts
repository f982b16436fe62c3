import type { Server } from 'node:http'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import type { SecurityOptions } from '../../config/index.ts'
import { parseAddress } from '../../http/index.ts'
import { createSecurity as createCore, type Security } from '../../security.ts'
import { enterWith } from './enter.ts'
import { errorHandlerWith } from './error-handler.ts'
import { authenticateWith, type Guard, guardWith, watch } from './guard.ts'
import { type RateLimitOptions, rateLimitWith } from './limit.ts'
import { type ManifestEntry, RouteManifest } from './manifest.ts'
import { openWith } from './open.ts'
import { type ExchangeSlot, exchangeSlot, type PolicyHandler } from './types.ts'
import { type UpgradeOptions, upgradeWith } from './upgrade.ts'

/** What Express needs of Holdfast. */
export interface ExpressVerbs {
  /** Puts Holdfast before everything else in the app, whatever is mounted when. Returns the app. */
  protect(app: Express): Express
  /** The same as middleware, for apps that mount it themselves, before their routes. */
  middleware(): RequestHandler
  /** Policy of a route: a permission, or roles. It stands first among the route's handlers. */
  readonly guard: Guard
  /** Policy of a route: anybody who is signed in. */
  readonly authenticate: PolicyHandler
  /** Policy of a route or of middleware with a path: everybody. */
  open(handler?: RequestHandler): PolicyHandler
  /** Counts requests by a policy of `limits.policies`. */
  rateLimit(policy: string, options?: RateLimitOptions): RequestHandler
  /** Records each use of the route; `guard(permission, { audit })` does both. */
  auditAs(action: string): RequestHandler
  /** The last middleware: errors as problem+json. */
  errorHandler(): ErrorRequestHandler
  /** Guards WebSockets and `Expect: 100-continue`, which pass no middleware. Returns the server. */
  upgrade<S extends Server>(server: S, options?: UpgradeOptions): S
  /** The routes of a protected app and their policies. */
  manifest(app: Express): readonly ManifestEntry[]
}

/** A security with Express' verbs. */
export type ExpressSecurity = Security & ExpressVerbs

/** Makes the security of an Express 5 app. Throws `invalid_configuration`, which lists every mistake. */
export function createSecurity(options: SecurityOptions): ExpressSecurity {
  return withExpress(createCore(options))
}

/** Adds Express' verbs to a security. */
export function withExpress(security: Security): ExpressSecurity {
  const slot = exchangeSlot()
  const manifests = new WeakMap<Express, RouteManifest>()
  const verbs: ExpressVerbs = {
    protect: (app) => protect(app, { security, slot, manifests }),
    middleware: () => {
      const enter = enterWith(security, slot)
      return (request, response, next) => enter(request, response, next)
    },
    guard: guardWith(security, slot),
    authenticate: authenticateWith(security, slot),
    open: openWith(security, slot),
    rateLimit: rateLimitWith(security, slot),
    auditAs: (action) => (request, response, next) => {
      const exchange = slot.get(request)
      if (exchange) watch(security, exchange, { request, response, audit: action })
      next()
    },
    errorHandler: () => errorHandlerWith(security, slot),
    upgrade: upgradeWith(security),
    manifest: (app) => (manifests.get(app) ?? new RouteManifest(app, () => {})).entries(),
  }
  return Object.assign(security, verbs)
}

interface Protection {
  readonly security: Security
  readonly slot: ExchangeSlot
  readonly manifests: WeakMap<Express, RouteManifest>
}

type Handle = (request: never, response: never, done: (error?: unknown) => void) => void

/**
 * Wraps `app.handle`, which every way into an Express app ends in, so that nothing can be mounted
 * ahead of the guard. Undocumented in Express, hence tested against each version.
 */
function protect(app: Express, { manifests, security, slot }: Protection): Express {
  const wrapped = app as Express & { handle: Handle; use: (...values: unknown[]) => unknown }
  const manifest = new RouteManifest(app, (entry) => {
    security.config.logger.error('a route states no policy and answers 503', {
      method: entry.method,
      path: entry.path,
      fix: 'put guard(...) or open() first among its handlers',
    })
  })
  manifests.set(app, manifest)
  const enter = enterWith(security, slot)
  const handle = wrapped.handle.bind(app) as unknown as Handle
  wrapped.handle = ((request, response, done) => {
    enter(request, response, (error) => {
      if (error !== undefined) return done(error)
      manifest.enforce()
      handle(request, response, done)
    })
  }) as Handle
  rememberSubApps(wrapped, manifest)
  enforceAtListen(app, manifest)
  shareClientAddress(app, security)
  app.disable('x-powered-by')
  return app
}

function rememberSubApps(
  app: { use: (...values: unknown[]) => unknown },
  manifest: RouteManifest,
): void {
  const use = app.use.bind(app)
  app.use = (...values: unknown[]) => {
    const path = typeof values[0] === 'string' && values[0] !== '/' ? values[0] : ''
    for (const value of values.flat(Number.POSITIVE_INFINITY)) {
      if (isApp(value)) manifest.addApp(value, path)
    }
    return use(...values)
  }
}

function isApp(value: unknown): value is Express {
  return typeof value === 'function' && 'handle' in value && 'set' in value && 'engine' in value
}

function enforceAtListen(app: Express, manifest: RouteManifest): void {
  const listen = app.listen.bind(app) as (...values: unknown[]) => Server
  app.listen = ((...values: unknown[]) => {
    manifest.enforce()
    return listen(...values)
  }) as Express['listen']
}

/** Makes `req.ip` the address that Holdfast counts: the same proxies are believed, no others. */
function shareClientAddress(app: Express, security: Security): void {
  const trusted = security.trustedProxies
  app.set('trust proxy', (text: string) => {
    const address = parseAddress(text)
    return address !== undefined && trusted.trusts(address)
  })
}
