import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { SqlFilter } from 'holdfast'
import type { Assignment, Seat } from './assign.ts'
import { exclusively, openFile, withoutWaiting } from './database.ts'
import type { Day, Period } from './days.ts'
import type { Scope } from './scope.ts'
import type { Holding, StoreDay } from './turnover.ts'

export interface Company {
  readonly companyId: string
  readonly name: string
}

/** A store and the company that holds it now. */
export interface Store {
  readonly storeId: string
  readonly name: string
  readonly city: string
  readonly companyId: string
}

export interface ImportMarker {
  readonly sha256: string
  readonly rows: number
}

/** One value of a row on its way into a table. */
export type Cell = string | number | null

/** How a file's rows reach their table. Names come from code, never from a file. */
export interface TableTarget {
  readonly table: string
  readonly columns: readonly string[]
  /** Key columns of a table that others refer to: its rows are updated, never deleted. */
  readonly key?: readonly string[]
}

/**
 * The times in which the company of the scope held the store of a row. Everything that reads
 * business data goes through it, so a foreign row never leaves the database.
 */
const HELD = `
  held.store_id = fact.store_id AND held.company_id = :company
  AND (:store IS NULL OR held.store_id = :store)`

/** The rows of `holdings AS held` that the rules allow the caller, as text with its parameters. */
function allowed({ rows }: Scope): SqlFilter {
  return rows.sql({ dialect: 'sqlite', alias: 'held' })
}

/** The example's own database, one SQLite file. All its SQL stands here and in the schema. */
export class RetailStore {
  readonly #db: DatabaseSync

  /** Opens the file, or makes it. `:memory:` is for tests. */
  constructor(path: string) {
    this.#db = openFile(path)
  }

  /**
   * Runs `work` alone: no other process writes meanwhile. Only for connections that serve no
   * requests, since whatever else uses this store would land in the same transaction.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return exclusively(this.#db, work)
  }

  findImport(file: string): ImportMarker | undefined {
    return this.#first<ImportMarker>('SELECT sha256, rows FROM imports WHERE file = ?', [file])
  }

  /** Notes that a file is in, in the transaction of its rows. */
  markImported(file: string, marker: ImportMarker, now: number): void {
    this.#run(
      `INSERT INTO imports (file, sha256, rows, imported_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (file) DO UPDATE
       SET sha256 = excluded.sha256, rows = excluded.rows, imported_at = excluded.imported_at`,
      [file, marker.sha256, marker.rows, now],
    )
  }

  /** Empties a table of facts; tables with a key keep their rows, which others refer to. */
  clear(target: TableTarget): void {
    // holdfast-ignore-sql: targets are the tables of schema.ts
    if (!target.key) this.#db.exec(`DELETE FROM ${target.table}`)
  }

  /** A prepared writer for the rows of one file. It throws what the table's rules refuse. */
  inserter(target: TableTarget): (cells: readonly Cell[]) => void {
    const marks = target.columns.map(() => '?').join(', ')
    // holdfast-ignore-sql: targets are the tables of schema.ts
    const insert = `INSERT INTO ${target.table} (${target.columns.join(', ')}) VALUES (${marks})`
    // holdfast-ignore-sql: targets are the tables of schema.ts
    const statement = this.#db.prepare(insert + upsert(target))
    return (cells) => {
      statement.run(...cells)
    }
  }

  /** The stores in scope with the time in which the company held them, by name. */
  holdings(scope: Scope): Holding[] {
    const { parameters, text } = allowed(scope)
    return this.#all<Holding>(
      // holdfast-ignore-sql: the text of allowed() is written by scope.ts, its values stand apart
      `SELECT fact.store_id AS storeId, fact.name, fact.city,
              held.from_day AS "from", held.to_day AS "to"
       FROM stores AS fact JOIN holdings AS held ON ${HELD} AND ${text}
       ORDER BY fact.name, held.from_day`,
      named(scope),
      parameters,
    )
  }

  /** First and last day with sales of the company; undefined when it has none. */
  coverage(companyId: string): Period | undefined {
    const row = this.#first<{ from: Day | null; to: Day | null }>(
      `SELECT min(fact.day) AS "from", max(fact.day) AS "to" FROM sales AS fact
       JOIN store_companies AS held ON ${HELD}
       AND fact.day BETWEEN held.from_day AND coalesce(held.to_day, '9999-12-31')`,
      { company: companyId, store: null },
    )
    return row?.from && row.to ? { from: row.from, to: row.to } : undefined
  }

  /** Cost of goods sold per store and day of the period, returns taken off. */
  dailyCosts(scope: Scope, period: Period): StoreDay[] {
    const { parameters, text } = allowed(scope)
    return this.#all<StoreDay>(
      // holdfast-ignore-sql: the text of allowed() is written by scope.ts, its values stand apart
      `SELECT fact.store_id AS storeId, fact.day,
              sum(fact.quantity * fact.unit_cost_cents) AS cents
       FROM sales AS fact JOIN holdings AS held ON ${HELD} AND ${text}
       AND fact.day BETWEEN held.from_day AND coalesce(held.to_day, '9999-12-31')
       WHERE fact.day BETWEEN :from AND :to
       GROUP BY fact.store_id, fact.day`,
      { ...named(scope), ...period },
      parameters,
    )
  }

  /**
   * Value of the stock at every count up to a day. The count on the eve of the day on which the
   * company got the store is the hand-over and belongs to it too.
   */
  countValues(scope: Scope, to: Day): StoreDay[] {
    const { parameters, text } = allowed(scope)
    return this.#all<StoreDay>(
      // holdfast-ignore-sql: the text of allowed() is written by scope.ts, its values stand apart
      `SELECT fact.store_id AS storeId, fact.day,
              sum(fact.units * fact.unit_cost_cents) AS cents
       FROM stock_counts AS fact
       WHERE fact.day <= :to AND EXISTS (
         SELECT 1 FROM holdings AS held WHERE ${HELD} AND ${text}
         AND fact.day BETWEEN date(held.from_day, '-1 day')
                          AND coalesce(held.to_day, '9999-12-31')
       )
       GROUP BY fact.store_id, fact.day`,
      { ...named(scope), to },
      parameters,
    )
  }

  companies(): Company[] {
    return this.#all<Company>(
      'SELECT company_id AS companyId, name FROM companies ORDER BY name',
      {},
    )
  }

  /** All stores with the company that holds them now, or held them last. */
  stores(): Store[] {
    return this.#all<Store>(
      `SELECT stores.store_id AS storeId, stores.name, stores.city, held.company_id AS companyId
       FROM stores JOIN store_companies AS held ON held.store_id = stores.store_id
        AND held.from_day =
          (SELECT max(from_day) FROM store_companies WHERE store_id = stores.store_id)
       ORDER BY stores.name`,
      {},
    )
  }

  /** The organisation that a company is; undefined before it is made. */
  organisationOf(companyId: string): string | undefined {
    const sql = 'SELECT organisation_id AS id FROM company_organisations WHERE company_id = ?'
    return this.#first<{ id: string }>(sql, [companyId])?.id
  }

  companyOf(organisationId: string): string | undefined {
    const sql = 'SELECT company_id AS id FROM company_organisations WHERE organisation_id = ?'
    return this.#first<{ id: string }>(sql, [organisationId])?.id
  }

  saveOrganisation(companyId: string, organisationId: string): void {
    this.#run(
      `INSERT INTO company_organisations (company_id, organisation_id) VALUES (?, ?)
       ON CONFLICT (company_id) DO UPDATE SET organisation_id = excluded.organisation_id`,
      [companyId, organisationId],
    )
  }

  /** The store of a member; null for people without one. */
  findMemberStore({ companyId, userId }: Seat): string | null {
    const sql = 'SELECT store_id AS id FROM member_stores WHERE company_id = ? AND user_id = ?'
    return this.#first<{ id: string }>(sql, [companyId, userId])?.id ?? null
  }

  saveMemberStore({ companyId, userId }: Seat, storeId: string | null): void {
    if (storeId === null) {
      const sql = 'DELETE FROM member_stores WHERE company_id = ? AND user_id = ?'
      this.#run(sql, [companyId, userId])
      return
    }
    this.#run(
      `INSERT INTO member_stores (company_id, user_id, store_id) VALUES (?, ?, ?)
       ON CONFLICT (company_id, user_id) DO UPDATE SET store_id = excluded.store_id`,
      [companyId, userId, storeId],
    )
  }

  /** Assignments that are no memberships yet. */
  oldAssignments(): Assignment[] {
    return this.#all<Assignment>(
      `SELECT user_id AS userId, email, company_id AS companyId, store_id AS storeId
       FROM assignments ORDER BY user_id`,
      {},
    )
  }

  removeOldAssignment(userId: string): void {
    this.#run('DELETE FROM assignments WHERE user_id = ?', [userId])
  }

  /** Notes the password of somebody to be made, unless one was noted before. */
  planPerson(email: string, password: string): void {
    this.#run('INSERT INTO first_people (email, password) VALUES (?, ?) ON CONFLICT DO NOTHING', [
      email,
      password,
    ])
  }

  /** The password of somebody whose password was not printed yet. */
  findPlannedPassword(email: string): string | undefined {
    const row = this.#first<{ password: string | null }>(
      'SELECT password FROM first_people WHERE email = ?',
      [email],
    )
    return row?.password ?? undefined
  }

  /** Forgets all planned passwords. */
  erasePlannedPasswords(): void {
    this.#run('UPDATE first_people SET password = NULL', [])
  }

  /** Writes everything to the one file, unless another process is busy with it. */
  settle(): void {
    withoutWaiting(this.#db, () => this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)'))
  }

  close(): void {
    this.#db.close()
  }

  #run(sql: string, values: readonly SQLInputValue[]): void {
    this.#db.prepare(sql).run(...values)
  }

  #first<T>(sql: string, values: readonly SQLInputValue[] | NamedValues): T | undefined {
    const statement = this.#db.prepare(sql)
    const row = isList(values) ? statement.get(...values) : statement.get(values)
    return row as T | undefined
  }

  /** `more` are the values of `?`, in their order. */
  #all<T>(sql: string, values: NamedValues, more: readonly SQLInputValue[] = []): T[] {
    return this.#db.prepare(sql).all(values, ...more) as T[]
  }
}

type NamedValues = Record<string, SQLInputValue>

function isList(
  values: readonly SQLInputValue[] | NamedValues,
): values is readonly SQLInputValue[] {
  return Array.isArray(values)
}

function named(scope: Pick<Scope, 'companyId' | 'storeId'>): NamedValues {
  return { company: scope.companyId, store: scope.storeId }
}

function upsert(target: TableTarget): string {
  if (!target.key) return ''
  const changes = target.columns
    .filter((column) => !target.key?.includes(column))
    .map((column) => `${column} = excluded.${column}`)
  return ` ON CONFLICT (${target.key.join(', ')}) DO UPDATE SET ${changes.join(', ')}`
}
