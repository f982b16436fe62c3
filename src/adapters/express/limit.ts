import type { Request, RequestHandler } from 'express'
import { didYouMean } from '../../config/index.ts'
import { commonErrors, SecurityError } from '../../errors/index.ts'
import { clientKeyOf, type Exchange } from '../../http/index.ts'
import { type LimitVerdict, limitHeaders, rateLimited } from '../../limits/index.ts'
import { invalidGuard } from '../node/errors.ts'
import { refusalOf } from '../node/problem-of.ts'
import { markControl } from './controls.ts'
import { isLimitEnforced } from './owed.ts'
import { refuse } from './refuse.ts'
import { markLimit, type Pair, type Parts } from './types.ts'
import { pathOf, unprotectedNotice } from './unprotected.ts'

/** By what a policy counts. */
export interface RateLimitOptions {
  /**
   * What is counted. `account` (default): the account, or the client when nobody is signed in. `client`:
   * the client, whoever is signed in. `key`: the API key, else as `account`. Or what a function says.
   */
  readonly key?: 'account' | 'client' | 'key' | ((request: Request) => string)
}

/**
 * Counts requests by a policy of `limits.policies`, in place of the quota of the account or the client,
 * since exactly one applies: what that one took is given back, and if it is used up it says nothing. 429
 * when the policy is used up; a refusal keeps the point of the quota. A name that is not there throws where the route is written.
 */
export function rateLimitWith(parts: Parts) {
  return (policy: string, options: RateLimitOptions = {}): RequestHandler => {
    checkName(policy, Object.keys(parts.security.config.limits.policies))
    const key = keyOf(options)
    const tellOnce = unprotectedNotice(parts, `rateLimit('${policy}')`)
    const limit = markLimit((request, response, next) => {
      const at = { request, response }
      const fail = (error: unknown) => refuse(parts, at, refusalOf(error))
      const exchange = parts.slot.get(request)
      if (!exchange) {
        tellOnce(request)
        return fail(commonErrors.unavailable({ retryAfter: 1 }))
      }
      if (parts.security.config.shield.limits === 'off') return next()
      const go = (verdict: LimitVerdict, counted: string) => {
        const { quotas } = parts.security.parts.surface
        if (verdict.allowed) quotas.yieldTo(exchange)
        else quotas.keepAfterRefusal(exchange)
        const refusal = verdict.allowed ? undefined : rateLimited(verdict, counted)
        if (refusal && isLimitEnforced(parts, exchange, refusal)) return fail(refusal)
        tell(verdict, at)
        next()
      }
      consume({ exchange, key, parts, policy, request }, go, fail)
    })
    return markControl(limit, markOf(parts, policy, options))
  }
}

function markOf({ security }: Parts, policy: string, { key = 'account' }: RateLimitOptions) {
  const { points = 0, windowMs = 0 } = security.config.limits.policies[policy] ?? {}
  const by = typeof key === 'function' ? 'function' : key
  return { kind: 'rateLimit', policy, points, windowMs, key: by } as const
}

type KeyReader = (request: Request, exchange: Exchange) => string

const keyReaders: Readonly<Record<'account' | 'client' | 'key', KeyReader>> = {
  account: (_, exchange) => exchange.state.auth?.userId ?? clientKeyOf(exchange),
  client: (_, exchange) => clientKeyOf(exchange),
  key: (request, exchange) => exchange.state.auth?.keyId ?? keyReaders.account(request, exchange),
}

function keyOf({ key = 'account' }: RateLimitOptions): KeyReader {
  if (typeof key === 'function') return key
  const reader = Object.hasOwn(keyReaders, key) ? keyReaders[key] : undefined
  if (reader) return reader
  throw invalidGuard("rateLimit(name, { key }): write 'account', 'client', 'key' or a function")
}

interface Consumption {
  readonly parts: Parts
  readonly policy: string
  readonly key: KeyReader
  readonly request: Request
  readonly exchange: Exchange
}

/** Calls back at once where the policy counts in memory, with the key that was counted. */
function consume(
  asked: Consumption,
  go: (verdict: LimitVerdict, counted: string) => void,
  fail: (error: unknown) => void,
): void {
  const attempted = attempt(asked)
  if ('refused' in attempted) {
    fail(attempted.refused)
    return
  }
  const { counted, verdict } = attempted
  if (verdict instanceof Promise) verdict.then((late) => go(late, counted), fail)
  else go(verdict, counted)
}

function attempt({ exchange, key, parts, policy, request }: Consumption) {
  try {
    const counted = key(request, exchange)
    return { counted, verdict: parts.security.limits.count(policy, counted) }
  } catch (refused) {
    if (!(refused instanceof SecurityError)) {
      const { requestId } = exchange
      const at = { limit: policy, method: request.method, path: pathOf(request), requestId }
      const { logger } = parts.security.config
      logger.error('a request could not be counted: its key could not be told', {
        ...at,
        error: refused,
      })
    }
    return { refused }
  }
}

function tell(verdict: LimitVerdict, { response }: Pair): void {
  const headers = limitHeaders(verdict)
  for (let at = 0; at < headers.length; at += 2) {
    response.setHeader(headers[at] ?? '', headers[at + 1] ?? '')
  }
}

function checkName(policy: string, known: readonly string[]): void {
  if (known.includes(policy)) return
  const names =
    known.length === 0
      ? `Write limits: { policies: { '${policy}': { points: 10, window: '1m' } } }`
      : `There are ${known.join(', ')}`
  const near = didYouMean(policy, known)
  throw invalidGuard(`rateLimit('${policy}') is not in the option limits.policies.${near} ${names}`)
}
