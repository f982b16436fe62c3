import { hmacSha256 } from '../crypto/index.ts'
import type { Database, Trx } from '../database/index.ts'
import { type Counted, type Recorder, Tally } from '../events/index.ts'
import type { Clock } from '../ports/index.ts'
import type { GuessesRefused, LaneKind } from './events.ts'

type Cause = GuessesRefused['cause']

/** What a refusal is known by. */
interface RefusedLane {
  readonly kind: LaneKind
  readonly subject: string
  readonly userId: string | undefined
}

interface Refused {
  readonly lane: RefusedLane
  readonly cause: Cause
}

export interface GuessRefusalsOptions {
  readonly clock: Clock
  readonly hashKey: Uint8Array
  readonly recorder: Recorder
}

/**
 * Gathers guesses that were not evaluated, for the record: one row for each credential, lane and reason
 * a minute, however many there were. A job calls `flush` every minute and at shutdown.
 */
export class GuessRefusals {
  readonly #options: GuessRefusalsOptions
  readonly #tally: Tally<Refused>

  constructor(options: GuessRefusalsOptions) {
    this.#options = options
    this.#tally = new Tally(options.clock)
  }

  /** Counts one refusal; of a flood of subjects only where and why. */
  note(lane: RefusedLane, cause: Cause): void {
    const { kind, subject, userId } = lane
    const anyone = { kind, subject: '', userId: undefined }
    this.#tally.note(
      { key: `${cause}\0${kind}\0${subject}`, about: { lane: { kind, subject, userId }, cause } },
      { key: `${cause}\0${kind}`, about: { lane: anyone, cause } },
    )
  }

  /** Records what has gathered; kept for the next time when that fails. */
  flush(database: Database): Promise<void> {
    return this.#tally.flush(database, (trx, counted) => this.#record(trx, counted))
  }

  async #record(trx: Trx, counted: Counted<Refused>): Promise<void> {
    const { userId } = counted.about.lane
    await this.#options.recorder.record(trx, {
      name: 'guesses.refused',
      actor: { kind: 'anonymous' },
      outcome: 'refused',
      ...(userId === undefined ? {} : { resource: { kind: 'user', id: userId } }),
      payload: this.#payload(counted),
    })
  }

  #payload({ about: { cause, lane }, count, since }: Counted<Refused>): GuessesRefused {
    const subjectHash = hmacSha256(this.#options.hashKey, `subject\0${lane.subject}`)
      .toString('hex')
      .slice(0, 16)
    const own = lane.userId === undefined ? {} : { userId: lane.userId }
    return { ...own, subjectHash, lane: lane.kind, cause, refusals: count, since }
  }
}
