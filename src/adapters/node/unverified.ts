import type { SecurityError } from '../../errors/index.ts'
import { clientKeyOf, type Exchange } from '../../http/index.ts'
import { type LimitVerdict, rateLimited } from '../../limits/index.ts'
import type { Security } from '../../security.ts'
import { unverifiedWebhooks } from '../../webhooks/index.ts'

/** Throws `rate_limited` for a client that has sent too much to webhooks that was not genuine. */
export function refuseForgers({ limits }: Security, exchange: Exchange): void {
  const verdict = now(limits.peek(unverifiedWebhooks, clientKeyOf(exchange)))
  if (!verdict.allowed) throw rateLimited(verdict)
}

/** Counts a request to a webhook that came to nothing; gives the error to answer with. */
export function countUnverified(
  { limits }: Security,
  exchange: Exchange,
  error: SecurityError,
): SecurityError {
  const verdict = now(limits.consume(unverifiedWebhooks, clientKeyOf(exchange)))
  return verdict.allowed ? error : rateLimited(verdict)
}

function now(verdict: LimitVerdict | Promise<LimitVerdict>): LimitVerdict {
  if (verdict instanceof Promise) throw new TypeError('unverified webhooks count in memory')
  return verdict
}
