import { c, createTable, defineTable, migration } from '../database/index.ts'

/** One row a scheduled job. The row is the lock: who holds the lease may run. */
export interface JobRow {
  name: string
  /** When the next run is due, epoch milliseconds. */
  next_at: number
  /** The instance that runs it now, or the one that died doing so. */
  lease_owner: string | null
  /** Until when the lease holds; 0 when nobody runs. */
  lease_until: number
  /** Failed runs since the last that succeeded. */
  failures: number
}

declare module '../database/types.ts' {
  interface Tables {
    hf_jobs: JobRow
  }
}

const jobs = defineTable('hf_jobs', {
  columns: {
    name: c.text(100),
    next_at: c.time(),
    lease_owner: c.id().nullable(),
    lease_until: c.time(),
    failures: c.integer(),
  },
  primaryKey: ['name'],
})

/** Migrations of the room, in order. */
export const jobMigrations = [migration('jobs/0001_jobs', [createTable(jobs)])]
