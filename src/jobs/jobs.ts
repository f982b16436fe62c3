import type { Database } from '../database/index.ts'
import { type Clock, type Logger, type Random, type Timer, uuidv7 } from '../ports/index.ts'
import { withJitter } from './backoff.ts'
import type { Job } from './job.ts'
import type { JobNode } from './lease.ts'
import { type RunRequest, runJob } from './run.ts'
import { ensureJob, listJobs } from './store.ts'
import type { JobRow } from './table.ts'

const defaultLeaseMs = 60_000
const pollMs = 5_000
const shortestPauseMs = 50

export interface JobsOptions {
  readonly database: Database
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** How long the job of a crashed process waits before another one takes it. Default 60 seconds. */
  readonly leaseMs?: number
}

/**
 * Scheduled work, done by one process at a time however many share the database: each run is claimed
 * by one conditional statement on the job's row, held by a lease that is renewed while it lasts, and
 * taken over when its holder dies. A run that fails is logged and tried again, ever more slowly.
 */
export class Jobs {
  readonly #node: JobNode
  readonly #jobs = new Map<string, Job>()
  /** Wished runs, by the monotonic time from which they may start. */
  readonly #wishes = new Map<string, number>()
  readonly #known = new Set<string>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #stopping = new AbortController()
  #tick: Promise<void> = Promise.resolve()
  #timer: { readonly at: number; readonly handle: Timer } | undefined
  #started = false
  /** Nothing is begun before this monotonic time: the database could not be written. */
  #restUntil = 0

  constructor(options: JobsOptions) {
    const { database, clock, random, logger, leaseMs = defaultLeaseMs } = options
    const owner = uuidv7(clock.now(), random)
    this.#node = { database, clock, random, logger, leaseMs, owner }
  }

  /** Adds a job. Its first run is due at once, later ones every `everyMs`, give or take a tenth. */
  register(job: Job): void {
    if (this.#jobs.has(job.name)) throw new Error(`Job ${job.name} is registered twice`)
    this.#jobs.set(job.name, job)
    this.#schedule(0)
  }

  /** Begins to run what is due. Without it jobs run only by `runDue`. */
  start(): void {
    this.#started = true
    this.#schedule(0)
  }

  /**
   * Runs a job after `delayMs`, also when it is not due; if another process runs it then, it runs
   * once more after that. Meant for after a commit: it touches the database later, in the background.
   */
  wake(name: string, delayMs = 0): void {
    if (!this.#jobs.has(name)) throw new Error(`No job is named ${name}`)
    const at = this.#node.clock.monotonic() + delayMs
    this.#wishes.set(name, Math.min(at, this.#wishes.get(name) ?? at))
    this.#schedule(delayMs)
  }

  /** Runs all jobs that are due or were woken and waits for them; for tests and the command line. */
  async runDue(): Promise<void> {
    await this.#launchDue()
    await Promise.all(this.#running.values())
  }

  /** Tells running jobs to finish and waits for them. Leaves no timer and starts nothing again. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#timer?.handle.cancel()
    await this.#tick
    await Promise.all(this.#running.values())
  }

  #schedule(delayMs: number): void {
    if (!this.#started || this.#stopping.signal.aborted) return
    const now = this.#node.clock.monotonic()
    const at = Math.max(now + delayMs, this.#restUntil)
    if (this.#timer && this.#timer.at <= at) return
    this.#timer?.handle.cancel()
    this.#timer = { at, handle: this.#node.clock.after(at - now, () => this.#onTimer()) }
  }

  #onTimer(): void {
    this.#timer = undefined
    this.#tick = this.#tick.then(() => this.#pass())
  }

  async #pass(): Promise<void> {
    try {
      this.#schedule(await this.#launchDue())
    } catch (error) {
      this.#node.logger.warn('jobs could not be read', { error })
      this.#schedule(withJitter(pollMs, this.#node.random))
    }
  }

  /** Starts what is due; answers in how many milliseconds to look again. */
  async #launchDue(): Promise<number> {
    if (this.#stopping.signal.aborted || this.#jobs.size === 0) return pollMs
    await this.#ensureRows()
    const rows = await listJobs(this.#node.database.reader, [...this.#jobs.keys()])
    const now = this.#node.clock.now()
    for (const row of rows) this.#launchIfDue(row, now)
    const idle = rows.filter((row) => !this.#running.has(row.name))
    const due = Math.min(pollMs, ...idle.map((row) => dueAt(row) - now))
    const wished = Math.min(...idle.map((row) => this.#wishWaitMs(row.name)))
    // A wish is this process's own: it needs no jitter to keep out of step with others.
    return Math.min(withJitter(Math.max(shortestPauseMs, due), this.#node.random), wished)
  }

  /** Milliseconds until the wished run of a job may start; infinite without a wish. */
  #wishWaitMs(name: string): number {
    const at = this.#wishes.get(name)
    return at === undefined ? Number.POSITIVE_INFINITY : at - this.#node.clock.monotonic()
  }

  async #ensureRows(): Promise<void> {
    const missing = [...this.#jobs.keys()].filter((name) => !this.#known.has(name)).sort()
    if (missing.length === 0) return
    const { database, clock } = this.#node
    await database.transaction(async (trx) => {
      for (const name of missing) await ensureJob(trx, name, clock.now())
    })
    for (const name of missing) this.#known.add(name)
  }

  #launchIfDue(row: JobRow, now: number): void {
    const job = this.#jobs.get(row.name)
    if (!job || this.#running.has(row.name) || this.#stopping.signal.aborted) return
    const early = this.#wishWaitMs(row.name) <= 0
    if (!early && dueAt(row) > now) return
    this.#wishes.delete(row.name)
    const request = { job, early, failures: row.failures, stopping: this.#stopping.signal }
    const run = runJob(this.#node, request).then((end) => this.#onFinished(request, end))
    this.#running.set(row.name, run)
  }

  #onFinished({ job, early }: RunRequest, end: 'fine' | 'broken'): void {
    this.#running.delete(job.name)
    const now = this.#node.clock.monotonic()
    if (end === 'broken') {
      this.#restUntil = now + withJitter(pollMs, this.#node.random)
      if (early) this.#wishes.set(job.name, now)
    }
    this.#schedule(Math.max(0, Math.min(shortestPauseMs, this.#wishWaitMs(job.name))))
  }
}

/** When a row can next be claimed: a dead holder's run is due as soon as its lease has run out. */
function dueAt(row: JobRow): number {
  return row.lease_owner === null ? row.next_at : row.lease_until
}
