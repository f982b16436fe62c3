import type { Request, RequestHandler, Response } from 'express'
import { accessErrors, isPermission } from '../../access/index.ts'
import { commonErrors, defineErrors } from '../../errors/index.ts'
import type { Resource } from '../../events/index.ts'
import { type Auth, answerOfProblem, type Exchange, originOf } from '../../http/index.ts'
import type { Security } from '../../security.ts'
import { requireAuth } from '../../shield/index.ts'
import { sendAnswer } from '../node/respond.ts'
import { type ExchangeSlot, markPolicy, type PolicyHandler, type RoutePolicyMark } from './types.ts'

export const guardErrors = defineErrors({
  guard_invalid: {
    status: 500,
    title: 'Invalid guard',
    detail: 'A guard names something that is not a permission, role or resource.',
  },
})

export interface GuardOptions {
  /** Records each use of the route under this action, with status and duration, also when aborted. */
  readonly audit?: string
  /** The thing the route is about, for the record. */
  readonly resource?: (request: Request) => Resource | undefined
}

/** Roles that may call a route. A permission says more and survives a change of roles. */
export interface RoleGuard {
  readonly anyRole: readonly string[]
}

export interface Guard {
  /** Lets pass whoever holds the permission; 401 without a session, 403 without the permission. */
  (permission: string | RoleGuard, options?: GuardOptions): PolicyHandler
  /** GET reads, POST, PUT and PATCH write, DELETE deletes `resource`. */
  resource(resource: string, options?: GuardOptions): PolicyHandler
}

const actions: Readonly<Record<string, string>> = {
  GET: 'read',
  HEAD: 'read',
  POST: 'write',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
}

export function guardWith(security: Security, slot: ExchangeSlot): Guard {
  const make = (mark: RoutePolicyMark, options: GuardOptions = {}): PolicyHandler =>
    markPolicy(handlerOf(security, slot, { mark, options }), mark)
  const guard = (asked: string | RoleGuard, options?: GuardOptions) =>
    make(typeof asked === 'string' ? permissionMark(asked) : roleMark(asked), options)
  const resource = (name: string, options?: GuardOptions) => make(resourceMark(name), options)
  return Object.assign(guard, { resource })
}

/** Lets pass everyone who is signed in. */
export function authenticateWith(security: Security, slot: ExchangeSlot): PolicyHandler {
  const mark = { kind: 'signed-in' } as const
  return markPolicy(handlerOf(security, slot, { mark, options: {} }), mark)
}

function handlerOf(
  security: Security,
  slot: ExchangeSlot,
  rule: { readonly mark: RoutePolicyMark; readonly options: GuardOptions },
): RequestHandler {
  return (request, response, next) => {
    const exchange = slot.get(request)
    if (!exchange) return refuseUndecided(response)
    try {
      decide(rule.mark, request, requireAuth(exchange))
    } catch (error) {
      if (rule.options.audit) watch(security, exchange, { request, response, ...rule.options })
      return sendAnswer(response, exchange, answerOfProblem(error, exchange.requestId))
    }
    if (rule.options.audit) watch(security, exchange, { request, response, ...rule.options })
    next()
  }
}

function decide(mark: RoutePolicyMark, request: Request, auth: Auth): void {
  if (mark.kind === 'open' || mark.kind === 'signed-in') return
  if (mark.kind === 'roles') {
    if (mark.anyRole.some((role) => auth.roles.includes(role))) return
    throw accessErrors.forbidden()
  }
  const permission =
    mark.kind === 'permission' ? mark.permission : resourcePermission(mark.resource, request.method)
  if (permission === undefined || !auth.can(permission)) throw accessErrors.forbidden()
}

function resourcePermission(resource: string, method: string): string | undefined {
  const action = actions[method]
  return action === undefined ? undefined : `${action}:${resource}`
}

/** No decision was taken on this request: Holdfast is not mounted before the guard. */
function refuseUndecided(response: Response): void {
  const { body, headers, status } = undecided()
  response.writeHead(status, headers as Record<string, string>)
  response.end(body)
}

function undecided() {
  const {
    headers = {},
    json,
    status,
  } = answerOfProblem(commonErrors.unavailable({ retryAfter: 1 }))
  return { status, headers, body: JSON.stringify(json) }
}

interface Watched extends GuardOptions {
  readonly request: Request
  readonly response: Response
}

/** Records the use of a route when its answer is out, or when the client has gone. */
export function watch(security: Security, exchange: Exchange, watched: Watched): void {
  const { audit: action, request, resource, response } = watched
  if (action === undefined) return
  response.once('close', () => {
    const { auth } = exchange.state
    const about = resource?.(request)
    const { statusCode } = response
    security.parts.ground.audit.access({
      action,
      actor: auth ? { kind: 'user', id: auth.userId } : { kind: 'anonymous' },
      ...(about ? { resource: about } : {}),
      ...(response.writableFinished ? {} : { reason: 'aborted' }),
      outcome: statusCode === 401 || statusCode === 403 ? 'refused' : outcomeOf(response),
      origin: originOf(exchange),
      status: statusCode,
      durationMs: security.config.clock.monotonic() - exchange.startedAt,
    })
  })
}

function outcomeOf(response: Response): 'success' | 'failure' {
  return response.statusCode < 400 && response.writableFinished ? 'success' : 'failure'
}

function permissionMark(permission: string): RoutePolicyMark {
  if (isPermission(permission)) return { kind: 'permission', permission }
  const cause = new Error(`guard('${permission}'): write action:resource, without wildcards`)
  throw guardErrors.guard_invalid({ cause })
}

function roleMark({ anyRole }: RoleGuard): RoutePolicyMark {
  if (Array.isArray(anyRole) && anyRole.length > 0) return { kind: 'roles', anyRole: [...anyRole] }
  throw guardErrors.guard_invalid({
    cause: new Error('guard({ anyRole }) needs at least one role'),
  })
}

function resourceMark(resource: string): RoutePolicyMark {
  if (isPermission(`read:${resource}`)) return { kind: 'resource', resource }
  const cause = new Error(`guard.resource('${resource}'): not the name of a resource`)
  throw guardErrors.guard_invalid({ cause })
}
