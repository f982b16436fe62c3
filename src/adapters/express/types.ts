import type { Request, RequestHandler, Response } from 'express'
import type { SecurityError } from '../../errors/index.ts'
import type { Auth, Exchange } from '../../http/index.ts'
import type { Security } from '../../security.ts'
import type { ProofOptions } from '../../shield/index.ts'
import type { VerifiedSignature } from '../../signatures/index.ts'
import type { UploadedFile } from '../../uploads/index.ts'
import type { WebhookDelivery } from '../../webhooks/index.ts'
import type { Gate } from '../node/gate.ts'
import type { WebhookReads } from '../node/unverified.ts'
import type { HeldBody } from './held-body.ts'
import type { LimitedPaths } from './limited-paths.ts'
import type { RowWatch } from './row-watch.ts'
import type { WebhookPaths } from './webhook-paths.ts'

declare global {
  namespace Express {
    interface Request {
      /** The caller, on requests that presented a valid credential; always there behind a guard. */
      auth?: Auth
      /** The object that the guard of the route has loaded and admitted the caller to; see `GuardOptions.object`. */
      object?: object
      /** The files of the form, behind `upload()`: whole, looked through and kept. */
      uploads?: readonly UploadedFile[]
      /** The signature of the request, behind `signed()`. */
      signature?: VerifiedSignature
      /** The verified delivery, behind `webhook(provider, { mode: 'inline' })`. */
      webhook?: WebhookDelivery
      /** The body exactly as it was sent, when Holdfast has read it. */
      rawBody?: Buffer
      /** What the schemas of `validate` made of the request; `Validation.of` gives the same with its types. */
      valid?: ValidParts
    }
  }
}

/** Parts of a request as the schemas of its route read them. Of others there is nothing. */
export interface ValidParts {
  readonly body?: unknown
  readonly query?: unknown
  readonly params?: unknown
  readonly headers?: unknown
}

/** What a route says about who may call it. */
export type RoutePolicyMark =
  | { readonly kind: 'open' }
  | { readonly kind: 'signed-in'; readonly anyLevel?: true }
  | WebhookMark
  | GuardMark

/** Whoever signs with the secret of a provider. */
export interface WebhookMark {
  readonly kind: 'webhook'
  readonly provider: string
  readonly name: string
  readonly maxBytes: number
}

/** What a guard says, with its options as they were written. */
export type GuardMark = (
  | { readonly kind: 'permission'; readonly permission: string }
  | { readonly kind: 'resource'; readonly resource: string }
  | { readonly kind: 'roles'; readonly anyRole: readonly string[] }
) &
  GuardTerms

/** What a guard asks for beside a permission or role. */
export interface GuardTerms extends ProofOptions {
  /** It admits whoever holds the permission for some rows. */
  readonly rows?: true
  /** It loads an object and admits whoever holds the permission for that one. */
  readonly object?: true
  /** The path parameter that names the organisation in which roles count too; `true`: the request does. */
  readonly organisation?: string | true
  /** The action under which each use is recorded. */
  readonly audit?: string
}

/** Middleware that carries a policy, so that the manifest can tell a guarded route from another. */
export interface PolicyHandler extends RequestHandler {
  readonly [policyMark]: RoutePolicyMark
}

/** Marks handlers that state a policy. Not registered globally: nothing else can forge it. */
export const policyMark: unique symbol = Symbol('holdfast.policy')
const gateMark: unique symbol = Symbol('holdfast.gate')
const limitMark: unique symbol = Symbol('holdfast.limit')

/** Marks a handler that speaks for itself alone. */
export function markPolicy(handler: RequestHandler, policy: RoutePolicyMark): PolicyHandler {
  return Object.assign(handler, { [policyMark]: policy })
}

/** Marks a handler that speaks for everything behind it as well: it decides, then passes on. */
export function markGate(handler: RequestHandler, policy: RoutePolicyMark): PolicyHandler {
  return Object.assign(markPolicy(handler, policy), { [gateMark]: true })
}

export function policyOf(handler: unknown): RoutePolicyMark | undefined {
  return typeof handler === 'function' && policyMark in handler
    ? (handler as PolicyHandler)[policyMark]
    : undefined
}

export function isGate(handler: object): boolean {
  return gateMark in handler
}

/** Gives `copy` the marks of `handler`, for which it stands. */
export function copyMarks(handler: RequestHandler, copy: RequestHandler): RequestHandler {
  const policy = policyOf(handler)
  if (!policy) return copy
  return isGate(handler) ? markGate(copy, policy) : markPolicy(copy, policy)
}

/** Marks a limit of a route, which counts in place of the quota of requests. */
export function markLimit(handler: RequestHandler): RequestHandler {
  return Object.assign(handler, { [limitMark]: true })
}

export function isLimit(handler: object): boolean {
  return limitMark in handler
}

/** Where a request keeps its exchange. One symbol a security, so that two of them never meet. */
export interface ExchangeSlot {
  get(request: object): Exchange | undefined
  set(request: object, exchange: Exchange): void
}

export function exchangeSlot(): ExchangeSlot {
  const key = Symbol('holdfast.exchange')
  type Slotted = { [key]?: Exchange }
  return {
    get: (request) => (request as Slotted)[key],
    set: (request, exchange) => {
      ;(request as Slotted)[key] = exchange
    },
  }
}

/** What the parts of this adapter share; one for each security. */
export interface Parts {
  readonly security: Security
  readonly slot: ExchangeSlot
  readonly gate: Gate
  /** Why a guard refused, by response: for records, never for answers. */
  readonly refusals: WeakMap<object, string>
  /** Which requests go to a webhook. */
  readonly webhookPaths: WebhookPaths
  /** Whose turn it is to have the body of a webhook read. */
  readonly webhookReads: WebhookReads
  /** Which requests go to a route with a limit of its own. */
  readonly limitedPaths: LimitedPaths
  /** Bodies that wait for a schema to take them, by request. */
  readonly heldBodies: WeakMap<object, HeldBody>
  /** Requests whose query a schema speaks for, or whose repeated parameters have been noted. */
  readonly queries: WeakMap<object, 'checked' | 'noted'>
  /** Refusals of what a function of the app asked of a request that does not say it. */
  readonly unreadable: WeakSet<SecurityError>
  /** Requests whose handler has to ask which rows it may show. */
  readonly rowWatches: WeakMap<Exchange, RowWatch>
}

/** A request with its response, as Express' handlers get them. */
export interface Pair {
  readonly request: Request
  readonly response: Response
}

export type Handling = (
  request: Request,
  response: Response,
  next: (error?: unknown) => void,
) => void
