import type { IncomingMessage } from 'node:http'

/** What an app answered while it was probed. */
export class AnswerCounts {
  readonly #byStatus = new Map<number, number>()
  readonly #failures = new Map<string, number>()

  note({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>, status: number): void {
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1)
    if (status < 500) return
    const what = `${status} ${method} ${url.split('?')[0]?.slice(0, 80)}`
    this.#failures.set(what, (this.#failures.get(what) ?? 0) + 1)
  }

  get total(): number {
    return [...this.#byStatus.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Share of answers that a limit gave; probes that limits answer have probed nothing. */
  get limitedShare(): number {
    return this.total === 0 ? 0 : (this.#byStatus.get(429) ?? 0) / this.total
  }

  /** Answers of 5xx by route. */
  get failures(): readonly (readonly [route: string, count: number])[] {
    return [...this.#failures].sort(([, a], [, b]) => b - a)
  }

  toString(): string {
    const sorted = [...this.#byStatus].sort(([a], [b]) => a - b)
    return sorted.map(([status, count]) => `${status}: ${count}`).join(', ')
  }
}
