import type { Server } from 'node:http'
import type { Express, Request, RequestHandler, Response } from 'express'
import { accessErrors } from '../../access/index.ts'
import { commonErrors } from '../../errors/index.ts'
import { parseAddress } from '../../http/index.ts'
import { refusalOf } from '../node/problem-of.ts'
import { entrance } from './enter.ts'
import { isApp, routerOf } from './layers.ts'
import { RouteManifest } from './manifest.ts'
import { answerThrown, refuse } from './refuse.ts'
import { RouteReview } from './review.ts'
import { guardQuery } from './single-query.ts'
import type { Pair, Parts } from './types.ts'
import type { ServerGuard } from './upgrade.ts'
import type { ManifestEntry } from './walk.ts'
import { checkParserOrder } from './webhook-order.ts'

type Handle = (request: Request, response: Response, done?: (error?: unknown) => void) => void

interface Wrapped {
  handle: Handle
  use: (...values: unknown[]) => unknown
  listen: (...values: unknown[]) => Server
}

/** An app whose routes are watched. */
export interface WatchedApp {
  readonly manifest: RouteManifest
  readonly review: RouteReview
}

/**
 * Wraps `app.handle`, which every way into an Express app ends in, so that nothing can be mounted
 * ahead of the guard. Undocumented in Express, hence tested against each version.
 */
export function protectApp(
  app: Express,
  watched: WatchedApp,
  { parts, servers }: { readonly parts: Parts; readonly servers: ServerGuard },
): void {
  const wrapped = app as unknown as Wrapped
  const handle = wrapped.handle.bind(app)
  wrapped.handle = entrance(
    parts,
    (request, response, done) => {
      if (!mayRun(parts, watched, { request, response })) return
      servers.noticeServer(request)
      handle(request, response, done ?? lastWord(parts, { request, response }))
    },
    () => watched.manifest.enforce(),
  ) as Handle
  rememberSubApps(app, watched.manifest)
  guardListen(app, watched, servers)
  shareTrust(app, parts)
  app.disable('x-powered-by')
}

/**
 * The same as middleware. Routes of an app that mounts it directly are watched as well; behind a
 * path or in a router it speaks for no other route.
 */
export function middlewareWith(parts: Parts, appOf: (app: Express) => WatchedApp): RequestHandler {
  const isDirect = (app: Express) =>
    routerOf(app).stack.some((layer) => layer.slash && layer.handle === middleware)
  const look = ({ app }: Request) => {
    if (isDirect(app as Express)) appOf(app as Express).manifest.enforce()
  }
  const enter = entrance(
    parts,
    (request, response, next) => {
      const app = request.app as Express
      const check = () => checkParserOrder(parts, app, middleware)
      if (!isDirect(app) || mayRun(parts, appOf(app), { request, response, check })) next()
    },
    look,
  )
  const middleware: RequestHandler = (request, response, next) => enter(request, response, next)
  return middleware
}

/** Watches the routes of an app, and makes its `req.ip` the address that Holdfast counts. */
export function watchApp(app: Express, parts: Parts): WatchedApp {
  const review = new RouteReview(parts.security)
  const manifest = new RouteManifest(app, {
    refuse: (request, response) => {
      refuse(parts, { request, response }, accessErrors.route_without_policy())
    },
    review: (found, closed) => {
      const entries = found.map(({ entry }) => entry)
      review.look(entries, closed, isRoot(app))
      nameRoutes(parts, entries)
      if (!isRoot(app)) return
      parts.webhookPaths.learn(found)
      parts.limitedPaths.learn(found)
    },
  })
  Object.defineProperty(app.request, 'ip', {
    configurable: true,
    enumerable: true,
    get(this: Request) {
      return parts.slot.get(this)?.state.client?.ip ?? this.socket.remoteAddress
    },
  })
  guardQuery(app, parts)
  return { manifest, review }
}

/** What stands behind middleware with a path is told by that path. */
function nameRoutes({ security }: Parts, entries: readonly ManifestEntry[]): void {
  const routes = entries.filter(({ method, unclassified }) => !unclassified && method !== 'PARAM')
  const paths = routes.map(({ method, path }) => (method === 'USE' ? `${path}/*` : path))
  security.whenRunning(() => security.shield.nameRoutes(paths))
}

function isRoot(app: Express): boolean {
  return (app as { parent?: unknown }).parent === undefined
}

/** Judges what was added since the last request. A judgement that breaks lets nothing pass. */
function mayRun(
  parts: Parts,
  { manifest, review }: WatchedApp,
  at: Pair & { readonly check?: () => void },
): boolean {
  try {
    manifest.enforce()
    at.check?.()
    if (review.clash) throw review.clash
    return true
  } catch (error) {
    parts.security.config.logger.error('the routes of the app cannot be served', { error })
    refuse(parts, at, refusalOf(error))
    return false
  }
}

/** Instead of Express' own last word, which tells stack traces in development and repeats the path. */
function lastWord(parts: Parts, at: Pair): (error?: unknown) => void {
  return (error) => {
    if (error) answerThrown(parts, at, error)
    else refuse(parts, at, commonErrors.not_found())
  }
}

/** Express hides a mounted app in a closure; `use` is the last place where both can be seen. */
function rememberSubApps(app: Express, manifest: RouteManifest): void {
  const wrapped = app as unknown as Wrapped
  const use = wrapped.use.bind(app)
  wrapped.use = (...values: unknown[]) => {
    const { stack } = routerOf(app)
    const before = stack.length
    const result = use(...values)
    const added = stack.slice(before)
    const mounted = values.flat(Number.POSITIVE_INFINITY).filter((one) => typeof one === 'function')
    added.forEach((layer, at) => {
      const subApp = mounted[at]
      if (!isApp(subApp)) return
      manifest.rememberApp(layer, subApp)
      rememberSubApps(subApp, manifest)
      subApp.disable('x-powered-by')
    })
    return result
  }
}

function guardListen(app: Express, { manifest, review }: WatchedApp, servers: ServerGuard): void {
  const wrapped = app as unknown as Wrapped
  const listen = wrapped.listen.bind(app)
  wrapped.listen = (...values: unknown[]) => {
    manifest.enforce()
    if (review.clash) throw review.clash
    return servers.guard(listen(...values))
  }
}

/** `req.protocol`, `req.hostname` and `req.ips` believe the same proxies, and no others. */
function shareTrust(app: Express, { security }: Parts): void {
  const trusted = security.trustedProxies
  app.set('trust proxy', (text: string) => {
    const address = parseAddress(text)
    return address !== undefined && trusted.trusts(address)
  })
}
