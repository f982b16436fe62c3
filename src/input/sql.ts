import { inputErrors } from './errors.ts'
import { type SqlPlace, type SqlScan, scanSql, sqlStart } from './sql-text.ts'

/** The way a database writes places of values and quotes names. */
export type SqlDialect = 'postgres' | 'mysql' | 'sqlite'

/** What a driver sends as a value, apart from the statement. */
export type SqlValue = string | number | bigint | boolean | null | Date | Uint8Array

/** A statement with its values, ready for a driver. */
export interface SqlStatement {
  /** With `$1`, `$2` for PostgreSQL, with `?` for the others. */
  readonly text: string
  /** The same as `text`, under the name that mysql2 reads. */
  readonly sql: string
  readonly values: readonly SqlValue[]
}

type Piece =
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'value'; readonly value: SqlValue }
  | { readonly kind: 'name'; readonly parts: readonly string[] }

/** Only the tag and its helpers hold it, so nothing that came from outside can pass for a statement. */
const ours: unique symbol = Symbol('holdfast.sql')

/**
 * A statement, or a part of one, that keeps its code and its values apart. `text` and `values` are in
 * PostgreSQL's form, so that `pool.query(statement)` of `pg` takes it as it is; `for` gives any form. Used
 * as a string it throws, since that would lose the difference.
 */
export class Sql {
  /** The statement with `$1`, `$2`, and its values: own fields, since `pg` reads them from a copy. */
  readonly text: string
  readonly values: SqlValue[]
  readonly #pieces: readonly Piece[]

  /** @internal made by the tag alone */
  constructor(key: typeof ours, pieces: readonly Piece[]) {
    if (key !== ours) throw refused('A statement is written with the tag: sql`select ...`')
    this.#pieces = pieces
    const { text, values } = write(pieces, 'postgres')
    this.text = text
    this.values = [...values]
  }

  /** The statement in the form of one database. */
  for(dialect: SqlDialect): SqlStatement {
    return write(this.#pieces, dialect)
  }

  /**
   * The pieces, for the tag alone.
   * @internal
   */
  static piecesOf(one: Sql): readonly Piece[] {
    return one.#pieces
  }

  toString(): never {
    throw refused(
      'A statement was used as a text, which loses its values. Give the driver statement.for(...), or put it into another sql`...`',
    )
  }

  toJSON(): never {
    return this.toString()
  }

  [Symbol.toPrimitive](): never {
    return this.toString()
  }
}

/** What may stand between `${` and `}`: a value, or another part of a statement. */
export type SqlInterpolation = SqlValue | Sql

/** The tag `sql`, with its helpers. */
export interface SqlTag {
  (parts: TemplateStringsArray, ...values: readonly SqlInterpolation[]): Sql
  /** A name, quoted: `sql.id('orders', 'total')`. Letters, digits and `_`, up to 63 in each part. */
  id(...parts: readonly string[]): Sql
  /** Parts or values with a separator between them, `, ` by default; at least one. */
  join(items: readonly SqlInterpolation[], separator?: Sql): Sql
  /** Nothing: for a part that is left out. */
  readonly empty: Sql
}

/**
 * Writes SQL whose values never become code: each `${value}` is sent beside the statement as a
 * parameter. Statements nest: sql`select * from t where ${condition}`. Throws `sql_invalid` for what is no
 * value, for a value inside quotes or a comment, and when it is called like a function.
 */
export const sql: SqlTag = Object.freeze(Object.assign(tag, { id, join, empty: new Sql(ours, []) }))

function tag(parts: TemplateStringsArray, ...values: readonly SqlInterpolation[]): Sql {
  // Only a template in the source has a frozen list with a frozen `raw`; JSON cannot make one.
  const isTemplate = isFrozenList(parts) && isFrozenList(parts.raw)
  if (!isTemplate || parts.length !== values.length + 1) {
    throw refused('sql is a tag: write sql`select ...`, never sql(text)')
  }
  const pieces: Piece[] = []
  let scan: SqlScan = { ...sqlStart }
  for (const [at, text] of parts.entries()) {
    scan = scanSql(text, scan)
    if (scan.numbered)
      throw refused('$1 stands in the template: values get their numbers from the tag')
    pieces.push({ kind: 'code', text })
    if (at < values.length) pieces.push(...piecesAt(scan.place, values[at]))
  }
  // What comes after it, in a statement that holds this one, would be swallowed.
  if (scan.place !== 'code') throw refused('A quote or comment is never closed')
  return new Sql(ours, pieces)
}

function piecesAt(place: SqlPlace, value: unknown): readonly Piece[] {
  if (place !== 'code') {
    throw refused(
      `A value stands in a ${place === 'name' ? 'quoted name' : place}: leave the quotes out, the driver adds what is needed`,
    )
  }
  if (value instanceof Sql) return Sql.piecesOf(value)
  return [{ kind: 'value', value: checkedValue(value) }]
}

function id(...parts: readonly string[]): Sql {
  const isName = (part: unknown) => typeof part === 'string' && /^[A-Za-z_]\w{0,62}$/.test(part)
  if (parts.length === 0 || !parts.every(isName)) {
    throw refused('sql.id takes names of letters, digits and _, such as sql.id("orders", "total")')
  }
  return new Sql(ours, [{ kind: 'name', parts: [...parts] }])
}

function join(items: readonly SqlInterpolation[], separator: Sql = sql`, `): Sql {
  if (!Array.isArray(items) || items.length === 0) {
    throw refused('sql.join takes at least one item: an empty IN () is no SQL, decide before')
  }
  if (!(separator instanceof Sql)) throw refused('The separator of sql.join is itself sql`...`')
  const between = Sql.piecesOf(separator)
  const pieces = items.flatMap((item, at) => [
    ...(at > 0 ? between : []),
    ...piecesAt('code', item),
  ])
  return new Sql(ours, pieces)
}

function checkedValue(value: unknown): SqlValue {
  if (value === null) return null
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') {
    return value
  }
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (value instanceof Uint8Array) return value
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value
  throw refused(adviceFor(value))
}

function adviceFor(value: unknown): string {
  if (Array.isArray(value)) return 'A list is no value: write in (...) with sql.join(list) between'
  if (value === undefined)
    return 'undefined is no value: write null, or sql.empty to leave a part out'
  if (typeof value === 'number') return 'A number has to be finite'
  return 'An object is no value: name its field, or JSON.stringify it for a column that holds JSON'
}

/** What is written before the one piece that comes next. */
interface Writing {
  text: string
  readonly values: SqlValue[]
}

function write(pieces: readonly Piece[], dialect: SqlDialect): SqlStatement {
  if (!['postgres', 'mysql', 'sqlite'].includes(dialect)) {
    throw refused("statement.for takes 'postgres', 'mysql' or 'sqlite'")
  }
  const written: Writing = { text: '', values: [] }
  let scan: SqlScan = sqlStart
  for (const piece of pieces) {
    if (piece.kind === 'code') {
      scan = scanSql(piece.text, scan)
      if (scan.mark && dialect !== 'postgres') {
        throw refused('A ? stands in the template, where this database expects a value')
      }
      written.text += piece.text
    } else if (piece.kind === 'name') written.text += quoted(piece.parts, dialect)
    else {
      written.values.push(asStored(piece.value, dialect))
      written.text += dialect === 'postgres' ? `$${written.values.length}` : '?'
    }
  }
  const { text, values } = written
  return Object.freeze({ text, sql: text, values })
}

function quoted(parts: readonly string[], dialect: SqlDialect): string {
  const quote = dialect === 'mysql' ? '`' : '"'
  return parts.map((part) => `${quote}${part}${quote}`).join('.')
}

/** SQLite knows neither truth values nor instants. */
function asStored(value: SqlValue, dialect: SqlDialect): SqlValue {
  if (dialect !== 'sqlite') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Date) {
    throw refused('SQLite has no type for instants: give date.getTime() or date.toISOString()')
  }
  return value
}

function refused(explanation: string): Error {
  return inputErrors.sql_invalid({ explanation })
}

function isFrozenList(value: unknown): boolean {
  return Array.isArray(value) && Object.isFrozen(value)
}
