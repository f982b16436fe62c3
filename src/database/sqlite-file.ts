import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where an embedded database lives, and what must happen when it is closed. */
export interface SqliteFile {
  readonly path: string
  /** Removes a temporary database; does nothing for a lasting one. */
  dispose(): void
}

/**
 * Opens the file behind `sqlite:./app.db`, `file:./app.db`, `file:///srv/app.db` or
 * `sqlite::memory:`. A new file is readable by its owner alone (mode 0600), and so are the files
 * that SQLite puts beside it. The database "in memory" is a temporary file, because the reader's
 * connection must see what the writer commits; it is removed when closed.
 */
export function prepareSqliteFile(url: string): SqliteFile {
  if (/^(sqlite|file):(\/\/)?:memory:$/.test(url)) return temporaryFile()
  const path = sqlitePath(url)
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
  }
  return { path, dispose: () => {} }
}

/** The path that a `sqlite:` or `file:` URL names. Throws when it names none, or holds options. */
export function sqlitePath(url: string): string {
  if (/[?#]/.test(url)) {
    throw new Error('A SQLite URL takes no options: write sqlite:./holdfast.db')
  }
  const rest = url.replace(/^(sqlite|file):/, '')
  if (rest.startsWith('///')) return fileURLToPath(`file:${rest}`)
  if (rest.startsWith('//') || rest === '') {
    throw new Error('A SQLite URL names a file: sqlite:./holdfast.db or sqlite:///srv/holdfast.db')
  }
  return resolve(rest)
}

function temporaryFile(): SqliteFile {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-'))
  const remove = () => rmSync(directory, { recursive: true, force: true })
  process.once('exit', remove)
  const dispose = () => {
    process.off('exit', remove)
    remove()
  }
  const path = join(directory, 'memory.db')
  closeSync(openSync(path, 'a', 0o600))
  return { path, dispose }
}
