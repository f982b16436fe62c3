import type { Database, Trx } from '../database/index.ts'
import { SecurityError } from '../errors/index.ts'
import { type Actor, type Counted, type Recorder, Tally } from '../events/index.ts'
import type { Clock } from '../ports/index.ts'
import type { AccessRefused } from './events.ts'
import { Lack } from './lack.ts'

type Refused = Omit<AccessRefused, 'refusals' | 'since'>

/**
 * Gathers refusals in memory: one row a caller, permission and minute, however often somebody asks. A
 * job calls `flush` every minute and at shutdown.
 */
export class AccessRefusals {
  readonly #recorder: Recorder
  readonly #tally: Tally<Refused>

  constructor({ clock, recorder }: { readonly clock: Clock; readonly recorder: Recorder }) {
    this.#recorder = recorder
    this.#tally = new Tally(clock)
  }

  /**
   * Counts the 403 of `permissionLacking`, and nothing else; while too many callers are refused at once,
   * the permission alone.
   */
  note(error: unknown): void {
    if (!(error instanceof SecurityError) || !(error.extras.cause instanceof Lack)) return
    if (error.status !== 403) return
    const about = refusedOf(error.extras.cause)
    const { keyId = '', organisation = '', permission, userId, why } = about
    const key = [userId, keyId, organisation, permission, why].join('\0')
    const shared = { userId: '', permission, why: '' }
    this.#tally.note({ key, about }, { key: permission, about: shared })
  }

  /** Records what has gathered, one event a caller and permission; kept for the next time when that fails. */
  flush(database: Database): Promise<void> {
    return this.#tally.flush(database, (trx, counted) => this.#record(trx, counted))
  }

  async #record(trx: Trx, { about, count, since }: Counted<Refused>): Promise<void> {
    await this.#recorder.record(trx, {
      name: 'access.refused',
      outcome: 'refused',
      resource: { kind: 'permission', id: about.permission },
      ...actorOf(about),
      payload: { ...about, refusals: count, since },
    })
  }
}

function refusedOf({ auth, explanation }: Lack): Refused {
  const { keyId, organisation, userId } = auth
  const { permission, reason, rule } = explanation
  return {
    ...{ userId, permission, why: reason },
    ...(rule ? { role: rule.role, pattern: rule.pattern } : {}),
    ...(keyId === undefined ? {} : { keyId }),
    ...(organisation === undefined ? {} : { organisation }),
  }
}

function actorOf({ keyId, userId }: Refused): { actor: Actor } {
  if (keyId !== undefined) return { actor: { kind: 'api_key', id: keyId } }
  return { actor: userId === '' ? { kind: 'anonymous' } : { kind: 'user', id: userId } }
}
