import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CsvError, type CsvRecord, readCsv } from './csv.ts'
import { FILES, type FileFormat, readCells } from './files.ts'
import type { Cell, RetailStore } from './store.ts'

/** One fault of a file. Line 0 is the file as a whole. */
export interface ImportFault {
  readonly line: number
  readonly message: string
}

/** A file that was refused. Nothing of it was kept. */
export class ImportError extends Error {
  readonly file: string
  readonly faults: readonly ImportFault[]

  constructor(file: string, faults: readonly ImportFault[]) {
    const lines = faults.map(
      ({ line, message }) => `${file}${line ? `, line ${line}` : ''}: ${message}`,
    )
    super(`${file} was not imported; nothing of it was kept.\n${lines.join('\n')}`)
    this.name = 'ImportError'
    this.file = file
    this.faults = faults
  }
}

/** Hears how far an import is. */
export interface Progress {
  start(file: string, totalBytes: number): void
  advance(bytes: number, rows: number): void
  finish(result: FileResult): void
}

export interface FileResult {
  readonly file: string
  readonly rows: number
  /** False when this very content was in already. */
  readonly imported: boolean
}

export interface ImportOptions {
  readonly store: RetailStore
  readonly directory: string
  readonly now: () => number
  readonly progress?: Progress
}

const REPEATED = 'says again what an earlier line said'

/** Faults shown at most; the rest of a broken file is noise. */
const MAX_FAULTS = 20

/**
 * Imports the example's CSV files, each in one transaction: all of its rows or none. A file whose
 * content is in already is passed over, so it may be run again and in several processes at once:
 * one imports, the others wait and find it done. A changed file replaces what it brought before.
 *
 * `store` must serve nobody else meanwhile.
 */
export async function importFiles(options: ImportOptions): Promise<FileResult[]> {
  const results: FileResult[] = []
  for (const format of FILES) results.push(await importFile(format, options))
  return results
}

async function importFile(format: FileFormat, options: ImportOptions): Promise<FileResult> {
  const path = join(options.directory, format.file)
  const sha256 = await fingerprint(format.file, path)
  const result =
    knownResult(format, sha256, options.store) ??
    (await options.store.exclusively(
      // Asked again under the lock: another process may just have finished this file.
      async () =>
        knownResult(format, sha256, options.store) ??
        (await load({ format, path, sha256 }, options)),
    ))
  options.progress?.finish(result)
  return result
}

function knownResult(format: FileFormat, sha256: string, store: RetailStore) {
  const marker = store.findImport(format.file)
  if (marker?.sha256 !== sha256) return undefined
  return { file: format.file, rows: marker.rows, imported: false }
}

async function fingerprint(file: string, path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk)
  } catch (error) {
    throw new ImportError(file, [{ line: 0, message: `cannot be read (${reasonOf(error)})` }])
  }
  return hash.digest('hex')
}

interface Source {
  readonly format: FileFormat
  readonly path: string
  readonly sha256: string
}

async function load(source: Source, options: ImportOptions): Promise<FileResult> {
  const { file, target } = source.format
  const loader = new FileLoader(source.format, options)
  options.store.clear(target)
  options.progress?.start(file, (await stat(source.path)).size)
  const { rows, sha256 } = await loader.run(source.path)
  if (sha256 !== source.sha256) {
    throw new ImportError(file, [{ line: 0, message: 'changed while it was being read' }])
  }
  options.store.markImported(file, { sha256, rows }, options.now())
  return { file, rows, imported: true }
}

/** Reads one file into its table and collects what is wrong with it. */
class FileLoader {
  readonly #format: FileFormat
  readonly #insert: (cells: readonly Cell[]) => void
  readonly #progress: Progress | undefined
  readonly #hash: Hash = createHash('sha256')
  readonly #faults: ImportFault[] = []
  readonly #keys = new Set<string>()
  #headerSeen = false
  #rows = 0

  constructor(format: FileFormat, options: ImportOptions) {
    this.#format = format
    this.#insert = options.store.inserter(format.target)
    this.#progress = options.progress
  }

  /** Rejects with an ImportError when anything is wrong. */
  async run(path: string): Promise<{ rows: number; sha256: string }> {
    try {
      for await (const record of readCsv(path, (chunk) => this.#onChunk(chunk))) this.#take(record)
    } catch (error) {
      if (!(error instanceof CsvError)) throw error
      this.#faults.push({ line: error.line, message: error.message })
    }
    if (!this.#headerSeen && this.#faults.length === 0) this.#fault(1, 'the file is empty')
    if (this.#faults.length > 0) throw new ImportError(this.#format.file, this.#faults)
    return { rows: this.#rows, sha256: this.#hash.digest('hex') }
  }

  #onChunk(chunk: Buffer): void {
    this.#hash.update(chunk)
    this.#progress?.advance(chunk.length, this.#rows)
  }

  #take(record: CsvRecord): void {
    if (!this.#headerSeen) {
      this.#takeHeader(record)
      return
    }
    const read = readCells(this.#format, record.fields)
    if ('faults' in read) {
      for (const fault of read.faults) this.#fault(record.line, fault)
    } else {
      this.#write(record.line, read.cells)
    }
  }

  #takeHeader(record: CsvRecord): void {
    const expected = Object.keys(this.#format.fields).join(',')
    if (record.fields.join(',') !== expected) {
      throw new CsvError(record.line, `the header must be exactly: ${expected}`)
    }
    this.#headerSeen = true
  }

  #write(line: number, cells: readonly Cell[]): void {
    try {
      if (this.#isRepeated(cells)) throw new CsvError(line, REPEATED)
      this.#insert(cells)
      this.#rows++
    } catch (error) {
      if (!(error instanceof CsvError) && !isRefusedRow(error)) throw error
      this.#fault(line, explain(error.message))
    }
  }

  /** Tables with a key are updated in place, so the table itself would not object. */
  #isRepeated(cells: readonly Cell[]): boolean {
    const { key, columns } = this.#format.target
    if (!key) return false
    const value = JSON.stringify(key.map((column) => cells[columns.indexOf(column)]))
    if (this.#keys.has(value)) return true
    this.#keys.add(value)
    return false
  }

  #fault(line: number, message: string): void {
    this.#faults.push({ line, message })
    if (this.#faults.length >= MAX_FAULTS) throw new ImportError(this.#format.file, this.#faults)
  }
}

/** SQLITE_CONSTRAINT and its kin: the row broke a rule of its table. */
function isRefusedRow(error: unknown): error is Error {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' && (code & 0xff) === 19
}

function explain(message: string): string {
  if (message.startsWith('FOREIGN KEY'))
    return 'names a company, store or product that is not there'
  if (message.startsWith('UNIQUE')) return REPEATED
  return message
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
