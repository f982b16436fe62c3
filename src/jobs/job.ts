/** What a running job may know. */
export interface JobContext {
  readonly name: string
  /** Aborts when the process stops or the lease was lost: finish soon, start nothing new. */
  readonly signal: AbortSignal
}

/** Work that is done again and again, by one node at a time. */
export interface Job {
  /** Unique among all jobs, at most 100 characters: `mail.deliver`. */
  readonly name: string
  /** Milliseconds between the starts of two runs. */
  readonly everyMs: number
  /** May run again after a crash, so it must bear being done twice. Rejecting means: try again. */
  run(context: JobContext): Promise<void>
}
