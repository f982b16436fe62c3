/** A pending timer; cancelling twice is harmless. */
export interface Timer {
  cancel(): void
}

/** Where time comes from. Everything that measures, expires or waits asks this port. */
export interface Clock {
  /** True where a test tells the time, so that it is not compared with that of a database server. */
  readonly simulated?: boolean
  /** Wall clock, epoch milliseconds. */
  now(): number
  /** Milliseconds that only ever grow, for durations. */
  monotonic(): number
  /** Runs `task` once after `ms`. The timer never keeps the process alive. */
  after(ms: number, task: () => void): Timer
}

/** The clock of the machine. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms: number, task: () => void): Timer {
    const handle = setTimeout(task, ms)
    handle.unref()
    return { cancel: () => clearTimeout(handle) }
  },
})
