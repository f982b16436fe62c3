import { text } from 'node:stream/consumers'
import type { Environment } from '../src/config/index.ts'
import { askHidden } from './hidden-input.ts'

/** Everything a command sees of the world outside; tests give their own. */
export interface Terminal {
  readonly env: Environment
  readonly cwd: string
  /** Whether a person reads along; only then is anything decorated or announced. */
  readonly interactive: boolean
  /** The result of the command: standard output. */
  out(line: string): void
  /** Everything else: standard error. */
  err(line: string): void
  /** Draws a line over the last one drawn, empty to take it away; absent when nobody reads along. */
  readonly draw?: (line: string) => void
  /** All of standard input. */
  input(): Promise<string>
  /** Asks the person for a line that is not shown; absent when nobody sits there. */
  readonly ask?: (prompt: string) => Promise<string>
  /** Settles when the process is asked to end (SIGTERM or SIGINT). */
  stopped(): Promise<string>
  /** Runs `task` whenever the process is asked to look at its files again (SIGHUP); absent where it cannot be. */
  readonly onReload?: (task: () => void) => void
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const attended = process.stdin.isTTY === true && process.stderr.isTTY === true
  const keyboard = { input: process.stdin, output: process.stderr }
  return {
    env: process.env,
    cwd: process.cwd(),
    interactive: process.stderr.isTTY === true,
    ...(process.stderr.isTTY === true ? { draw: drawOn(process.stderr) } : {}),
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    input: () => text(process.stdin),
    ...(attended ? { ask: (prompt: string) => askHidden(keyboard, prompt) } : {}),
    onReload: (task) => void process.on('SIGHUP', task),
    stopped: () =>
      new Promise((resolve) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) {
          process.once(signal, () => resolve(signal))
        }
      }),
  }
}

/** Cut to the width of the terminal, since a line that wraps cannot be drawn over. */
function drawOn(stream: NodeJS.WriteStream): (line: string) => void {
  return (line) => void stream.write(`\r\u001b[2K${line.slice(0, (stream.columns ?? 80) - 1)}`)
}
