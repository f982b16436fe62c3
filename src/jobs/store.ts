import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import type { JobRow } from './table.ts'

/** A claim: `owner` may run `name` until `leaseUntil`; the run after it is due at `nextAt`. */
export interface JobClaim {
  readonly name: string
  readonly owner: string
  readonly now: number
  readonly leaseUntil: number
  readonly nextAt: number
  /** Run although it is not due yet. */
  readonly early: boolean
}

/** What the lease is given back with. */
export interface JobOutcome {
  readonly name: string
  readonly owner: string
  /** Failed runs in a row, this one included; 0 after a success. */
  readonly failures: number
  /** Set after a failure; a success keeps the time that the claim or a `hurry` has set. */
  readonly nextAt?: number
}

/** The rows of `names`; a job that never ran has none. */
export async function listJobs(db: Db, names: readonly string[]): Promise<JobRow[]> {
  return db
    .selectFrom('hf_jobs')
    .selectAll()
    .where('name', 'in', [...names])
    .execute()
}

/** Makes the row of a job that is new, due at `nextAt`. An existing row stays as it is. */
export async function ensureJob(trx: Trx, name: string, nextAt: number): Promise<void> {
  const row = { name, next_at: nextAt, lease_owner: null, lease_until: 0, failures: 0 }
  await insertIfAbsent(trx, 'hf_jobs', row)
}

/**
 * Takes the lease, in one conditional statement. A lease that ran out with its owner still written
 * there belongs to a holder that died: its run is due again at once.
 */
export async function claimJob(trx: Trx, claim: JobClaim): Promise<boolean> {
  let update = trx
    .updateTable('hf_jobs')
    .set({ lease_owner: claim.owner, lease_until: claim.leaseUntil, next_at: claim.nextAt })
    .where('name', '=', claim.name)
    .where('lease_until', '<=', claim.now)
  if (!claim.early) {
    update = update.where((is) =>
      is.or([is('next_at', '<=', claim.now), is('lease_owner', 'is not', null)]),
    )
  }
  return affected(await update.executeTakeFirst()) === 1
}

/** Holds the lease longer. False when it has meanwhile gone to somebody else. */
export async function renewLease(
  trx: Trx,
  lease: { readonly name: string; readonly owner: string; readonly until: number },
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_jobs')
    .set({ lease_until: lease.until })
    .where('name', '=', lease.name)
    .where('lease_owner', '=', lease.owner)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Gives the lease back; does nothing when it has gone to somebody else. */
export async function releaseJob(trx: Trx, outcome: JobOutcome): Promise<void> {
  await trx
    .updateTable('hf_jobs')
    .set({
      lease_owner: null,
      lease_until: 0,
      failures: outcome.failures,
      ...(outcome.nextAt === undefined ? {} : { next_at: outcome.nextAt }),
    })
    .where('name', '=', outcome.name)
    .where('lease_owner', '=', outcome.owner)
    .execute()
}

/** Makes a job due at `now`, so that whoever holds its lease runs it once more. */
export async function hurryJob(trx: Trx, name: string, now: number): Promise<void> {
  await trx
    .updateTable('hf_jobs')
    .set({ next_at: now })
    .where('name', '=', name)
    .where('next_at', '>', now)
    .execute()
}
