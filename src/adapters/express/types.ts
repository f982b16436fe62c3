import type { Request, RequestHandler, Response } from 'express'
import type { Auth, Exchange } from '../../http/index.ts'

declare global {
  namespace Express {
    interface Request {
      /** The caller, on requests that presented a valid credential; always there behind a guard. */
      auth?: Auth
      /** The body exactly as it was sent, when Holdfast has read it. */
      rawBody?: Buffer
    }
  }
}

/** What a route says about who may call it. */
export type RoutePolicyMark =
  | { readonly kind: 'open' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'permission'; readonly permission: string }
  | { readonly kind: 'resource'; readonly resource: string }
  | { readonly kind: 'roles'; readonly anyRole: readonly string[] }

/** Middleware that carries a policy, so that the manifest can tell a guarded route from another. */
export interface PolicyHandler extends RequestHandler {
  readonly [policyMark]: RoutePolicyMark
}

/** Marks handlers that state a policy. Not registered globally: nothing else can forge it. */
export const policyMark: unique symbol = Symbol('holdfast.policy')

export function markPolicy(handler: RequestHandler, policy: RoutePolicyMark): PolicyHandler {
  return Object.assign(handler, { [policyMark]: policy })
}

export function policyOf(handler: unknown): RoutePolicyMark | undefined {
  return typeof handler === 'function' && policyMark in handler
    ? (handler as PolicyHandler)[policyMark]
    : undefined
}

/** Where a request keeps its exchange. One symbol a security, so that two of them never meet. */
export interface ExchangeSlot {
  get(request: Request): Exchange | undefined
  set(request: Request, exchange: Exchange): void
}

export function exchangeSlot(): ExchangeSlot {
  const key = Symbol('holdfast.exchange')
  type Slotted = Request & { [key]?: Exchange }
  return {
    get: (request) => (request as Slotted)[key],
    set: (request, exchange) => {
      ;(request as Slotted)[key] = exchange
    },
  }
}

export type Handling = (
  request: Request,
  response: Response,
  next: (error?: unknown) => void,
) => void
