import type { SecurityError } from '../errors/index.ts'
import { type Auth, clientKeyOf, type Exchange } from '../http/index.ts'
import {
  type LimitPolicy,
  type Limits,
  type LimitVerdict,
  limitHeaders,
  rateLimited,
} from '../limits/index.ts'

export interface QuotasParts {
  readonly limits: Limits
  /** Paths that are never counted, such as health checks. */
  readonly free: readonly string[]
  /** The limit of an API key; undefined for whoever called without one. */
  readonly quotaOf: (auth: Auth) => LimitPolicy | undefined
  /** Whether limits refuse this request; where they are in shadow the refusal is counted instead. */
  readonly enforces: (exchange: Exchange, refusal: SecurityError) => boolean
}

/** One point that a request took. */
class Charge {
  readonly policy: string | LimitPolicy
  readonly key: string
  readonly verdict: LimitVerdict

  constructor(policy: string | LimitPolicy, key: string, verdict: LimitVerdict) {
    this.policy = policy
    this.key = key
    this.verdict = verdict
  }
}

/**
 * Exactly one quota applies to a request: that of an API key its own, a signed-in one is counted by its
 * account, any other by its client, unless its route has a limit of its own. All count in memory, so the
 * verdict is there at once.
 */
export class Quotas {
  readonly #limits: Limits
  readonly #free: ReadonlySet<string>
  readonly #quotaOf: QuotasParts['quotaOf']
  readonly #enforces: QuotasParts['enforces']

  constructor({ enforces, free, limits, quotaOf }: QuotasParts) {
    this.#enforces = enforces
    this.#limits = limits
    this.#free = new Set(free)
    this.#quotaOf = quotaOf
  }

  /**
   * Counts the request and puts the verdict into the response headers; throws `rate_limited`. On the way to
   * a route with a limit of its own a used-up quota waits with its refusal, and on the way to a webhook any
   * quota waits: see `payOwed`.
   */
  charge(exchange: Exchange): void {
    const { state } = exchange
    if (this.#free.has(exchange.path)) return
    if (state.webhook || (state.ownLimit && this.#mayWait(exchange))) {
      state.owed = true
      return
    }
    state.responseHeaders.push(...limitHeaders(this.#take(exchange)))
  }

  /** Counts a delivery of reports by its client, before anything of it is read; throws `rate_limited`. */
  chargeReport(exchange: Exchange): void {
    const client = clientKeyOf(exchange)
    const verdict = this.#now(this.#limits.count('csp_reports', client))
    if (!verdict.allowed) throw rateLimited(verdict, client)
  }

  /**
   * Has something looked up that was never seen, such as a token, which is dear. It takes a point of the
   * client before that begins and gives it back when it ends, for the request to be counted by who it turned
   * out to be: so a client never has more look-ups under way than it has points, however slow they are.
   * Throws `rate_limited`.
   */
  tryUnknown<T>(exchange: Exchange, lookUp: () => T | Promise<T>): T | Promise<T> {
    const client = clientKeyOf(exchange)
    const seen = this.#now(this.#limits.peek('general', client))
    if (!seen.allowed) {
      const refusal = rateLimited(seen, client)
      if (this.#enforces(exchange, refusal)) throw refusal
      return lookUp()
    }
    const verdict = this.#now(this.#limits.count('general', client))
    return ending(lookUp, () => void this.#limits.refund('general', client, { verdict }))
  }

  /** Hands a refusal by a quota or a limit that was answered with to the record. */
  noteRefused(error: unknown): void {
    this.#limits.noteRefused(error)
  }

  /**
   * Gives back what `charge` took, once: for answers that cost nothing, such as static files. True when
   * something was given back.
   */
  release({ state }: Exchange): boolean {
    const { charge } = state
    if (!(charge instanceof Charge)) return false
    delete state.charge
    void this.#limits.refund(charge.policy, charge.key, { verdict: charge.verdict })
    return true
  }

  /** The limit of the route or of the webhook counts the request: this quota gives back what it took, and is owed nothing. */
  yieldTo(exchange: Exchange): void {
    delete exchange.state.owed
    this.release(exchange)
  }

  /**
   * The limit of the route refuses: the request was read all the same, so what this quota took stays taken.
   * Where it was used up the refusal is counted beside it, as many times as it has points; then it waits no
   * longer, and refuses before anything is read.
   */
  keepAfterRefusal(exchange: Exchange): void {
    if (!exchange.state.owed) return
    delete exchange.state.owed
    this.#now(this.#limits.count(...this.#refusedBucketOf(exchange)))
  }

  /** For a request that ends before its route or webhook has counted it: what this quota says to it, after all. */
  payOwed(exchange: Exchange): SecurityError | undefined {
    if (!exchange.state.owed) return undefined
    const verdict = this.#count(exchange)
    if (!verdict.allowed) this.keepAfterRefusal(exchange)
    delete exchange.state.owed
    return verdict.allowed ? undefined : this.#refusal(exchange, verdict)
  }

  /** Takes back what `release` gave, because the answer was not free after all; throws `rate_limited`. */
  chargeAgain(exchange: Exchange): void {
    this.#take(exchange)
  }

  #take(exchange: Exchange): LimitVerdict {
    const verdict = this.#count(exchange)
    if (!verdict.allowed) throw this.#refusal(exchange, verdict)
    return verdict
  }

  #refusal(exchange: Exchange, verdict: LimitVerdict): SecurityError {
    const [, key] = this.#bucketOf(exchange)
    return rateLimited(verdict, key)
  }

  #count(exchange: Exchange): LimitVerdict {
    const [policy, key] = this.#bucketOf(exchange)
    const verdict = this.#now(this.#limits.count(policy, key))
    if (verdict.allowed) exchange.state.charge = new Charge(policy, key, verdict)
    return verdict
  }

  /** What the request is counted by. A key whose limit is not known here has none to spend. */
  #bucketOf(exchange: Exchange): readonly [policy: string | LimitPolicy, key: string] {
    const { shut, auth = shut } = exchange.state
    if (!auth) return ['general', clientKeyOf(exchange)]
    if (auth.keyId === undefined) return ['account', auth.userId]
    const quota = this.#quotaOf(auth)
    if (quota) return [quota, auth.keyId]
    throw new TypeError('the limit of this API key is not known')
  }

  /** Whether a used-up quota leaves the request to the limit of its route. */
  #mayWait(exchange: Exchange): boolean {
    if (this.#now(this.#limits.peek(...this.#bucketOf(exchange))).allowed) return false
    return this.#now(this.#limits.peek(...this.#refusedBucketOf(exchange))).allowed
  }

  #refusedBucketOf(exchange: Exchange): readonly [policy: LimitPolicy, key: string] {
    const [quota, key] = this.#bucketOf(exchange)
    const policy = typeof quota === 'string' ? this.#limits.policy(quota) : quota
    return [{ ...policy, name: `${policy.name}_refused` }, key]
  }

  #now(verdict: LimitVerdict | Promise<LimitVerdict>): LimitVerdict {
    if (verdict instanceof Promise) throw new TypeError('a quota of requests counts in memory')
    return verdict
  }
}

/** Does `end` once the work is over, whichever way; at once where it needs no waiting. */
function ending<T>(work: () => T | Promise<T>, end: () => void): T | Promise<T> {
  let isWaiting = false
  try {
    const result = work()
    if (!(result instanceof Promise)) return result
    isWaiting = true
    return result.finally(end)
  } finally {
    if (!isWaiting) end()
  }
}
