export { type Backoff, backoffMs, withJitter } from './backoff.ts'
export type { Job, JobContext } from './job.ts'
export { Jobs, type JobsOptions } from './jobs.ts'
export { type JobRow, jobMigrations } from './table.ts'
