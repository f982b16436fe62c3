import type { Clock, Timer } from '../ports/index.ts'

/** Aborts its signal when the time is over. It can be given more time once, and be called off. */
export class Deadline {
  readonly #clock: Clock
  readonly #controller = new AbortController()
  #timer: Timer
  #cancelled = false
  #extended = false

  constructor(clock: Clock, ms: number) {
    this.#clock = clock
    this.#timer = this.#start(ms)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get extended(): boolean {
    return this.#extended
  }

  /** Starts anew with `ms`, unless it was called off. */
  extend(ms: number): void {
    if (this.#cancelled) return
    this.#timer.cancel()
    this.#extended = true
    this.#timer = this.#start(ms)
  }

  cancel(): void {
    this.#cancelled = true
    this.#timer.cancel()
  }

  #start(ms: number): Timer {
    return this.#clock.after(ms, () => this.#controller.abort())
  }
}
