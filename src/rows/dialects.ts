import type { ColumnUse, Operator } from '../conditions/index.ts'
import type { DialectName } from '../database/index.ts'
import type { NamePiece, Piece, ValuePiece } from './pieces.ts'

/** A value, or SQL of ours in its place. */
export type Right = ValuePiece | string

/** How one engine compares, quotes and numbers. */
export interface Dialect {
  /** `name` as an identifier, whatever it holds. */
  quote(name: string): string
  /** Placeholder of the parameter with this number, from 1. */
  placeholder(number: number): string
  /** Whether a placeholder may stand twice for one parameter. */
  readonly isNumbered: boolean
  compare(column: Column, operator: Operator, right: Right): readonly Piece[]
  member(column: Column, isIn: boolean, rights: readonly Right[]): readonly Piece[]
}

/** A column in the query, and its declared type. */
export interface Column extends NamePiece {
  readonly type: ColumnUse['type']
}

const symbols: Readonly<Record<Operator, string>> = Object.freeze({
  equals: '=',
  notEquals: '<>',
  lessThan: '<',
  atMost: '<=',
  moreThan: '>',
  atLeast: '>=',
})

/** Both sides of a comparison as an engine needs them. */
interface Sides {
  left(column: Column): readonly Piece[]
  right(column: Column, value: Right): readonly Piece[]
}

function compared(sides: Sides, column: Column, [operator, right]: readonly [string, Right]) {
  return [...sides.left(column), ` ${operator} `, ...sides.right(column, right)]
}

function among(sides: Sides, column: Column, [isIn, rights]: readonly [boolean, readonly Right[]]) {
  const members = rights.map((right) => sides.right(column, right))
  const word = isIn ? ' in (' : ' not in ('
  return [...sides.left(column), word, ...members.flatMap(separated), ')']
}

function separated(pieces: readonly Piece[], at: number): readonly Piece[] {
  return at === 0 ? pieces : [', ', ...pieces]
}

const bare: Sides = { left: (column) => [column], right: (_column, right) => [right] }

/** Default collations of SQLite compare bytes, unless the table says otherwise. */
const sqliteBytes: Sides = {
  left: (column) => (column.type === 'text' ? [column, ' collate binary'] : [column]),
  right: bare.right,
}

const sqlite: Dialect = {
  quote: doubleQuoted,
  placeholder: () => '?',
  isNumbered: false,
  compare: (column, operator, right) => compared(sqliteBytes, column, [symbols[operator], right]),
  member: (column, isIn, rights) => among(sqliteBytes, column, [isIn, rights]),
}

/** Whatever the column's collation and type (uuid, citext, enum): its text, by bytes. */
const postgresBytes: Sides = {
  left: (column) => [column, '::text collate "C"'],
  right: bare.right,
}

/** The column's own collation, by which its index is sorted. */
const postgresText: Sides = { left: (column) => [column, '::text'], right: bare.right }

const postgresNumber: Sides = {
  left: (column) => (column.type === 'boolean' ? [column, '::int'] : [column]),
  right: ({ type }, right) => {
    if (typeof right === 'string') return [right]
    if (type === 'boolean') return [right, '::int']
    return [right, Number.isSafeInteger(right.value) ? '::bigint' : '::float8']
  },
}

const postgres: Dialect = {
  quote: doubleQuoted,
  placeholder: (number) => `$${number}`,
  isNumbered: true,
  compare(column, operator, right) {
    const way = [symbols[operator], right] as const
    if (column.type !== 'text') return compared(postgresNumber, column, way)
    const exact = compared(postgresBytes, column, way)
    return operator === 'equals' ? both(compared(postgresText, column, way), exact) : exact
  },
  member(column, isIn, rights) {
    const way = [isIn, rights] as const
    if (column.type !== 'text') return among(postgresNumber, column, way)
    const exact = among(postgresBytes, column, way)
    return isIn ? both(among(postgresText, column, way), exact) : exact
  },
}

/** Whatever character set and collation the column has. `cast(x as binary)` alone would be the bytes of its own set. */
const mysqlBytes: Sides = {
  left: (column) => ['cast(convert(', column, ' using utf8mb4) as binary)'],
  right: (_column, right) => ['cast(convert(', right, ' using utf8mb4) as binary)'],
}

const mysql: Dialect = {
  quote: (name) => `\`${checked(name).replaceAll('`', '``')}\``,
  placeholder: () => '?',
  isNumbered: false,
  compare(column, operator, right) {
    const way = [symbols[operator], right] as const
    if (column.type !== 'text') return compared(bare, column, way)
    const exact = compared(mysqlBytes, column, way)
    const isIndexed = operator === 'equals' && isAscii(right)
    return isIndexed ? both(compared(bare, column, way), exact) : exact
  },
  member(column, isIn, rights) {
    const way = [isIn, rights] as const
    if (column.type !== 'text') return among(bare, column, way)
    const exact = among(mysqlBytes, column, way)
    return isIn && rights.every(isAscii) ? both(among(bare, column, way), exact) : exact
  },
}

/** How each engine writes a filter. */
export const dialects: Readonly<Record<DialectName, Dialect>> = Object.freeze({
  sqlite,
  postgres,
  mysql,
})

/**
 * Text that is equal by bytes is equal by every collation, so the first comparison takes nothing
 * away; it is there because the engine has an index for it.
 */
function both(indexed: readonly Piece[], exact: readonly Piece[]): readonly Piece[] {
  return ['(', ...indexed, ' and ', ...exact, ')']
}

/** Other characters may have no place in the column's character set: MySQL refuses to compare them. */
function isAscii(right: Right): boolean {
  const text = typeof right === 'string' ? right : String(right.value)
  return /^[ -~]*$/.test(text)
}

function doubleQuoted(name: string): string {
  return `"${checked(name).replaceAll('"', '""')}"`
}

function checked(name: string): string {
  if (name === '' || name.includes('\0'))
    throw new TypeError('A table needs a name, without U+0000')
  return name
}
