import { backoffMs, withJitter } from './backoff.ts'
import type { Job } from './job.ts'
import { type JobNode, LeaseKeeper } from './lease.ts'
import { claimJob, hurryJob, type JobOutcome, releaseJob } from './store.ts'

const firstRetryMs = 5_000

export interface RunRequest {
  readonly job: Job
  /** Somebody asked for this run; it need not be due. */
  readonly early: boolean
  /** Failed runs in a row before this one. */
  readonly failures: number
  /** Aborts when the process stops. */
  readonly stopping: AbortSignal
}

/**
 * Runs a job once if its lease is free; otherwise, for an early run, leaves a note for the holder to
 * run it once more. Never rejects: whatever goes wrong is logged and tried again. Answers `broken`
 * when the database could not be written, so that the caller leaves it in peace for a while.
 */
export async function runJob(node: JobNode, request: RunRequest): Promise<'fine' | 'broken'> {
  try {
    const lease = await claim(node, request)
    if (lease) await release(node, await perform(node, request, lease))
    return 'fine'
  } catch (error) {
    // The lease, if we had it, runs out by itself.
    node.logger.warn('job could not be claimed or released', { job: request.job.name, error })
    return 'broken'
  }
}

async function claim(node: JobNode, request: RunRequest): Promise<LeaseKeeper | undefined> {
  const { job, early } = request
  const now = node.clock.now()
  const leaseUntil = now + node.leaseMs
  const nextAt = now + withJitter(job.everyMs, node.random)
  const won = await node.database.transaction(async (trx) => {
    const claimed = { name: job.name, owner: node.owner, now, leaseUntil, nextAt, early }
    if (await claimJob(trx, claimed)) return true
    if (early) await hurryJob(trx, job.name, now)
    return false
  })
  return won ? new LeaseKeeper(node, job.name, leaseUntil) : undefined
}

async function perform(
  node: JobNode,
  request: RunRequest,
  lease: LeaseKeeper,
): Promise<JobOutcome> {
  const { name, everyMs } = request.job
  const signal = AbortSignal.any([lease.signal, request.stopping])
  try {
    await request.job.run({ name, signal })
    return { name, owner: node.owner, failures: 0 }
  } catch (error) {
    const failures = request.failures + 1
    node.logger.error('job failed', { job: name, failures, error })
    const wait = backoffMs(failures, { firstMs: firstRetryMs, maxMs: everyMs }, node.random)
    return { name, owner: node.owner, failures, nextAt: node.clock.now() + wait }
  } finally {
    await lease.stop()
  }
}

async function release(node: JobNode, outcome: JobOutcome): Promise<void> {
  await node.database.transaction((trx) => releaseJob(trx, outcome))
}
