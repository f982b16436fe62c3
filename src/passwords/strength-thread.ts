import { Worker } from 'node:worker_threads'
import { commonErrors, type SecurityError } from '../errors/index.ts'
import type { Clock, LogFields, Logger, Timer } from '../ports/index.ts'
import type { Strength } from './strength.ts'

/** What the worker is given; answered by a {@link Strength}. */
export interface StrengthTask {
  readonly password: string
  readonly words: readonly string[]
}

export interface StrengthThreadOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Entry of the worker; for tests of one that hangs or breaks. */
  readonly entry?: URL
}

interface Job {
  readonly task: StrengthTask
  readonly resolve: (strength: Strength) => void
  readonly reject: (error: SecurityError) => void
}

const longestQueue = 16
/** For one password. Usual: 5 ms; worst seen: 390 ms. */
const longestRunMs = 5_000
/** For the first one, which waits for the worker and its dictionaries: seconds on a busy machine. */
const longestFirstRunMs = 30_000
/** After this the worker and its dictionaries (some 30 MB) are given back. */
const idleMs = 60_000
const retryAfter = 1

/** The worker beside this file: TypeScript under Node's type stripping, JavaScript when built. */
function besides(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./strength-worker.${extension}`, import.meta.url)
}

/**
 * One worker thread that judges one password at a time, so that the event loop never waits for
 * zxcvbn. Started by the first password, stopped after a minute without any, and never what keeps
 * the process alive. When the queue is full, a password takes too long or the worker breaks, the
 * answer is `unavailable` (503): a password that could not be judged is not accepted.
 */
export class StrengthThread {
  readonly #options: StrengthThreadOptions
  readonly #waiting: Job[] = []
  #worker: Worker | undefined
  #current: Job | undefined
  #timer: Timer | undefined
  #closed = false

  constructor(options: StrengthThreadOptions) {
    this.#options = options
  }

  /** Whether the worker is there. */
  get isRunning(): boolean {
    return this.#worker !== undefined
  }

  /** Judges in turn. Rejects with `unavailable`; see the class. */
  judge(task: StrengthTask): Promise<Strength> {
    return new Promise((resolve, reject) => {
      if (this.#closed || this.#waiting.length >= longestQueue) {
        reject(commonErrors.unavailable({ retryAfter }))
        return
      }
      this.#waiting.push({ task, resolve, reject })
      if (!this.#current) this.#next()
    })
  }

  /** Ends the worker; what waits is rejected with `unavailable`. */
  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#waiting.splice(0)) job.reject(commonErrors.unavailable())
    this.#current?.reject(commonErrors.unavailable())
    this.#current = undefined
    await this.#stop()
  }

  #next(): void {
    this.#timer?.cancel()
    this.#current = this.#waiting.shift()
    if (!this.#current) {
      this.#worker?.unref()
      this.#timer = this.#options.clock.after(idleMs, () => void this.#stop())
      return
    }
    const limitMs = this.#worker ? longestRunMs : longestFirstRunMs
    this.#timer = this.#options.clock.after(limitMs, () => this.#fail('took too long'))
    this.#worker ??= this.#start()
    this.#worker.ref()
    this.#worker.postMessage(this.#current.task)
  }

  #start(): Worker {
    const entry = this.#options.entry ?? besides()
    const worker = new Worker(entry, {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    })
    const isMine = () => this.#worker === worker
    worker.on('message', (strength: Strength) => isMine() && this.#finish(strength))
    worker.on('error', (cause) => isMine() && this.#fail('broke', cause))
    worker.on('exit', () => isMine() && this.#fail('ended'))
    return worker
  }

  #finish(strength: Strength): void {
    this.#current?.resolve(strength)
    this.#next()
  }

  /** Gives up the worker and the password it was at; the next one gets a new worker. */
  #fail(what: string, cause?: unknown): void {
    this.#options.logger.error(`the password strength worker ${what}`, nameOf(cause))
    this.#current?.reject(commonErrors.unavailable({ retryAfter }))
    void this.#stop()
    this.#next()
  }

  async #stop(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    this.#timer?.cancel()
    await worker?.terminate()
  }
}

/** The kind of an error alone: its message could quote a password. */
function nameOf(cause: unknown): LogFields {
  if (!(cause instanceof Error)) return {}
  return { error: cause.name, ...('code' in cause ? { reason: cause.code } : {}) }
}
