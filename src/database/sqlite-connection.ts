import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { EncodedValue } from './codec.ts'
import type { EngineResult } from './engine.ts'
import type { Row } from './types.ts'

interface PreparedStatement {
  readonly statement: StatementSync
  readonly returnsRows: boolean
}

const maxStatements = 256

/** A node:sqlite connection that keeps its most recently used statements prepared. */
export class SqliteConnection {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, PreparedStatement>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction
  }

  run(sql: string, parameters: readonly EncodedValue[]): EngineResult {
    const { statement, returnsRows } = this.#prepare(sql)
    const values = parameters.map(bindable)
    if (returnsRows) return { rows: statement.all(...values) as unknown as readonly Row[] }
    return { rows: [], affected: Number(statement.run(...values).changes) }
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #prepare(sql: string): PreparedStatement {
    const known = this.#statements.get(sql)
    if (known) {
      this.#statements.delete(sql)
      this.#statements.set(sql, known)
      return known
    }
    const statement = this.#database.prepare(sql)
    const prepared = { statement, returnsRows: statement.columns().length > 0 }
    this.#statements.set(sql, prepared)
    if (this.#statements.size > maxStatements) this.#dropOldest()
    return prepared
  }

  #dropOldest(): void {
    for (const sql of this.#statements.keys()) {
      this.#statements.delete(sql)
      return
    }
  }
}

/** node:sqlite binds numbers as floating point, where `5 || ''` is '5.0'; bigints are integers. */
function bindable(value: EncodedValue): SQLInputValue {
  return typeof value === 'number' ? BigInt(value) : value
}
