/** What a column holds. `instant` is a whole number of epoch milliseconds. */
export type ColumnType = 'text' | 'number' | 'boolean' | 'instant'

/** A value written in a condition. */
export type Scalar = string | number | boolean

/** Who calls: their account, or the organisation that the request names. */
export interface CallerOperand {
  readonly caller: 'userId' | 'organisation'
}

/** A fact about the caller that the app gives with the question; see the option `access.attributes`. */
export interface AttributeOperand {
  readonly attribute: string
}

/** What a column is compared with. */
export type Operand = Scalar | CallerOperand | AttributeOperand

/**
 * One column against one value: exactly one operator. A column that is NULL satisfies none but
 * `isNull: true`, nor does it satisfy the negation of one. Text compares by the bytes of its UTF-8.
 */
export interface Comparison {
  readonly column: string
  readonly equals?: Operand
  readonly notEquals?: Operand
  readonly lessThan?: Operand
  readonly atMost?: Operand
  readonly moreThan?: Operand
  readonly atLeast?: Operand
  readonly in?: readonly Scalar[] | AttributeOperand
  readonly isNull?: boolean
}

/** Every one of them. */
export interface AllOf {
  readonly all: readonly Condition[]
}

/** At least one of them. */
export interface AnyOf {
  readonly any: readonly Condition[]
}

/** Not that one. A column that is NULL satisfies neither a comparison nor its negation. */
export interface NotCondition {
  readonly not: Condition
}

/** The resource's `owner` column holds the caller's account. */
export interface OwnerCondition {
  readonly owner: true
}

/** The resource's `tenant` column holds the organisation that the request names. */
export interface TenantCondition {
  readonly tenant: true
}

/** A day of the week. */
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

/** A time of day in a zone, from `from` on and before `to`; a window over midnight belongs to the day it began. */
export interface TimeWindow {
  /** `HH:MM`. */
  readonly from: string
  readonly to: string
  /** An IANA zone, such as `Europe/Berlin`. */
  readonly zone: string
  readonly days?: readonly Weekday[]
}

/** The moment of the question lies in the window. */
export interface TimeCondition {
  readonly time: TimeWindow
}

/** The caller has proven this level of assurance. */
export interface LevelCondition {
  readonly level: 1 | 2
}

/**
 * When a rule holds, as data: it is written in options or by an administrator, kept in the database,
 * evaluated on an object and compiled to SQL.
 */
export type Condition =
  | AllOf
  | AnyOf
  | NotCondition
  | Comparison
  | OwnerCondition
  | TenantCondition
  | TimeCondition
  | LevelCondition

/** What conditions may read of a resource. */
export interface ResourceShape {
  /** Table or view of the rows; by default the resource's name. */
  readonly table?: string
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly owner?: string
  /** False: no row of it belongs to an organisation. */
  readonly tenant?: string | false
}

/** What the app may tell of a caller. Lists are for `in`. */
export type AttributeType = ColumnType | 'text[]' | 'number[]'

/**
 * Values of attributes for one question. With one that is not given, or null, no comparison is certain:
 * it allows nothing, and a denial that compares with it denies.
 */
export type AttributeValues = Readonly<Record<string, Scalar | readonly Scalar[] | null>>

/** Whose question it is. */
export interface ConditionCaller {
  readonly userId: string
  /** Absent: no rule that compares with it is met, and every denial that does is. */
  readonly organisation?: string
  readonly level: 1 | 2
  readonly attributes?: AttributeValues
}

/** A row as the app has it, an interface of its own included: every column that a condition reads has to be there. */
export type AppObject = object
