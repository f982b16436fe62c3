import type {
  ColumnUse,
  CompareTest,
  MemberTest,
  Operator,
  Plain,
  Test,
} from '../conditions/index.ts'

/** What a column is compared with: a value that becomes a parameter, or SQL of ours. */
export type Operand = { readonly value: Plain } | { readonly sql: string }

/**
 * A condition without negations, true where it is certainly met. NULL needs no care any more: whether
 * a comparison is false or unknown makes no difference to one that is not negated.
 */
export type Formula =
  | boolean
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Formula[] }
  | {
      readonly kind: 'compare'
      readonly column: ColumnUse
      readonly operator: Operator
      readonly operand: Operand
    }
  | {
      readonly kind: 'member'
      readonly column: ColumnUse
      readonly isIn: boolean
      readonly operands: readonly Operand[]
    }
  | { readonly kind: 'null'; readonly column: ColumnUse; readonly isNull: boolean }
  | { readonly kind: 'sql'; readonly sql: (column: string) => string; readonly column?: ColumnUse }

/** Says what the parts of a test are that depend on the caller and the moment. */
export interface Resolver {
  /** What a comparison comes to, negated or not, with a fact about the caller that nobody told. */
  readonly untold: boolean
  /** Absent: nobody told it. SQL that is NULL says the same. */
  operand(test: CompareTest): Operand | undefined
  /** The members of an `in` that is met (`isIn`) or not. */
  member(test: MemberTest, isIn: boolean): Formula
  /** Whether the moment or the level is `wanted`. */
  withoutRow(test: Extract<Test, { kind: 'time' | 'level' }>, wanted: boolean): Formula
}

const opposite: Readonly<Record<Operator, Operator>> = Object.freeze({
  equals: 'notEquals',
  notEquals: 'equals',
  lessThan: 'atLeast',
  atMost: 'moreThan',
  moreThan: 'atMost',
  atLeast: 'lessThan',
})

/**
 * The formula that is true where `test` is certainly `wanted`. Negations are driven down to the
 * comparisons (De Morgan holds in Kleene's logic), where each has an opposite that NULL does not
 * meet either.
 */
export function formulaOf(test: Test, resolver: Resolver, wanted = true): Formula {
  switch (test.kind) {
    case 'all':
    case 'any': {
      const parts = test.parts.map((part) => formulaOf(part, resolver, wanted))
      return (test.kind === 'all') === wanted ? allOf(parts) : anyOf(parts)
    }
    case 'not':
      return formulaOf(test.part, resolver, !wanted)
    case 'compare':
      return comparison(test, resolver, wanted)
    case 'member':
      return resolver.member(test, wanted)
    case 'null':
      return { kind: 'null', column: test.column, isNull: test.isNull === wanted }
    default:
      return resolver.withoutRow(test, wanted)
  }
}

function comparison(
  test: CompareTest,
  { operand: operandOf, untold }: Resolver,
  wanted: boolean,
): Formula {
  const operand = operandOf(test)
  if (operand === undefined) return untold
  const operator = wanted ? test.operator : opposite[test.operator]
  const compared: Formula = { kind: 'compare', column: test.column, operator, operand }
  return 'sql' in operand && untold ? anyOf([isUntold(operand.sql), compared]) : compared
}

/** Whether SQL that stands for a fact about the caller is NULL. */
export function isUntold(sql: string): Formula {
  return { kind: 'sql', sql: () => `${sql} is null` }
}

/** A column among values, or certainly not among them; NULL is neither. */
export function memberOf(column: ColumnUse, operands: readonly Operand[], isIn: boolean): Formula {
  if (operands.length > 0) return { kind: 'member', column, isIn, operands }
  return isIn ? false : { kind: 'null', column, isNull: false }
}

/** Every one of them; no part is left that says nothing. */
export function allOf(parts: readonly Formula[]): Formula {
  if (parts.includes(false)) return false
  const rest = parts.filter((part) => part !== true)
  return rest.length === 1 && rest[0] !== undefined
    ? rest[0]
    : rest.length === 0 || { kind: 'all', parts: rest }
}

/** At least one of them; none at all is false. */
export function anyOf(parts: readonly Formula[]): Formula {
  if (parts.includes(true)) return true
  const rest = parts.filter((part) => part !== false)
  if (rest.length === 1 && rest[0] !== undefined) return rest[0]
  return rest.length === 0 ? false : { kind: 'any', parts: rest }
}
