import type { FileResult, Progress } from './import.ts'

/** The part of a terminal or file that progress is written to; `process.stderr` fits. */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const WIDTH = 28
const number = new Intl.NumberFormat('en')

/** A bar that is drawn over itself on a terminal; one plain line a file everywhere else. */
export function progressTo(output: Output): Progress {
  return output.isTTY ? new ProgressBar(output) : new PlainProgress(output)
}

class PlainProgress implements Progress {
  readonly #output: Output

  constructor(output: Output) {
    this.#output = output
  }

  start(): void {}

  advance(): void {}

  finish(result: FileResult): void {
    this.#output.write(`${summary(result)}\n`)
  }
}

class ProgressBar implements Progress {
  readonly #output: Output
  #file = ''
  #total = 0
  #done = 0
  #drawn = ''

  constructor(output: Output) {
    this.#output = output
  }

  start(file: string, totalBytes: number): void {
    this.#file = file
    this.#total = totalBytes
    this.#done = 0
    this.#draw(0)
  }

  advance(bytes: number, rows: number): void {
    this.#done += bytes
    this.#draw(rows)
  }

  finish(result: FileResult): void {
    this.#output.write(`\r\u001b[2K${summary(result)}\n`)
    this.#drawn = ''
  }

  #draw(rows: number): void {
    const share = this.#total === 0 ? 1 : Math.min(1, this.#done / this.#total)
    const filled = Math.round(share * WIDTH)
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
    const percent = `${Math.round(share * 100)}%`.padStart(4)
    const text = `${this.#file.padEnd(20)} ${bar} ${percent}  ${number.format(rows)} rows`
    const line = text.slice(0, (this.#output.columns ?? 80) - 1)
    if (line === this.#drawn) return
    this.#drawn = line
    this.#output.write(`\r\u001b[2K${line}`)
  }
}

function summary({ file, rows, imported }: FileResult): string {
  const count = `${number.format(rows)} rows`
  return `${file.padEnd(20)} ${imported ? count : `${count}, imported before`}`
}
