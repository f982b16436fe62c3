// holdfast-ignore-sql-file: the schema is checked by naming.ts, and the name of the lock is derived from it
import { createHash } from 'node:crypto'
import { SecurityError } from '../errors/index.ts'
import { databaseErrors } from './errors.ts'
import type { Database, Session, TableNaming } from './types.ts'

const waitSeconds = 60

/** How one process at a time migrates, and what a half-done change becomes. */
export interface MigrationLock {
  /** A failed `work` leaves nothing behind: DDL is part of a transaction. */
  readonly transactional: boolean
  /** Runs `work` while no other process is in here. Throws `migration_locked` after a minute. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
  /** Runs `work`, which only reads, with the tables' schema in place. */
  reading<T>(work: () => Promise<T>): Promise<T>
}

/** The lock of the engine behind `database`, taken on `session`. */
export function migrationLock(database: Database, session: Session): MigrationLock {
  if (database.dialect === 'sqlite') return sqliteLock(session)
  if (database.dialect === 'postgres') return postgresLock(session, database.naming)
  return mysqlLock(session, database.naming)
}

/** BEGIN IMMEDIATE is the lock: it keeps every other writer of the file out. */
function sqliteLock(session: Session): MigrationLock {
  return {
    transactional: true,
    exclusively: async (work) => {
      await beginPatiently(session)
      return await finish(session, work)
    },
    reading: async (work) => {
      await session.execute('begin')
      return await finish(session, work)
    },
  }
}

async function beginPatiently(session: Session): Promise<void> {
  for (let seconds = 0; seconds < waitSeconds; seconds += 5) {
    try {
      await session.execute('begin immediate')
      return
    } catch (error) {
      if (!(error instanceof SecurityError && error.code === 'database_unavailable')) throw error
    }
  }
  throw databaseErrors.migration_locked({ retryAfter: waitSeconds })
}

/**
 * An advisory lock that ends with its transaction, as do all settings, so that nothing of it stays
 * on a connection that a pooler hands to someone else. Waiting for the lock of a table is kept short: whoever waits for it blocks everyone after.
 */
function postgresLock(session: Session, naming: TableNaming): MigrationLock {
  const enter = async (begin: string) => {
    await session.execute(begin)
    await session.execute('set local statement_timeout = 0')
    await session.execute('set local idle_in_transaction_session_timeout = 0')
    if (naming.schema !== undefined)
      await session.execute(`set local search_path to "${naming.schema}"`)
  }
  return {
    transactional: true,
    exclusively: async (work) => {
      await enter('begin isolation level read committed')
      return await finish(session, async () => {
        await session.execute(`set local lock_timeout = '${waitSeconds}s'`)
        await locked(session.execute('select pg_advisory_xact_lock($1, $2)', advisoryKey(naming)))
        await session.execute(`set local lock_timeout = '10s'`)
        return await work()
      })
    },
    reading: async (work) => {
      await enter('begin read only')
      return await finish(session, work)
    },
  }
}

function advisoryKey({ prefix, schema = '' }: TableNaming): [number, number] {
  const digest = createHash('sha256').update(`holdfast migrations ${schema}.${prefix}`).digest()
  return [digest.readInt32BE(0), digest.readInt32BE(4)]
}

async function locked<T>(pending: Promise<T>): Promise<T> {
  try {
    return await pending
  } catch (error) {
    if (!(error instanceof SecurityError) || error.code !== 'database_locked') throw error
    throw databaseErrors.migration_locked({ retryAfter: waitSeconds, cause: error })
  }
}

async function finish<T>(session: Session, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work()
    await session.execute('commit')
    return result
  } catch (error) {
    await session.execute('rollback').catch(() => {})
    throw error
  }
}

/** A named lock of the server, held by the connection; a dead process loses it with its connection. */
function mysqlLock(session: Session, naming: TableNaming): MigrationLock {
  const name = `concat('holdfast:', left(sha2(concat(database(), '.${naming.prefix}'), 256), 40))`
  return {
    transactional: false,
    exclusively: async (work) => {
      const [row] = await session.execute(`select get_lock(${name}, ${waitSeconds}) as got`)
      if (row?.got !== 1) throw databaseErrors.migration_locked({ retryAfter: waitSeconds })
      try {
        return await work()
      } finally {
        await session.execute(`select release_lock(${name}) as released`).catch(() => {})
      }
    },
    reading: (work) => work(),
  }
}
