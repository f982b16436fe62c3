import { type Expression, type SqlBool, sql } from 'kysely'
import type { Plain } from '../conditions/index.ts'
import type { Column, Dialect, Right } from './dialects.ts'
import type { Formula, Operand } from './formula.ts'
import type { Piece } from './pieces.ts'

/** Where a formula's columns stand: the name of the table in the query, or nothing. */
export type Place = readonly string[]

/** A formula as a statement in parts. */
export function piecesOf(formula: Formula, dialect: Dialect, place: Place): readonly Piece[] {
  if (formula === true) return ['(1 = 1)']
  if (formula === false) return ['(1 = 0)']
  if ('parts' in formula) {
    const word = formula.kind === 'all' ? ' and ' : ' or '
    const parts = formula.parts.map((part) => piecesOf(part, dialect, place))
    return ['(', ...parts.flatMap((part, at) => (at === 0 ? part : [word, ...part])), ')']
  }
  if (formula.kind === 'sql') {
    const { column } = formula
    return ['(', formula.sql(column ? dialect.quote(column.name) : ''), ')']
  }
  const { type, name } = formula.column
  const column: Column = { name: [...place, name], type }
  if (formula.kind === 'null') return [column, formula.isNull ? ' is null' : ' is not null']
  if (formula.kind === 'compare') {
    return dialect.compare(column, formula.operator, rightOf(formula.operand))
  }
  return dialect.member(column, formula.isIn, formula.operands.map(rightOf))
}

function rightOf(operand: Operand): Right {
  return 'sql' in operand ? operand.sql : operand
}

/** Text with placeholders, and the values in their order. */
export function toText(
  pieces: readonly Piece[],
  dialect: Dialect,
  firstParameter = 1,
): { text: string; parameters: readonly Plain[] } {
  const parameters: Plain[] = []
  const numbers = new Map<Piece, number>()
  const placeholder = (piece: Piece, value: Plain): string => {
    const known = dialect.isNumbered ? numbers.get(piece) : undefined
    const number = known ?? firstParameter + parameters.push(value) - 1
    numbers.set(piece, number)
    return dialect.placeholder(number)
  }
  const text = pieces.map((piece) => {
    if (typeof piece === 'string') return piece
    return 'value' in piece
      ? placeholder(piece, piece.value)
      : piece.name.map(dialect.quote).join('.')
  })
  return { text: text.join(''), parameters: Object.freeze(parameters) }
}

/** For the app's own Kysely, which quotes and numbers itself. */
export function toExpression(pieces: readonly Piece[]): Expression<SqlBool> {
  const parts = pieces.map((piece) => {
    // holdfast-ignore-sql: the text of a compiled condition holds names that were quoted, its values stand apart
    if (typeof piece === 'string') return sql.raw(piece)
    return 'value' in piece ? sql`${piece.value}` : sql.id(...piece.name)
  })
  return sql<SqlBool>`${sql.join(parts, sql.raw(''))}`
}
