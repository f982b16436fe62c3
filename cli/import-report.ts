import { closeSync, fchmodSync, openSync, statSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ImportRefusal } from '../src/imports/index.ts'
import { CommandFailure, type CommandInput, stringOption, UsageError } from './command.ts'

/** Where refused lines are told. */
export interface Report {
  /** The file, when one is written. */
  readonly path: string | undefined
  readonly count: number
  /** The first hundred. */
  readonly kept: readonly ImportRefusal[]
  readonly add: (refusal: ImportRefusal) => void
  close(): void
}

const mostKept = 100

/**
 * Opens the report of `--report`: one JSON object a line, written as it comes, for nobody else to
 * read. A file that is there is replaced, unless it is the `source` itself.
 */
export function openReport(input: CommandInput, source: string): Report {
  const path = stringOption(input, 'report')
  const place = path === undefined ? undefined : resolve(input.terminal.cwd, path)
  if (place !== undefined && isSameFile(place, source)) {
    throw new UsageError('--report names the file that is imported.')
  }
  const file = place === undefined ? undefined : openPrivate(place)
  const kept: ImportRefusal[] = []
  let count = 0
  return {
    path,
    kept,
    get count() {
      return count
    },
    add: (refusal) => {
      count += 1
      if (kept.length < mostKept) kept.push(refusal)
      if (file !== undefined) writeSync(file, `${JSON.stringify(refusal)}\n`)
    },
    close: () => {
      if (file !== undefined) closeSync(file)
    },
  }
}

function isSameFile(path: string, other: string): boolean {
  const [one, two] = [path, other].map((name) => statSync(name, { throwIfNoEntry: false }))
  return one !== undefined && one.ino === two?.ino && one.dev === two.dev
}

/** Made private before anything is written; an old file may have been open to others. */
function openPrivate(path: string): number {
  try {
    const file = openSync(path, 'w', 0o600)
    fchmodSync(file, 0o600)
    return file
  } catch (error) {
    const reason = error instanceof Error ? ` (${error.message})` : ''
    throw new CommandFailure(`The report cannot be written.${reason}`)
  }
}
