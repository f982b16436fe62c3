import { Agent } from 'node:http'
import { send } from '../harness/client.ts'
import { percentile } from '../harness/stats.ts'

/** Waiting times of one path, in milliseconds, gathered over the rounds of a process. */
export class Waiting {
  readonly #path: string
  readonly #times: number[] = []

  constructor(path: string) {
    this.#path = path
  }

  get p99(): number {
    return percentile(this.#times, 0.99)
  }

  /** Asks one request after the other, with a pause between them, until told to stop. */
  async observe(url: string, stop: AbortSignal): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!stop.aborted) {
      const from = performance.now()
      const status = await send(url, { path: this.#path, headers: {} }, agent)
      if (status !== 200) throw new Error(`${this.#path} was answered ${status}`)
      this.#times.push(performance.now() - from)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    agent.destroy()
  }
}
