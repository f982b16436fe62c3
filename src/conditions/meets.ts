import type { CompareTest, CompiledCondition, MemberTest, Operator, Test } from './compiled.ts'
import type { AppObject, ConditionCaller } from './condition.ts'
import { isWithin } from './time-window.ts'
import {
  columnValue,
  compareText,
  listValue,
  literalValue,
  type Plain,
  sourceValue,
} from './values.ts'

/** Who asks, and when (epoch milliseconds). */
export interface Question {
  readonly caller: ConditionCaller
  readonly now: number
}

/** Kleene's third value stands where something is NULL. */
export type Truth = boolean | undefined

interface Scene extends Question {
  readonly object: AppObject
  /** What a comparison comes to with a fact about the caller that nobody told. */
  readonly untold: Truth
}

/**
 * Whether a row meets a condition: true only where that is certain, so NULL satisfies neither a
 * comparison nor its negation. Throws `object_invalid` when the row lacks a column that the
 * condition reads or holds another type there, whatever else would decide.
 */
export function meets(
  condition: CompiledCondition,
  object: AppObject,
  question: Question,
): boolean {
  return isCertain(condition, { ...question, object, untold: undefined })
}

/**
 * Whether a denial takes a row away: where its condition is certainly met, and where that hangs on a
 * fact about the caller that nobody told (an attribute, the organisation of a request that names none).
 * A comparison with such a fact counts as met, negated or not, else callers would shake a denial off by
 * leaving the fact out. Throws as `meets` does.
 */
export function forbids(
  condition: CompiledCondition,
  object: AppObject,
  question: Question,
): boolean {
  return isCertain(condition, { ...question, object, untold: true })
}

function isCertain({ columns, test }: CompiledCondition, scene: Scene): boolean {
  for (const column of columns) columnValue(scene.object, column)
  return truthOf(test, scene) === true
}

/** Whether a condition reads a column at all; if not, it holds for every row or for none. */
export function readsRow(condition: CompiledCondition): boolean {
  return condition.columns.length > 0
}

function truthOf(test: Test, scene: Scene): Truth {
  switch (test.kind) {
    case 'all':
      return allOf(test.parts.map((part) => truthOf(part, scene)))
    case 'any':
      return anyOf(test.parts.map((part) => truthOf(part, scene)))
    case 'not':
      return negated(truthOf(test.part, { ...scene, untold: negated(scene.untold) }))
    case 'compare':
      return compared(test, scene)
    case 'member':
      return isMember(test, scene)
    case 'null':
      return (columnValue(scene.object, test.column) === null) === test.isNull
    default:
      return withoutRow(test, scene)
  }
}

/** What needs no row: the moment and the level. */
export function withoutRow(
  test: Extract<Test, { kind: 'time' | 'level' }>,
  { caller, now }: Question,
): boolean {
  return test.kind === 'time' ? isWithin(test.window, now) : caller.level >= test.level
}

/** Kleene's conjunction. */
export function allOf(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false
  return truths.includes(undefined) ? undefined : true
}

/** Kleene's disjunction. */
export function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true
  return truths.includes(undefined) ? undefined : false
}

/** Kleene's negation: what is unknown stays unknown. */
export function negated(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth
}

function compared({ column, operator, source }: CompareTest, scene: Scene): Truth {
  const left = columnValue(scene.object, column)
  const right = sourceValue(source, scene.caller)
  if (right === null) return scene.untold
  if (left === null) return undefined
  return holds[operator](orderOf(left, right))
}

const holds: Readonly<Record<Operator, (order: number) => boolean>> = Object.freeze({
  equals: (order) => order === 0,
  notEquals: (order) => order !== 0,
  lessThan: (order) => order < 0,
  atMost: (order) => order <= 0,
  moreThan: (order) => order > 0,
  atLeast: (order) => order >= 0,
})

function orderOf(left: Plain, right: Plain): number {
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right)
  return left === right ? 0 : left < right ? -1 : 1
}

function isMember({ column, source }: MemberTest, { caller, object, untold }: Scene): Truth {
  const value = columnValue(object, column)
  const values = memberValues(source, caller)
  if (values === null) return untold
  return value === null ? undefined : values.includes(value)
}

/** The values of an `in`; null is NULL. Throws `attribute_invalid`. */
export function memberValues(
  source: MemberTest['source'],
  caller: ConditionCaller,
): readonly Plain[] | null {
  return source.from === 'literals' ? source.values.map(literalValue) : listValue(source, caller)
}
