import type { ConditionFault } from './compile.ts'
import type { CompareTest, MemberTest, Test } from './compiled.ts'
import { compareText, literalValue, type Plain } from './values.ts'

interface Placed {
  readonly test: Test
  readonly path: string
}

/**
 * Parts that no row can meet together: two different values of one column, a range without a
 * member, NULL beside a comparison, or a part and its negation. Told at the later of the two.
 */
export function contradictions(test: Test): readonly ConditionFault[] {
  return inside({ test, path: '' })
}

function inside({ test, path }: Placed): readonly ConditionFault[] {
  if (test.kind === 'not') return inside({ test: test.part, path: `${path}.not` })
  if (test.kind !== 'all' && test.kind !== 'any') return []
  const parts = partsOf({ test, path })
  const deeper = parts.flatMap(inside)
  return test.kind === 'any' ? deeper : [...deeper, ...together(conjuncts({ test, path }))]
}

function partsOf({ test, path }: Placed): readonly Placed[] {
  if (test.kind !== 'all' && test.kind !== 'any') return []
  return test.parts.map((part, index) => ({ test: part, path: `${path}.${test.kind}[${index}]` }))
}

/** Everything that has to hold at once, through lists in lists. */
function conjuncts(placed: Placed): readonly Placed[] {
  return placed.test.kind === 'all' ? partsOf(placed).flatMap(conjuncts) : [placed]
}

function together(parts: readonly Placed[]): readonly ConditionFault[] {
  const faults: ConditionFault[] = []
  for (const [index, part] of parts.entries()) {
    const earlier = parts.slice(0, index).find((one) => clash(one.test, part.test))
    if (earlier) {
      faults.push({ path: part.path, problem: `contradicts ${earlier.path}: no row meets both` })
    }
  }
  return faults
}

function clash(one: Test, other: Test): boolean {
  if (isNegation(one, other) || isNegation(other, one)) return true
  if (!('column' in one) || !('column' in other)) return false
  if (one.column.name !== other.column.name) return false
  if (one.kind === 'null' || other.kind === 'null') return clashOfNull(one, other)
  return clashOfValues(one, other)
}

function isNegation(one: Test, other: Test): boolean {
  return one.kind === 'not' && JSON.stringify(one.part) === JSON.stringify(other)
}

/** Only NULL meets `isNull: true`, and NULL meets nothing else. */
function clashOfNull(one: Test, other: Test): boolean {
  const wantsNull = (test: Test) => test.kind === 'null' && test.isNull
  return wantsNull(one) !== wantsNull(other)
}

/** What the literals of a comparison leave over: a finite set, or a range. */
interface Reach {
  readonly values?: readonly Plain[]
  readonly low?: Bound
  readonly high?: Bound
  readonly except?: Plain
}

interface Bound {
  readonly value: Plain
  readonly isIn: boolean
}

function clashOfValues(one: CompareTest | MemberTest, other: CompareTest | MemberTest): boolean {
  const [left, right] = [reachOf(one), reachOf(other)]
  if (!left || !right) return false
  if (left.values) return !left.values.some((value) => contains(right, value))
  if (right.values) return !right.values.some((value) => contains(left, value))
  return isEmpty(left.low, right.high) || isEmpty(right.low, left.high)
}

function reachOf(test: CompareTest | MemberTest): Reach | undefined {
  const { source } = test
  if (source.from === 'literals') return { values: source.values.map(literalValue) }
  if (source.from !== 'literal' || test.kind === 'member') return undefined
  const value = literalValue(source.value)
  switch (test.operator) {
    case 'equals':
      return { values: [value] }
    case 'notEquals':
      return { except: value }
    case 'lessThan':
    case 'atMost':
      return { high: { value, isIn: test.operator === 'atMost' } }
    default:
      return { low: { value, isIn: test.operator === 'atLeast' } }
  }
}

function contains({ values, low, high, except }: Reach, value: Plain): boolean {
  if (values) return values.includes(value)
  if (value === except) return false
  const here = { value, isIn: true }
  return !isEmpty(low, here) && !isEmpty(here, high)
}

function isEmpty(low: Bound | undefined, high: Bound | undefined): boolean {
  if (!low || !high) return false
  const order = orderOf(low.value, high.value)
  return order > 0 || (order === 0 && !(low.isIn && high.isIn))
}

function orderOf(one: Plain, other: Plain): number {
  if (typeof one === 'string' && typeof other === 'string') return compareText(one, other)
  return one === other ? 0 : one < other ? -1 : 1
}
