import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { importFiles } from '../import.ts'
import { RetailStore } from '../store.ts'

export const DATA = fileURLToPath(new URL('../data/', import.meta.url))
export const HAND = fileURLToPath(new URL('./hand-calculation/', import.meta.url))

/** A directory that is gone when the test ends. */
export async function scratchDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'retail-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A database in memory holding the files of a directory. */
export async function importedStore(directory: string): Promise<RetailStore> {
  const store = new RetailStore(':memory:')
  onTestFinished(() => store.close())
  await importFiles({ store, directory, now: () => 0 })
  return store
}

/** Lines of a file without its header, cut at commas: good for files without quotes only. */
export function rawLines(directory: string, file: string): string[][] {
  const [, ...lines] = readFileSync(join(directory, file), 'utf8').trimEnd().split(/\r?\n/)
  return lines.map((line) => line.split(','))
}
