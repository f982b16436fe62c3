import type { Server } from 'node:http'
import type { ErrorRequestHandler, Express, Request, RequestHandler } from 'express'
import type { SecurityOptions } from '../../config/index.ts'
import { createSecurity as createCore, type Security } from '../../security.ts'
import type { SignedOptions } from '../../signatures/index.ts'
import { Gate } from '../node/gate.ts'
import { WebhookReads } from '../node/unverified.ts'
import { type EncryptedFieldOptions, encryptedFieldsWith } from './encrypted-fields.ts'
import { errorHandlerWith } from './error-handler.ts'
import { type Authenticate, authenticateWith, type Guard, guardWith } from './guard.ts'
import { inspectWith } from './inspect.ts'
import { type IpRulesVerb, ipRulesWith } from './ip-rules.ts'
import { type RateLimitOptions, rateLimitWith } from './limit.ts'
import { LimitedPaths } from './limited-paths.ts'
import { openWith } from './open.ts'
import { middlewareWith, protectApp, type WatchedApp, watchApp } from './protect.ts'
import { type RedirectVerb, redirectWith } from './redirect.ts'
import { csrfWith, type HeadersVerb, headersWith } from './separate.ts'
import { signedWith } from './signed.ts'
import { exchangeSlot, type Parts, type PolicyHandler } from './types.ts'
import { ServerGuard, type UpgradeOptions } from './upgrade.ts'
import { type UploadVerbOptions, uploadWith } from './upload.ts'
import { type AuditVerb, auditWith } from './use-recorder.ts'
import { type ValidateVerb, validateVerb } from './validate.ts'
import type { ManifestEntry } from './walk.ts'
import { type WebhookVerb, webhookWith } from './webhook.ts'
import { WebhookPaths } from './webhook-paths.ts'

/** What Express needs of Holdfast. */
export interface ExpressVerbs {
  /** Puts Holdfast before everything else in the app, whatever is mounted when. Returns the app. */
  protect(app: Express): Express
  /** The same as middleware, for apps that mount it themselves, before their routes. */
  middleware(): RequestHandler
  /** Policy of a route: a permission, or roles. It stands first among the route's handlers. */
  readonly guard: Guard
  /** Policy of a route: anybody who is signed in, at the level that policy demands of the account. */
  readonly authenticate: Authenticate
  /** Policy of a route or of middleware with a path: everybody. */
  open(handler?: RequestHandler): PolicyHandler
  /** Counts requests by a policy of `limits.policies`. */
  rateLimit(policy: string, options?: RateLimitOptions): RequestHandler
  /** Behind a guard: takes signed requests alone (RFC 9421), each once. */
  signed(options: SignedOptions): RequestHandler
  /** Behind a guard: receives files, told by their content, as `request.uploads`. */
  upload(options: UploadVerbOptions): RequestHandler
  /** Behind a guard: opens fields of the body that browsers have encrypted to this service. */
  encryptedFields(names: readonly string[], options: EncryptedFieldOptions): RequestHandler
  /** Looks for attacks in a body that the app has read itself: XML, text, multipart. */
  inspect(): RequestHandler
  /** Asks rules about addresses for one route; and makes, ends and shows rules at run time. */
  readonly ipRules: IpRulesVerb
  /** `audit(action)` records each use of the route, as `guard(permission, { audit })` does. */
  readonly audit: AuditVerb
  /** Middleware: the security headers alone, for apps that mount nothing else. */
  readonly headers: HeadersVerb
  /** Middleware: the rule against cross-site requests alone, for apps with cookies of their own. */
  readonly csrf: RequestHandler
  /** Checks body, query, params and headers of a route by schemas, before its handler runs. */
  readonly validate: ValidateVerb
  /** Policy of a route: deliveries of another service, verified, taken once, handled afterwards. */
  readonly webhook: WebhookVerb
  /** Redirects to a target that a client chose, to our own paths and exact origins alone. */
  readonly redirect: RedirectVerb
  /** The last middleware: errors as problem+json. */
  errorHandler(): ErrorRequestHandler
  /** Guards WebSockets and `Expect: 100-continue`, which pass no middleware. Returns the server. */
  upgrade<S extends Server>(server: S, options?: UpgradeOptions): S
  /** The nonce of the response to `request`, for script tags; undefined where the CSP uses none. */
  nonce(request: Request): string | undefined
  /** The routes of an app and their policies. */
  manifest(app: Express): readonly ManifestEntry[]
}

/** A security with Express' verbs. */
export type ExpressSecurity = ExpressVerbs & Security

/** Makes the security of an Express 5 app. Throws `invalid_configuration`, which lists every mistake. */
export function createSecurity(options: SecurityOptions): ExpressSecurity {
  return withExpress(createCore(options))
}

/** Adds Express' verbs to a security. */
export function withExpress(security: Security): ExpressSecurity {
  const gate = new Gate(security)
  const parts: Parts = {
    ...{ security, gate, slot: exchangeSlot() },
    ...{ webhookPaths: new WebhookPaths(), webhookReads: new WebhookReads() },
    limitedPaths: new LimitedPaths(),
    ...{ heldBodies: new WeakMap(), queries: new WeakMap(), unreadable: new WeakSet() },
    ...{ refusals: new WeakMap(), rowWatches: new WeakMap() },
  }
  const servers = new ServerGuard(parts)
  const close = security.close.bind(security)
  return Object.assign(security, {
    ...mountingVerbs(parts, servers),
    ...separateVerbs(parts),
    guard: guardWith(parts),
    authenticate: authenticateWith(parts),
    open: openWith(parts),
    rateLimit: rateLimitWith(parts),
    inspect: inspectWith(parts),
    signed: signedWith(parts),
    upload: uploadWith(parts),
    encryptedFields: encryptedFieldsWith(parts),
    ipRules: ipRulesWith(parts),
    audit: auditWith(parts),
    redirect: redirectWith(parts),
    validate: validateVerb(parts),
    webhook: webhookWith(parts),
    errorHandler: () => errorHandlerWith(parts),
    close(): Promise<void> {
      servers.close()
      return close()
    },
  })
}

function mountingVerbs(parts: Parts, servers: ServerGuard) {
  const apps = new WeakMap<Express, WatchedApp>()
  const guarded = new WeakSet<Express>()
  const appOf = (app: Express): WatchedApp => {
    const known = apps.get(app) ?? watchApp(app, parts)
    apps.set(app, known)
    return known
  }
  return {
    protect(app: Express): Express {
      if (guarded.has(app)) return app
      guarded.add(app)
      protectApp(app, appOf(app), { parts, servers })
      return app
    },
    middleware: () => middlewareWith(parts, appOf),
    upgrade: <S extends Server>(server: S, options: UpgradeOptions = {}): S =>
      servers.guard(server, options),
    manifest: (app: Express) => appOf(app).manifest.entries(),
  }
}

function separateVerbs(parts: Parts) {
  const nonces = new WeakMap<Request, string>()
  return {
    headers: headersWith(parts, nonces),
    csrf: csrfWith(parts),
    nonce: (request: Request) => parts.slot.get(request)?.state.nonce ?? nonces.get(request),
  }
}
