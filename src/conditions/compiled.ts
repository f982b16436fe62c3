import type { AttributeType, ColumnType, Condition, Scalar } from './condition.ts'
import type { CompiledWindow } from './time-window.ts'

/** A column that a condition reads, by the name it has in the database. */
export interface ColumnUse {
  readonly name: string
  readonly type: ColumnType
}

/** Where the value comes from that a column is compared with. */
export type Source =
  | { readonly from: 'literal'; readonly value: Scalar }
  | { readonly from: 'caller'; readonly of: 'userId' | 'organisation' }
  | { readonly from: 'attribute'; readonly name: string; readonly type: AttributeType }

/** How two values are compared. */
export type Operator = 'equals' | 'notEquals' | 'lessThan' | 'atMost' | 'moreThan' | 'atLeast'

/** One column against one value. */
export interface CompareTest {
  readonly kind: 'compare'
  readonly column: ColumnUse
  readonly operator: Operator
  readonly source: Source
}

/** One column among several values. */
export interface MemberTest {
  readonly kind: 'member'
  readonly column: ColumnUse
  readonly source:
    | { readonly from: 'literals'; readonly values: readonly Scalar[] }
    | { readonly from: 'attribute'; readonly name: string; readonly type: AttributeType }
}

/** What a condition says once it is checked: owner and tenant are comparisons, as all others. */
export type Test =
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Test[] }
  | { readonly kind: 'not'; readonly part: Test }
  | CompareTest
  | MemberTest
  | { readonly kind: 'null'; readonly column: ColumnUse; readonly isNull: boolean }
  | { readonly kind: 'time'; readonly window: CompiledWindow }
  | { readonly kind: 'level'; readonly level: 1 | 2 }

/** A condition that was checked against its resource. Only `compileCondition` makes one. */
export interface CompiledCondition {
  /** As it was written: frozen plain data, for explanations and for keeping. */
  readonly source: Condition
  /** @internal what the rows room makes SQL of */
  readonly test: Test
  /**
   * Every column it reads, once each.
   * @internal for the same
   */
  readonly columns: readonly ColumnUse[]
}
