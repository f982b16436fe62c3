import type { Response } from 'express'
import type { SecurityError } from '../../errors/index.ts'
import type { Exchange } from '../../http/index.ts'
import type { Parts } from './types.ts'

interface Passing {
  readonly exchange: Exchange
  readonly response: Response
}

/**
 * What a refusal becomes: on the way to a limit of its own a request may come past a quota that is used up,
 * and if that limit is never asked the quota refuses after all. So nobody has refusals for nothing.
 */
export function refusalOrOwed(
  parts: Parts,
  exchange: Exchange,
  refusal: SecurityError,
): SecurityError {
  // A request may outlive `close()`: its refusal is then all that is left to give.
  const owed = parts.security.running?.surface.quotas.payOwed(exchange)
  return owed && isLimitEnforced(parts, exchange, owed) ? owed : refusal
}

/**
 * A request on its way to a webhook, or to a limit of its own, may be answered by something that stands before
 * it. Then the quota that waited counts it after all, as it would have counted any other.
 */
export function payAtTheEnd({ security }: Parts, { exchange, response }: Passing): void {
  response.once('close', () => {
    try {
      security.running?.surface.quotas.payOwed(exchange)
    } catch (error) {
      security.config.logger.debug('an answer before a webhook or a limit was not counted', {
        error,
      })
    }
  })
}

/** Counts a refusal; while limits are in shadow it is none, and while they are off it is nothing. */
export function isLimitEnforced(
  { security }: Parts,
  exchange: Exchange,
  { code }: SecurityError,
): boolean {
  const mode = security.config.shield.limits
  const enforced = mode === 'on'
  const { shadow } = security.parts.ground
  if (mode !== 'off') shadow.note({ control: 'limits', rule: code, enforced, exchange })
  return enforced
}
