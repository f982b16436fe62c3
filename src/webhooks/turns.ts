/** Handlers of one webhook that run at once in this process. */
export const handlersOfOne = 4
/** Handlers of all webhooks that run at once; one of each webhook runs whatever the others do. */
export const handlersOfAll = 16

interface Waiting {
  readonly webhook: string
  readonly begin: () => void
}

/**
 * Whose handler may run. A webhook none of whose handlers runs never waits for another, so that handlers
 * that hang delay deliveries of their own webhook and no others. So at most sixteen run, and one more for
 * each webhook that would have none.
 */
export class Turns {
  readonly #running = new Map<string, number>()
  readonly #waiting: Waiting[] = []
  #all = 0

  /** Does `work` when it is the turn of this webhook. */
  async run<T>(webhook: string, work: () => Promise<T>): Promise<T> {
    await this.#turn(webhook)
    try {
      return await work()
    } finally {
      this.#leave(webhook)
    }
  }

  #turn(webhook: string): Promise<void> | undefined {
    if (!this.#mayRun(webhook)) {
      return new Promise((begin) => this.#waiting.push({ webhook, begin }))
    }
    this.#enter(webhook)
    return undefined
  }

  #mayRun(webhook: string): boolean {
    const own = this.#running.get(webhook) ?? 0
    return own === 0 || (own < handlersOfOne && this.#all < handlersOfAll)
  }

  #enter(webhook: string): void {
    this.#running.set(webhook, (this.#running.get(webhook) ?? 0) + 1)
    this.#all += 1
  }

  #leave(webhook: string): void {
    const rest = (this.#running.get(webhook) ?? 0) - 1
    if (rest > 0) this.#running.set(webhook, rest)
    else this.#running.delete(webhook)
    this.#all -= 1
    for (let next = this.#next(); next; next = this.#next()) {
      this.#enter(next.webhook)
      next.begin()
    }
  }

  /** Who has waited longest among those who may run now. */
  #next(): Waiting | undefined {
    const at = this.#waiting.findIndex(({ webhook }) => this.#mayRun(webhook))
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0]
  }
}
