import { CompiledQuery, type DatabaseConnection, type Kysely, PostgresAdapter } from 'kysely'
import type { PgClient, PgPool, PgQuery, PgResult } from './postgres.ts'
import type { Row } from './types.ts'

/**
 * Recognises a Kysely of the app. Only one over `pg` can be used: over `mysql2` kysely lets the
 * driver write values into the text of statements, and an embedded file needs no second handle.
 * Throws an Error that names what to give instead.
 */
export function poolOfKysely(kysely: unknown): PgPool {
  if (typeof kysely !== 'object' || kysely === null || !('getExecutor' in kysely)) {
    throw new Error('kysely must be an instance of Kysely')
  }
  const instance = kysely as Kysely<unknown>
  if (instance.getExecutor().adapter instanceof PostgresAdapter) return new KyselyPool(instance)
  throw new Error(
    'A Kysely over another engine than PostgreSQL cannot be shared: give the pool of mysql2, or the URL of the SQLite file',
  )
}

/** Looks like a Pool of `pg` and takes its connections from a Kysely. */
class KyselyPool implements PgPool {
  readonly #kysely: Kysely<unknown>

  constructor(kysely: Kysely<unknown>) {
    this.#kysely = kysely
  }

  connect(): Promise<PgClient> {
    return new Promise((resolve, reject) => {
      const hold = (connection: DatabaseConnection) =>
        new Promise<void>((release) => resolve(new KyselyClient(connection, release)))
      this.#kysely.getExecutor().provideConnection(hold).catch(reject)
    })
  }

  async end(): Promise<void> {}

  /** The app watches its own pool. */
  on(): void {}

  off(): void {}
}

class KyselyClient implements PgClient {
  readonly #connection: DatabaseConnection
  readonly #release: () => void
  #last: Promise<unknown> = Promise.resolve()

  constructor(connection: DatabaseConnection, release: () => void) {
    this.#connection = connection
    this.#release = release
  }

  /**
   * kysely hands the text of a statement to `pg` untouched, and `pg` takes an object there, by which
   * the parsers come along.
   */
  async query({ text, values, types }: PgQuery): Promise<PgResult> {
    const raw = CompiledQuery.raw('', [...values])
    const query = { ...raw, sql: { text, types } as unknown as string }
    const pending = this.#connection.executeQuery<Row>(query)
    this.#last = pending.catch(() => {})
    const { rows, numAffectedRows } = await pending
    const [first] = rows
    if (numAffectedRows !== undefined) {
      return { rows, rowCount: Number(numAffectedRows), command: 'UPDATE' }
    }
    const command = /^(commit|rollback)$/.test(text) ? String(first?.command) : 'SELECT'
    return { rows, rowCount: null, command }
  }

  /** A broken connection goes back clean: it is not ours to close. */
  release(broken?: boolean): void {
    if (broken) void this.#last.then(() => this.#undo()).finally(this.#release)
    else this.#release()
  }

  on(): void {}

  async #undo(): Promise<void> {
    await this.#connection.executeQuery(CompiledQuery.raw('rollback')).catch(() => {})
  }
}
