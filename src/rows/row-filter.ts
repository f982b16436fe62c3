import {
  type AppObject,
  type CompareTest,
  type CompiledCondition,
  type ConditionCaller,
  forbids,
  type MemberTest,
  meets,
  memberValues,
  type Question,
  sourceValue,
  withoutRow,
} from '../conditions/index.ts'
import type { DialectName } from '../database/index.ts'
import type { RowFilter, SqlFilterOptions } from '../http/index.ts'
import { dialects } from './dialects.ts'
import { anyOf, type Formula, formulaOf, memberOf, type Resolver } from './formula.ts'
import type { Piece } from './pieces.ts'
import { piecesOf, toExpression, toText } from './render.ts'

/** Rules about rows: every row, or those that meet at least one condition. */
export type RowRules = true | readonly CompiledCondition[]

/** Whose rows, by which rules. */
export interface RowQuestion {
  readonly allow: RowRules
  readonly deny: RowRules
  /** `name` or `schema.name`, as the option declares it. */
  readonly table: string
  readonly caller: ConditionCaller
  /** Epoch milliseconds. */
  readonly now: number
  /** The engine of Holdfast's own database, for which `kysely()` writes unless it is told another. */
  readonly dialect: DialectName
}

/**
 * The rows that some allowance certainly reaches and no denial does; see `forbids`. The caller, the
 * moment and the level are folded in now; values are parameters on every way out. Throws
 * `attribute_invalid`.
 */
export function rowFilter(question: RowQuestion): RowFilter {
  const formulas = {
    allow: fold(question.allow, resolverOf(question, false)),
    deny: fold(question.deny, resolverOf(question, true)),
  }
  const reach = reachOf(formulas, question)
  const pieces = (dialect: DialectName, alias?: string) =>
    filterPieces(formulas, {
      dialect,
      place: alias === undefined ? question.table.split('.') : [alias],
    })
  return Object.freeze({
    reach,
    kysely: (alias?: string, dialect = question.dialect) => toExpression(pieces(dialect, alias)),
    sql: ({ dialect, alias, firstParameter }: SqlFilterOptions) =>
      toText(pieces(dialect, alias), dialects[dialect], firstParameter),
    check: (row: AppObject) =>
      anyRule(question.allow, (rule) => meets(rule, row, question)) &&
      !anyRule(question.deny, (rule) => forbids(rule, row, question)),
  })
}

interface Formulas {
  readonly allow: Formula
  readonly deny: Formula
}

/**
 * Somebody of whom the app tells that they work on no project still holds the permission for some rows,
 * and is shown an empty list. An attribute that is not told at all reaches none.
 */
function reachOf({ allow, deny }: Formulas, question: RowQuestion): RowFilter['reach'] {
  if (deny === true) return 'none'
  if (allow === true) return deny === false ? 'all' : 'some'
  if (allow !== false) return 'some'
  return fold(question.allow, asIfMet(question)) === false ? 'none' : 'some'
}

/** As if each attribute that was told had a value that some row has. */
function asIfMet(question: Question): Resolver {
  const resolver = resolverOf(question, false)
  const told = question.caller.attributes ?? {}
  const isTold = (source: CompareTest['source'] | MemberTest['source']) =>
    source.from === 'attribute' && Object.hasOwn(told, source.name)
  return {
    ...resolver,
    operand: (test) => (isTold(test.source) ? { value: '' } : resolver.operand(test)),
    member: (test, isIn) =>
      isTold(test.source)
        ? memberOf(test.column, [{ value: '' }], isIn)
        : resolver.member(test, isIn),
  }
}

function filterPieces(
  formulas: Formulas,
  { dialect, place }: { readonly dialect: DialectName; readonly place: readonly string[] },
): readonly Piece[] {
  if (formulas.allow === false || formulas.deny === true) return ['(1 = 0)']
  if (formulas.allow === true && formulas.deny === false) return ['(1 = 1)']
  const allow = piecesOf(formulas.allow, dialects[dialect], place)
  if (formulas.deny === false) return ['(', ...allow, ')']
  const deny = piecesOf(formulas.deny, dialects[dialect], place)
  return ['(', ...allow, ' and (', ...deny, ') is not true)']
}

function fold(rules: RowRules, resolver: Resolver): Formula {
  if (rules === true) return true
  return anyOf(rules.map(({ test }) => formulaOf(test, resolver)))
}

/**
 * Everything but the row is known: values become parameters, the rest becomes true or false. `untold`
 * is true for denials, which a fact that is left out must not lift.
 */
function resolverOf(question: Question, untold: boolean): Resolver {
  const { caller } = question
  return {
    untold,
    operand: ({ source }) => {
      const value = sourceValue(source, caller)
      return value === null ? undefined : { value }
    },
    member: ({ column, source }: MemberTest, isIn) => {
      const values = memberValues(source, caller)
      if (values === null) return untold
      return memberOf(
        column,
        values.map((value) => ({ value })),
        isIn,
      )
    },
    withoutRow: (test, wanted) => withoutRow(test, question) === wanted,
  }
}

function anyRule(rules: RowRules, holds: (rule: CompiledCondition) => boolean): boolean {
  return rules === true || rules.some(holds)
}
