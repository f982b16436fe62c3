import type { Database } from '../database/index.ts'
import { commonErrors, type SecurityError } from '../errors/index.ts'
import { type Address, clientKeyOf, type Exchange, parseAddress } from '../http/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { routeScope } from './fixed-rules.ts'
import { type AddressRefusals, addressRefused, RefusedAddress } from './refusals.ts'
import type { RuleCopy } from './rule-copy.ts'
import type { IpVerdict, ScopeRules } from './scope-rules.ts'

export interface AddressWatchParts {
  readonly copy: RuleCopy
  readonly database: Database
  readonly revocations: Pick<Revocations, 'fresh'>
  readonly clock: Clock
  readonly refusals: Pick<AddressRefusals, 'note'>
}

type Refusal = SecurityError | undefined

/** Says that the process answers: whoever asks restarts it otherwise, and then it knows no rules at all. */
const livenessPath = '/healthz'

/**
 * Judges requests by their client's address. The usual request waits for nothing; one that comes after a
 * change was heard of waits until it is read. Rejects while that cannot be done, and where there are rules
 * of the table that could not be confirmed for too long. The path that tells whether the process is alive waits
 * for nothing and needs nothing confirmed: what is known denies there, and nothing else.
 */
export class AddressWatch {
  readonly #parts: AddressWatchParts

  constructor(parts: AddressWatchParts) {
    this.#parts = parts
  }

  /** The refusal by the rules that cover the path of a request; undefined: it may pass. */
  judge(exchange: Exchange): Refusal | Promise<Refusal> {
    const { path } = exchange
    if (path === livenessPath) return this.#judgeAlive(exchange)
    return this.#settled(() => {
      const { rules } = this.#parts.copy
      return this.#refusalOf(exchange) ?? this.#confirmed(() => rules.mayChangeAt(path))
    })
  }

  /** The refusal by one scope, for routes that are marked with it. */
  judgeScope(scope: string, exchange: Exchange): Refusal | Promise<Refusal> {
    return this.#settled(() => {
      const { clock, copy } = this.#parts
      const verdict = copy.rules.judge(scope, addressOf(exchange), clock.now())
      const refusal = refusalBy(verdict, scope, exchange)
      return refusal ?? this.#confirmed(() => copy.rules.mayChange(scope))
    })
  }

  /** The refusal by the rules of one route. */
  judgeRoute(rules: ScopeRules, exchange: Exchange): Refusal {
    const verdict = rules.judge(addressOf(exchange), this.#parts.clock.now())
    return refusalBy(verdict, routeScope, exchange)
  }

  /** Hands a refusal of an address that was answered with to the record; what else refused is not its own. */
  noteRefused(error: unknown): void {
    this.#parts.refusals.note(error)
  }

  /** What was heard of is read beside it, for the next time; why that fails others are told. */
  #judgeAlive(exchange: Exchange): Refusal {
    const { copy, database } = this.#parts
    if (!copy.settled) copy.settle(database.reader).catch(() => {})
    return this.#refusalOf(exchange)
  }

  #refusalOf(exchange: Exchange): Refusal {
    const { clock, copy } = this.#parts
    const found = copy.rules.findRefusal(addressOf(exchange), exchange.path, clock.now())
    return found && refusalBy(found.denial, found.scope, exchange)
  }

  /** A rule that was made elsewhere meanwhile may refuse what passes here. */
  #confirmed(mayChange: () => boolean): undefined | Promise<Refusal> {
    if (this.#parts.revocations.fresh || !mayChange()) return undefined
    return Promise.reject(commonErrors.unavailable({ retryAfter: 1 }))
  }

  #settled(judge: () => Refusal | Promise<Refusal>): Refusal | Promise<Refusal> {
    const { copy, database } = this.#parts
    if (copy.settled) return judge()
    return copy.settle(database.reader).then(judge)
  }
}

function refusalBy(verdict: IpVerdict, scope: string, exchange: Exchange): Refusal {
  if (verdict.allowed) return undefined
  return addressRefused(new RefusedAddress(clientKeyOf(exchange), scope, verdict))
}

function addressOf({ state: { client } }: Exchange): Address | undefined {
  return client && parseAddress(client.ip)
}
