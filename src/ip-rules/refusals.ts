import type { Database, Trx } from '../database/index.ts'
import { SecurityError } from '../errors/index.ts'
import { type Counted, type Recorder, Tally } from '../events/index.ts'
import type { Clock } from '../ports/index.ts'
import { ipRuleErrors } from './errors.ts'
import type { AddressRefused } from './events.ts'
import type { IpRule } from './rule.ts'
import type { IpDenial } from './scope-rules.ts'

/** Clients told apart in a minute: whoever owns a large network costs the record no more than this. */
const mostClients = 100

/** Who was refused, by which scope and why. Rides on the error to whoever enforces it, and reaches no answer. */
export class RefusedAddress {
  readonly client: string
  readonly scope: string
  readonly why: AddressRefused['why']
  readonly rule: IpRule | undefined

  constructor(client: string, scope: string, denial: IpDenial) {
    this.client = client
    this.scope = scope
    this.why = denial.why
    this.rule = denial.why === 'denied' ? denial.rule : undefined
  }
}

/** The refusal of an address, told alike for every reason. */
export function addressRefused(cause: RefusedAddress): SecurityError {
  return ipRuleErrors.address_refused({ cause })
}

type About = Pick<RefusedAddress, 'client' | 'scope' | 'why' | 'rule'>

/**
 * Gathers refusals in memory: one row of the record a client, rule and minute, whatever the flood, and of
 * many clients at once one a scope. A job calls `flush` every minute and at shutdown.
 */
export class AddressRefusals {
  readonly #recorder: Recorder
  readonly #tally: Tally<About>

  constructor({ clock, recorder }: { readonly clock: Clock; readonly recorder: Recorder }) {
    this.#recorder = recorder
    this.#tally = new Tally(clock, mostClients)
  }

  /** Counts what `addressRefused` made, and nothing else. */
  note(error: unknown): void {
    if (!(error instanceof SecurityError)) return
    const { cause } = error.extras
    if (!(cause instanceof RefusedAddress)) return
    const { client, rule, scope, why } = cause
    const key = [client, scope, why, rule?.id ?? '', rule?.range ?? ''].join('\0')
    const shared = { client: '', scope, why, rule: undefined }
    this.#tally.note({ key, about: cause }, { key: `${scope}\0${why}`, about: shared })
  }

  /** Records what has gathered; kept for the next time when that fails. */
  flush(database: Database): Promise<void> {
    return this.#tally.flush(database, (trx, counted) => this.#record(trx, counted))
  }

  async #record(trx: Trx, { about, count, since }: Counted<About>): Promise<void> {
    const { client, rule, scope, why } = about
    const id = rule?.id ?? null
    await this.#recorder.record(trx, {
      name: 'address.refused',
      actor: { kind: 'anonymous' },
      outcome: 'refused',
      ...(id === null ? {} : { resource: { kind: 'ip_rule', id } }),
      ...(rule?.reason ? { reason: rule.reason } : {}),
      payload: {
        ...(client === '' ? {} : { client }),
        ...{ scope, why },
        ...(rule ? { ruleId: id, range: rule.range } : {}),
        ...{ refusals: count, since },
      },
    })
  }
}
