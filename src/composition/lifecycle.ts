import type { Config } from '../config/index.ts'
import { defineErrors } from '../errors/index.ts'
import { type EventName, type Listener, refuseUnknownEvent } from '../events/index.ts'
import { type Answer, answerOfProblem, type Entry, type Exchange, ownPath } from '../http/index.ts'
import { runPipeline } from '../shield/index.ts'
import type { HandledWebhook } from '../webhooks/index.ts'
import { eventDefinitions } from './events.ts'
import { type Running, type StartOptions, startRunning, stopRunning } from './running.ts'

/** Errors of starting and stopping. */
export const lifecycleErrors = defineErrors({
  not_ready: {
    status: 503,
    title: 'Not ready',
    detail: 'The service is starting. Try again shortly.',
  },
})

const proceed: Entry = Object.freeze({ kind: 'app' })

/** Opens the parts of one security, lets requests in, and closes them again. */
export class Lifecycle {
  readonly #config: Config
  readonly #handled: ReadonlyMap<string, HandledWebhook>
  #running: Running | undefined
  #starting: Promise<void> | undefined
  #closed = false
  readonly #early: (() => void)[] = []

  constructor(config: Config, handled: ReadonlyMap<string, HandledWebhook>) {
    this.#config = config
    this.#handled = handled
  }

  /** Undefined before the first start has ended and after `close`. */
  get running(): Running | undefined {
    return this.#running
  }

  /** Throws `not_ready` before the parts run. */
  get(): Running {
    if (this.#running) return this.#running
    const explanation = 'call `await security.ready()` before using it, and not after close()'
    throw lifecycleErrors.not_ready({ retryAfter: 1, explanation })
  }

  /** The first call decides; one that fails may be repeated. */
  start(options: Omit<StartOptions, 'webhooks'>): Promise<void> {
    this.#starting ??= this.#start(options).catch((error) => {
      this.#starting = undefined
      throw error
    })
    return this.#starting
  }

  /** Does `work` once the parts run: now, or when they are made. */
  whenRunning(work: () => void): void {
    if (this.#running) work()
    else this.#early.push(work)
  }

  on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    refuseUnknownEvent(eventDefinitions, name)
    let end = () => {}
    this.whenRunning(() => {
      end = this.get().ground.bus.on(name, listener)
    })
    return () => end()
  }

  /** Passes a request through the pipeline and answers it when it is refused or ours. */
  enter(exchange: Exchange): Entry | Promise<Entry> {
    const running = this.#running
    if (!running) return this.#enterLate(exchange)
    const result = runPipeline(exchange, running.surface.pipeline)
    if (result instanceof Promise) return result.then((answer) => this.#route(exchange, answer))
    return this.#route(exchange, result)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#starting?.catch(() => {})
    const running = this.#running
    if (!running) return
    this.#running = undefined
    await stopRunning(running)
  }

  async #start(start: Omit<StartOptions, 'webhooks'>): Promise<void> {
    if (this.#closed) throw lifecycleErrors.not_ready({ explanation: 'close() was called' })
    this.#running = await startRunning(this.#config, { ...start, webhooks: this.#handled })
    for (const work of this.#early.splice(0)) work()
  }

  #route(exchange: Exchange, answer: Answer | undefined): Entry | Promise<Entry> {
    if (answer) return { kind: 'answer', answer }
    const { app, surface } = this.get()
    const owner = ownPath(exchange.path, surface.prefixes)
    if (owner === 'other') return proceed
    return app.answer(exchange).then((own) => ({ kind: 'answer', answer: own }))
  }

  async #enterLate(exchange: Exchange): Promise<Entry> {
    try {
      await this.start({ jobs: true, told: false })
      // After close() there is nothing to be ready: the request must not come round again.
      this.get()
    } catch (error) {
      this.#config.logger.error('the security could not start', { error })
      const refusal = lifecycleErrors.not_ready({ retryAfter: 1, cause: error })
      return { kind: 'answer', answer: answerOfProblem(refusal, exchange.requestId) }
    }
    return this.enter(exchange)
  }
}
