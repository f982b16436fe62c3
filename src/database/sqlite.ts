import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { SqliteAdapter } from 'kysely'
import type { Clock, Logger, Random } from '../ports/index.ts'
import type { EncodedValue } from './codec.ts'
import { StrictSqliteCompiler } from './compilers.ts'
import type { Engine, EngineConnection, EngineResult } from './engine.ts'
import { databaseErrors } from './errors.ts'
import type { FaultKind } from './faults.ts'
import { jitter } from './retry.ts'
import { SqliteConnection } from './sqlite-connection.ts'
import { prepareSqliteFile } from './sqlite-file.ts'
import { Turnstile } from './turnstile.ts'

/** The best of the trial commits above this blocks the event loop noticeably. */
const slowCommitMs = 5

export interface SqliteOptions {
  readonly url: string
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Longest wait for the file's lock and for our own connection. */
  readonly waitMs: number
}

export interface SqliteEngines {
  readonly writer: Engine
  readonly reader: Engine
}

/**
 * The embedded engine: one connection that writes and one that reads, on one file. Several processes
 * may share the file. Statements run on the main thread, in microseconds; what could take long, the
 * wait for another process's lock, is spent outside SQLite so that the event loop stays free.
 */
export async function openSqlite(options: SqliteOptions): Promise<SqliteEngines> {
  const { DatabaseSync } = await import('node:sqlite')
  const file = prepareSqliteFile(options.url)
  const breath = new Breath(options.clock)
  const shared = { timeout: 0, enableForeignKeyConstraints: true }
  const writer = new SqliteEngine(new DatabaseSync(file.path, shared), options, {
    breath,
    closed: file.dispose,
  })
  await writer.configure()
  const readOnly = new DatabaseSync(file.path, { ...shared, readOnly: true })
  return { writer, reader: new SqliteEngine(readOnly, options, { breath, closed: () => {} }) }
}

/** Lets timers and sockets have their turn: synchronous queries alone would starve them. */
class Breath {
  readonly #clock: Clock
  #last: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#last = clock.monotonic()
  }

  async take(): Promise<void> {
    if (this.#clock.monotonic() - this.#last < 4) return
    await turnOfTheLoop()
    this.#last = this.#clock.monotonic()
  }
}

interface Surroundings {
  readonly breath: Breath
  readonly closed: () => void
}

class SqliteAdapterWithOwnQueue extends SqliteAdapter {
  /** The engine's turnstile queues fairly and with a deadline; kysely's mutex does neither. */
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

class SqliteEngine implements Engine {
  readonly dialect = 'sqlite'
  readonly poolSize = 1
  readonly begin = ['begin immediate']
  readonly nowSql = `select cast(unixepoch('subsec') * 1000 as integer) as server_now`
  readonly versionSql = `select 'SQLite ' || sqlite_version() as version`
  readonly unlimited = { on: [], off: [] }
  readonly #connection: SqliteConnection
  readonly #options: SqliteOptions
  readonly #around: Surroundings
  readonly #turnstile: Turnstile

  constructor(
    database: ConstructorParameters<typeof SqliteConnection>[0],
    options: SqliteOptions,
    around: Surroundings,
  ) {
    this.#connection = new SqliteConnection(database)
    this.#options = options
    this.#around = around
    this.#turnstile = new Turnstile({ places: 1, waitMs: options.waitMs, clock: options.clock })
  }

  createCompiler(): StrictSqliteCompiler {
    return new StrictSqliteCompiler()
  }

  createAdapter(): SqliteAdapter {
    return new SqliteAdapterWithOwnQueue()
  }

  /** Durable commits (WAL with full synchronisation), checked foreign keys, untrusted schema. */
  async configure(): Promise<void> {
    for (const pragma of [
      'pragma journal_mode = wal',
      'pragma synchronous = full',
      'pragma foreign_keys = on',
      'pragma trusted_schema = off',
    ]) {
      await this.#patiently(pragma, [])
    }
    await this.#warnAboutSlowDisk()
  }

  async acquire(): Promise<EngineConnection> {
    await this.#turnstile.enter()
    await this.#around.breath.take()
    return {
      execute: async (sql, parameters) => {
        if (this.#connection.inTransaction) return this.#connection.run(sql, parameters)
        return await this.#patiently(sql, parameters)
      },
      release: () => this.#release(),
    }
  }

  classify(error: unknown): FaultKind {
    const code = errcodeOf(error)
    if (code === undefined) return 'refused'
    return extendedCodes.get(code) ?? primaryCodes.get(code & 0xff) ?? 'refused'
  }

  async close(): Promise<void> {
    await this.#turnstile.enter().catch(() => {})
    this.#connection.close()
    this.#around.closed()
  }

  /** Whoever comes next must not find a transaction that its holder left open. */
  #release(): void {
    try {
      if (this.#connection.inTransaction) this.#connection.run('rollback', [])
    } finally {
      this.#turnstile.leave()
    }
  }

  /**
   * Runs a statement that opens a transaction or stands alone, again while another process holds
   * the lock. SQLite's own busy timeout would block the whole event loop for as long.
   */
  async #patiently(sql: string, parameters: readonly EncodedValue[]): Promise<EngineResult> {
    const { clock, random, waitMs } = this.#options
    const deadline = clock.monotonic() + waitMs
    for (;;) {
      try {
        return this.#connection.run(sql, parameters)
      } catch (error) {
        if (!isBusy(error)) throw error
        if (clock.monotonic() >= deadline) {
          throw databaseErrors.database_unavailable({ retryAfter: 1, cause: error })
        }
      }
      await jitter(5, random)
    }
  }

  /** Commits block the event loop for as long as the disk needs; above 2 ms that is worth knowing. */
  async #warnAboutSlowDisk(): Promise<void> {
    const { clock, logger } = this.#options
    const version = Number(this.#connection.run('pragma user_version', []).rows[0]?.user_version)
    let commitMs = Number.POSITIVE_INFINITY
    for (let round = 0; round < 3; round += 1) {
      const started = clock.monotonic()
      await this.#patiently(`pragma user_version = ${version}`, [])
      commitMs = Math.min(commitMs, clock.monotonic() - started)
    }
    if (commitMs < slowCommitMs) return
    const text =
      'The disk takes long to save a transaction, and this process stands still meanwhile'
    logger.warn(text, { commitMs: Math.round(commitMs) })
  }
}

const extendedCodes: ReadonlyMap<number, FaultKind> = new Map<number, FaultKind>([
  [1555, 'unique'],
  [2067, 'unique'],
  [787, 'reference'],
])

const primaryCodes: ReadonlyMap<number, FaultKind> = new Map<number, FaultKind>([
  [5, 'conflict'],
  [6, 'conflict'],
  [8, 'unavailable'],
  [10, 'unavailable'],
  [13, 'unavailable'],
  [14, 'unavailable'],
])

/** node:sqlite gives one `code` for every error; the reason is in `errcode`. */
function errcodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode : undefined
}

function isBusy(error: unknown): boolean {
  return ((errcodeOf(error) ?? 0) & 0xff) === 5
}
