import {
  type DeleteResult,
  type Insertable,
  type InsertResult,
  type Kysely,
  MysqlAdapter,
  PostgresAdapter,
  SqliteAdapter,
  sql,
  type Transaction,
  type UpdateResult,
} from 'kysely'
import { decodeInteger } from './codec.ts'
import { databaseErrors } from './errors.ts'
import type { Db, DialectName, Tables, Trx } from './types.ts'

type TableName = keyof Tables & string
type LooseRow = Readonly<Record<string, unknown>>
type Loose = Record<string, Record<string, unknown>>
type ColumnName<T extends TableName> = keyof Insertable<Tables[T]> & string

/** The engine behind a handle. */
export function dialectOf(handle: Db | Trx): DialectName {
  const { adapter } = handle.getExecutor()
  if (adapter instanceof SqliteAdapter) return 'sqlite'
  if (adapter instanceof PostgresAdapter) return 'postgres'
  if (adapter instanceof MysqlAdapter) return 'mysql'
  throw new Error('This handle belongs to an engine that Holdfast does not know')
}

/**
 * Inserts `row` unless a row with the same unique values is there. Resolves to true for the one
 * caller who inserted; of a hundred at once exactly one does.
 *
 * MySQL counts a suppressed duplicate like an insert, INSERT IGNORE hides other faults, and a caught
 * duplicate leaves a shared lock behind, on which callers who then update the row dead-lock. So the
 * row that is there is set to itself, which notes a 1 as "last insert id"; tables have no other.
 */
export async function insertIfAbsent<T extends TableName>(
  trx: Trx,
  table: T,
  row: Insertable<Tables[T]>,
): Promise<boolean> {
  const insert = loose(trx)
    .insertInto<string>(table)
    .values(row as LooseRow)
  if (dialectOf(trx) !== 'mysql') {
    return affected(await insert.onConflict((conflict) => conflict.doNothing()).execute()) === 1
  }
  const [column = ''] = Object.keys(row)
  const same = sql`if(last_insert_id(1) = 1, ${sql.ref(column)}, ${sql.ref(column)})`
  const [result] = await insert.onDuplicateKeyUpdate({ [column]: same }).execute()
  return result?.insertId === undefined
}

export interface UpsertOptions<T extends TableName> {
  /** Columns of the unique rule that decides; MySQL looks at every unique rule of the table. */
  readonly keys: readonly ColumnName<T>[]
  /** What replaces the values of a row already there: columns of `row`, or values by column. */
  readonly update: readonly ColumnName<T>[] | Partial<Insertable<Tables[T]>>
}

/** Inserts `row`, or writes its `update` columns into the row that has the same `keys`. */
export async function upsert<T extends TableName>(
  trx: Trx,
  table: T,
  row: Insertable<Tables[T]>,
  options: UpsertOptions<T>,
): Promise<void> {
  const values = row as LooseRow
  const changes = changesOf(values, options.update as readonly string[] | LooseRow)
  const insert = loose(trx).insertInto<string>(table).values(values)
  const finished =
    dialectOf(trx) === 'mysql'
      ? insert.onDuplicateKeyUpdate(changes)
      : insert.onConflict((conflict) => conflict.columns([...options.keys]).doUpdateSet(changes))
  await finished.execute()
}

function changesOf(row: LooseRow, update: readonly string[] | LooseRow): LooseRow {
  if (!Array.isArray(update)) return update as LooseRow
  return Object.fromEntries(update.map((name: string) => [name, row[name]]))
}

export interface BumpOptions<T extends TableName> {
  readonly column: ColumnName<T>
  /** Columns of `row` that identify the counter: a primary key or unique rule. */
  readonly keys: readonly ColumnName<T>[]
  /** Whole number to add; the default is 1. */
  readonly by?: number
}

/**
 * Adds to a counter and resolves to its new value; the first call inserts `row`, whose `column`
 * becomes `by`. Callers at once see distinct values, since each holds the row until its transaction
 * ends. The sum is made by the database on an integer column, so that text never joins text.
 */
export async function bumpCounter<T extends TableName>(
  trx: Trx,
  table: T,
  row: Partial<Insertable<Tables[T]>>,
  options: BumpOptions<T>,
): Promise<number> {
  const { column, keys, by = 1 } = options
  if (!Number.isSafeInteger(by)) throw databaseErrors.value_unstorable()
  const insert = loose(trx)
    .insertInto<string>(table)
    .values({ ...row, [column]: by })
  const sum = { [column]: sql`${sql.ref(`${table}.${column}`)} + ${by}` }
  const finished =
    dialectOf(trx) === 'mysql'
      ? insert.onDuplicateKeyUpdate(sum)
      : insert.onConflict((conflict) => conflict.columns([...keys]).doUpdateSet(sum))
  await finished.execute()
  return await readCounter(loose(trx), table, { column, keys, row: row as LooseRow })
}

interface CounterRow {
  readonly column: string
  readonly keys: readonly string[]
  readonly row: LooseRow
}

async function readCounter(
  trx: Kysely<Loose>,
  table: string,
  counter: CounterRow,
): Promise<number> {
  let query = trx.selectFrom(table).select(counter.column)
  for (const key of counter.keys) query = query.where(key, '=', counter.row[key])
  const found = await query.executeTakeFirstOrThrow()
  return decodeInteger(found[counter.column] as number)
}

type WriteResult = UpdateResult | DeleteResult | InsertResult

/** Rows that a statement matched, from what `execute()` or `executeTakeFirst()` gave. */
export function affected(result: WriteResult | readonly WriteResult[]): number {
  const results = Array.isArray(result) ? result : [result]
  return results.reduce((sum, one) => sum + Number(countOf(one)), 0)
}

function countOf(result: WriteResult): bigint {
  if ('numUpdatedRows' in result) return result.numUpdatedRows
  if ('numDeletedRows' in result) return result.numDeletedRows
  return result.numInsertedOrUpdatedRows ?? 0n
}

/** The helpers take any table; their own types have checked the row. */
function loose(trx: Trx): Transaction<Loose> {
  return trx as unknown as Transaction<Loose>
}
