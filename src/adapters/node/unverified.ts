import { commonErrors, type SecurityError } from '../../errors/index.ts'
import { clientKeyOf, type Exchange } from '../../http/index.ts'
import { rateLimited, Turns } from '../../limits/index.ts'
import type { Security } from '../../security.ts'
import { unverifiedWebhooks } from '../../webhooks/index.ts'

/** Bodies of webhooks that are read at once for one client; the others wait, unread. */
export const readsAtOnce = 16
const mostWaiting = 1_000

/**
 * Counts a request to a webhook that was not taken; gives the error to answer with, which is
 * `rate_limited` when the client has sent too many. What is taken is never asked for here: a provider
 * delivers for all its customers from the same few addresses, so any of them could use up a limit that
 * stood before the signature.
 */
export function countUnverified(
  { limits }: Security,
  exchange: Exchange,
  error: SecurityError,
): SecurityError {
  const verdict = limits.consume(unverifiedWebhooks, clientKeyOf(exchange))
  if (verdict instanceof Promise) throw new TypeError('unverified webhooks count in memory')
  return verdict.allowed ? error : rateLimited(verdict)
}

const full = () => commonErrors.unavailable({ retryAfter: 1 })

/**
 * Bounds the memory that bodies of webhooks take before anybody has verified them: of one client so many
 * are read at once, and the others wait for their turn with nothing of them read.
 */
export class WebhookReads {
  readonly #lines = new Map<string, Turns>()

  /** Reads at most `limit` bytes in turn. Rejects with 503 where too many wait already. */
  async read(exchange: Exchange, limit: number): Promise<Uint8Array> {
    const client = clientKeyOf(exchange)
    const line = this.#lines.get(client) ?? new Turns({ atOnce: readsAtOnce, waiting: mostWaiting })
    this.#lines.set(client, line)
    try {
      return await line.run(() => exchange.readBody(limit), { full })
    } finally {
      if (line.isIdle) this.#lines.delete(client)
    }
  }
}
