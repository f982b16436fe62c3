import { actorOf, type By, recordOf } from '../access/index.ts'
import type { Trx } from '../database/index.ts'
import type { EventMap } from '../events/index.ts'
import type { Revocation } from '../revocation/index.ts'
import type { Authority } from './authority.ts'
import { organisationErrors } from './errors.ts'
import type { OrganisationEvent } from './events.ts'
import type { OrganisationParts } from './parts.ts'
import { findOrganisation } from './store.ts'
import type { OrganisationRow } from './table.ts'

/** An active organisation while it is changed, inside the transaction of the change. */
export interface Changed {
  readonly trx: Trx
  readonly row: OrganisationRow
}

/** Which change, of what, on whose authority. */
export interface ChangeRequest {
  /** Id or short name. */
  readonly reference: string
  readonly by: By
  /** What a giver has to hold there; absent: whoever asks has the right to. */
  readonly permission?: string
  /** Whose place changes; absent: the organisation itself. */
  readonly userId?: string
}

/**
 * How every change runs: in one transaction that announces it first, so that changes wait for each other
 * and every node forgets what it knew, then looks whether this person may do it, as things are now, and
 * holds the record of it.
 */
export class Changes {
  readonly #parts: Pick<OrganisationParts, 'database' | 'recorder' | 'revocations'>
  readonly #authority: Authority

  constructor(
    parts: Pick<OrganisationParts, 'database' | 'recorder' | 'revocations'>,
    authority: Authority,
  ) {
    this.#parts = parts
    this.#authority = authority
  }

  /** Throws `organisation_not_found`, also for a closed one, or `forbidden`, before `work`. */
  async run<T>(request: ChangeRequest, work: (changed: Changed) => Promise<T>): Promise<T> {
    const { by, permission, reference, userId } = request
    const { database, revocations } = this.#parts
    const known = await findOrganisation(database.reader, reference)
    if (!known) throw organisationErrors.organisation_not_found()
    const about: Revocation =
      userId === undefined ? { kind: 'organisation', id: known.id } : { kind: 'user', id: userId }
    return database.transaction(async (trx) => {
      await revocations.announce(trx, about)
      const row = await findOrganisation(trx, known.id)
      if (row?.status !== 'active') throw organisationErrors.organisation_not_found()
      if (by.giver && permission !== undefined) {
        await this.#authority.demand(trx, by.giver, { organisationId: row.id, permission })
      }
      return work({ trx, row })
    })
  }

  async record<N extends OrganisationEvent>(
    trx: Trx,
    name: N,
    event: { readonly payload: EventMap[N] & { readonly organisationId: string }; readonly by: By },
  ): Promise<void> {
    await this.#parts.recorder.record(trx, {
      name,
      ...recordOf(event.by),
      resource: { kind: 'organisation', id: event.payload.organisationId },
      payload: event.payload,
    })
  }
}

/** Who did it, as a row keeps it and members see it; null for code and the command line. */
export function idOf(by: By): string | null {
  const { id, kind } = actorOf(by)
  return kind === 'operator' ? null : (id?.slice(0, 64) ?? null)
}
