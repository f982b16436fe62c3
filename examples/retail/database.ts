import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { SCHEMA } from './schema.ts'

/** How long a process waits for another one's import, while its other work goes on. */
const EXCLUSIVE_WAIT_MS = 120_000

/** How long a single statement waits for a lock; the process stands still meanwhile. */
const STATEMENT_WAIT_MS = 10_000

const SCHEMA_VERSION = 3
const SQLITE_BUSY = 5

/** Opens a database with the example's tables; a new file is readable for its owner alone. */
export function openFile(path: string): DatabaseSync {
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600))
  const db = new DatabaseSync(path, { timeout: STATEMENT_WAIT_MS })
  db.exec('PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON')
  const { user_version } = db.prepare('PRAGMA user_version').get() ?? {}
  if (user_version !== SCHEMA_VERSION) {
    db.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
  }
  return db
}

/**
 * Runs `work` in a transaction that keeps other writers out from its beginning. It waits for them
 * without blocking: the other process may need a lock that this one holds elsewhere.
 */
export async function exclusively<T>(db: DatabaseSync, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + EXCLUSIVE_WAIT_MS
  while (!begins(db, deadline)) await sleep(25)
  try {
    const result = await work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}

/** True once the transaction is open; false while another process has the lock. */
function begins(db: DatabaseSync, deadline: number): boolean {
  try {
    withoutWaiting(db, () => db.exec('BEGIN IMMEDIATE'))
    return true
  } catch (error) {
    if (!isBusy(error) || performance.now() > deadline) throw error
    return false
  }
}

/** Runs statements that fail at once when another process has the lock. */
export function withoutWaiting(db: DatabaseSync, work: () => void): void {
  db.exec('PRAGMA busy_timeout = 0')
  try {
    work()
  } finally {
    db.exec(`PRAGMA busy_timeout = ${STATEMENT_WAIT_MS}`)
  }
}

function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' && (code & 0xff) === SQLITE_BUSY
}
