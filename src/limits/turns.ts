export interface TurnsOptions {
  /** How many work at once. */
  readonly atOnce: number
  /** How many may wait for that. */
  readonly waiting: number
}

export interface TurnOptions {
  /** What to say where too many wait already. */
  readonly full: () => Error
  /** Who gives up leaves the line, and the work is never begun. */
  readonly signal?: AbortSignal
}

/**
 * Work of which so much is done at once; the rest waits in line. A turn goes from hand to hand to who has
 * waited longest, without a moment in which a newcomer could take it.
 */
export class Turns {
  readonly #options: TurnsOptions
  /** In the order in which they came. */
  readonly #waiting = new Set<() => void>()
  #working = 0

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  get isIdle(): boolean {
    return this.#working === 0
  }

  /** Does the work in its turn. Rejects with `full()` where the line is, and with the signal's reason. */
  async run<T>(work: () => Promise<T>, { full, signal }: TurnOptions): Promise<T> {
    signal?.throwIfAborted()
    if (this.#working < this.#options.atOnce) this.#working += 1
    else if (this.#waiting.size >= this.#options.waiting) throw full()
    else await this.#wait(signal)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(begin)
        reject(signal?.reason)
      }
      const begin = () => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      this.#waiting.add(begin)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  #leave(): void {
    const [next] = this.#waiting
    if (!next) {
      this.#working -= 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
