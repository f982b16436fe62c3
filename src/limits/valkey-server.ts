import { withDeadline } from '../database/index.ts'
import { type Clock, type Logger, systemClock, type Timer } from '../ports/index.ts'
import type { ValkeyClient } from './valkey-client.ts'

/** Longest wait for an answer. Each request pays it once, at the most, until the server is known to be away. */
const commandMs = 1_000
/** A server that was away is used again once it answers well within that. */
const probeMs = 500
const betweenProbesMs = 1_000

export interface ValkeyServerOptions {
  readonly client: ValkeyClient
  /** Host and port, for the log. */
  readonly name: string
  /** A write of the kind that limits make: a server that answers but takes none is away. */
  readonly probe: () => Promise<unknown>
  /** The clock of the app, on which `since` is told. */
  readonly clock: Clock
  readonly logger: Logger
  /** Measures waits in real time, also where tests drive the app's clock. */
  readonly waits?: Clock
}

/**
 * A Valkey or Redis server that may go away at any time. Whoever asks gets an answer within a second or
 * `undefined`. After one failure nobody waits any more: a probe a second looks whether it is back. The
 * log hears once that it went and once that it came.
 */
export class ValkeyServer {
  readonly #options: ValkeyServerOptions
  readonly #waits: Clock
  #state: 'away' | 'here' | 'closed' = 'away'
  #since: number
  #timer: Timer | undefined
  /** What the connection suffered last: it says more than the command that fell with it. */
  #trouble: Error | undefined

  constructor(options: ValkeyServerOptions) {
    this.#options = options
    this.#waits = options.waits ?? systemClock
    this.#since = options.clock.monotonic()
    options.client.on('error', (error) => {
      this.#trouble = error
    })
    options.client.on('close', () => this.#lose(new Error('the connection was closed')))
  }

  /** Whether it answered when it was last asked. */
  get here(): boolean {
    return this.#state === 'here'
  }

  /** Since when it has been here, on the monotonic clock of the app. A start counts as a return. */
  get since(): number {
    return this.#since
  }

  /** Connects and asks once. It never rejects: a server that is away at the start may come later. */
  async start(): Promise<void> {
    try {
      await this.#within(commandMs, this.#options.client.connect())
      await this.#within(commandMs, this.#options.probe())
      this.#return()
    } catch (error) {
      this.#tellGone(error)
      this.#probeLater()
    }
    if (this.here) await this.#tellEviction()
  }

  /** What the server says, or undefined when it is away or does not say it in time. */
  async ask<T>(question: (client: ValkeyClient) => Promise<T>): Promise<T | undefined> {
    if (!this.here) return undefined
    try {
      return await this.#within(commandMs, question(this.#options.client))
    } catch (error) {
      this.#lose(error)
      return undefined
    }
  }

  /** Waits for what was asked already, and leaves no timer and no socket. */
  async close(): Promise<void> {
    const { client } = this.#options
    const wasHere = this.here
    this.#state = 'closed'
    this.#timer?.cancel()
    if (wasHere) await this.#within(commandMs, client.quit()).catch(() => {})
    client.disconnect()
  }

  #lose(error: unknown): void {
    if (!this.here) return
    this.#state = 'away'
    this.#tellGone(error)
    this.#probeLater()
  }

  #return(): void {
    if (this.#state === 'closed') return
    this.#state = 'here'
    this.#trouble = undefined
    this.#since = this.#options.clock.monotonic()
  }

  #probeLater(): void {
    if (this.#state === 'closed') return
    this.#timer = this.#waits.after(betweenProbesMs, () => void this.#probe())
  }

  /** A connection that is open and says nothing useful is made anew: behind it may be another server. */
  async #probe(): Promise<void> {
    const { client, logger, name, probe } = this.#options
    try {
      await this.#within(probeMs, probe())
    } catch {
      if (client.status === 'ready') client.disconnect(true)
      return this.#probeLater()
    }
    if (this.#state === 'closed') return
    this.#return()
    logger.warn('Valkey answers again: limits count there', { server: name })
  }

  #tellGone(error: unknown): void {
    const { logger, name } = this.#options
    const fields = { server: name, reason: reasonOf(this.#trouble ?? error) }
    logger.warn('Valkey does not answer: limits count in the database', fields)
  }

  /** What is evicted is counted anew. The answer is not always allowed, and then nothing is known. */
  async #tellEviction(): Promise<void> {
    const { client, logger, name } = this.#options
    const memory = await this.#within(commandMs, client.info('memory')).catch(() => '')
    const [, policy = 'noeviction'] = /^maxmemory_policy:([a-z-]+)/m.exec(memory) ?? []
    if (policy === 'noeviction' || /^maxmemory:0\r?$/m.test(memory)) return
    const advice = 'Valkey forgets counts when its memory is full: set maxmemory-policy noeviction'
    logger.warn(advice, { server: name, policy })
  }

  #within<T>(ms: number, pending: Promise<T>): Promise<T> {
    return withDeadline(pending, { ms, clock: this.#waits, what: 'Valkey' })
  }
}

/**
 * Why it failed, in a word that can be told: an error of the driver also carries the command, and with
 * it a password.
 */
function reasonOf(error: unknown): string {
  const { cause, code, message } = error as { cause?: unknown; code?: unknown; message?: unknown }
  if (cause instanceof Error) return reasonOf(cause)
  if (typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code)) return code
  const reply = /^[A-Z]{2,20}(?= )/.exec(String(message))?.[0]
  return reply ?? String(message).slice(0, 80)
}
