import type { SecurityError } from '../errors/index.ts'
import { clientKeyOf, type Exchange } from '../http/index.ts'
import { type Limits, type LimitVerdict, limitHeaders, rateLimited } from '../limits/index.ts'

/**
 * Exactly one quota applies to a request: a signed-in one is counted by its account, any other by
 * its client. Both count in memory, so the verdict is there at once.
 */
export class Quotas {
  readonly #limits: Limits
  readonly #free: ReadonlySet<string>

  /** @param free paths that are never counted, such as health checks. */
  constructor(limits: Limits, free: readonly string[]) {
    this.#limits = limits
    this.#free = new Set(free)
  }

  /** Counts the request and puts the verdict into the response headers; throws `rate_limited`. */
  charge(exchange: Exchange): void {
    if (this.#free.has(exchange.path)) return
    const { auth } = exchange.state
    const verdict = auth
      ? this.#now(this.#limits.consume('account', auth.userId))
      : this.#now(this.#limits.consume('general', clientKeyOf(exchange)))
    if (!verdict.allowed) throw rateLimited(verdict)
    exchange.state.responseHeaders.push(...limitHeaders(verdict))
  }

  /** Whether this client may have one more unknown token checked, which is dear. */
  mayTryUnknown(exchange: Exchange): SecurityError | undefined {
    const verdict = this.#now(this.#limits.peek('general', clientKeyOf(exchange)))
    return verdict.allowed ? undefined : rateLimited(verdict)
  }

  /** Gives back what `charge` took, for answers that cost nothing, such as static files. */
  release(exchange: Exchange): void {
    const { auth } = exchange.state
    const [policy, key] = auth ? ['account', auth.userId] : ['general', clientKeyOf(exchange)]
    const verdict = this.#now(this.#limits.peek(policy, key))
    void this.#limits.refund(policy, key, { verdict })
  }

  /** Takes back what `release` gave, because the answer was not free after all; throws `rate_limited`. */
  chargeAgain(exchange: Exchange): void {
    const { auth } = exchange.state
    const [policy, key] = auth ? ['account', auth.userId] : ['general', clientKeyOf(exchange)]
    const verdict = this.#now(this.#limits.consume(policy, key))
    if (!verdict.allowed) throw rateLimited(verdict)
  }

  #now(verdict: LimitVerdict | Promise<LimitVerdict>): LimitVerdict {
    if (verdict instanceof Promise) throw new TypeError('a quota of requests counts in memory')
    return verdict
  }
}
