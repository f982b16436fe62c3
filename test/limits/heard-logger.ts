import type { LogFields, Logger } from '../../src/ports/index.ts'

export interface HeardLine {
  readonly message: string
  readonly fields: LogFields | undefined
}

/** Keeps warnings, and tells when one comes. */
export class HeardLogger implements Logger {
  readonly lines: HeardLine[] = []
  readonly #waiting = new Set<() => void>()

  debug(): void {}
  info(): void {}
  error(): void {}

  warn(message: string, fields?: LogFields): void {
    this.lines.push({ message, fields })
    for (const look of this.#waiting) look()
  }

  /** How many warnings hold this text. */
  count(text: string): number {
    return this.lines.filter(({ message }) => message.includes(text)).length
  }

  /** Resolves once the warnings that hold this text are as many. */
  async hears(text: string, times = 1): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (this.count(text) < times) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }
}
