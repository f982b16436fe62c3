import type { Database, Trx } from '../database/index.ts'
import { type Counted, type Recorder, Tally } from '../events/index.ts'
import type { Clock } from '../ports/index.ts'
import type { DetectionBlocked } from './events.ts'
import type { Finding } from './tally.ts'

type About = Omit<DetectionBlocked, 'blocked' | 'since'>

/** Gathers refusals in memory: one row of the record a client, rule and minute, whatever the flood. */
export class Blocked {
  readonly #recorder: Recorder
  readonly #tally: Tally<About>

  constructor({ clock, recorder }: { readonly clock: Clock; readonly recorder: Recorder }) {
    this.#recorder = recorder
    this.#tally = new Tally(clock)
  }

  /** Counts one refusal; of a flood of clients the rule alone. */
  note({ class: attack, field, rule }: Finding, client: string): void {
    const about = { rule, attack, field, client }
    const shared = { rule, attack, field: '', client: '' }
    this.#tally.note({ key: `${rule}\0${client}`, about }, { key: rule, about: shared })
  }

  /** Records what has gathered; kept for the next time when that fails. */
  flush(database: Database): Promise<void> {
    return this.#tally.flush(database, (trx, counted) => this.#record(trx, counted))
  }

  async #record(trx: Trx, { about, count, since }: Counted<About>): Promise<void> {
    await this.#recorder.record(trx, {
      name: 'detection.blocked',
      actor: { kind: 'anonymous' },
      outcome: 'refused',
      resource: { kind: 'rule', id: about.rule },
      payload: { ...about, blocked: count, since },
    })
  }
}
