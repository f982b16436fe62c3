import type { Generated } from 'kysely'

/** What a column can hold, alike on all engines. */
export type ColumnKind =
  | 'id'
  | 'text'
  | 'time'
  | 'integer'
  | 'boolean'
  | 'json'
  | 'longText'
  | 'bytes'

/** The facts of a column that its DDL is made of. */
export interface ColumnFacts {
  readonly kind: ColumnKind
  /** Longest value: characters of text, or bytes. */
  readonly length?: number
  readonly nullable: boolean
  readonly fallback?: string | number
}

/** A column under construction. `T` is the type of the column in the row that kysely sees. */
export class Column<T> {
  readonly facts: ColumnFacts
  /** Carries the type only. */
  declare readonly rowType: T

  constructor(facts: ColumnFacts) {
    this.facts = facts
  }

  /** The column may hold NULL. */
  nullable(): Column<T | null> {
    return new Column({ ...this.facts, nullable: true })
  }

  /** The value of rows that do not say. Only for text, numbers, times and booleans. */
  default(fallback: T & (string | number)): Column<Generated<T>> {
    if (['json', 'longText', 'bytes'].includes(this.facts.kind)) {
      throw new Error('MySQL knows no default for long columns: write the value with the row')
    }
    if (typeof fallback === 'string' && !/^[\w .:-]*$/.test(fallback)) {
      throw new Error('A default of text is letters, digits, space, dot, colon, dash, underscore')
    }
    return new Column({ ...this.facts, fallback })
  }
}

function column<T>(kind: ColumnKind, length?: number): Column<T> {
  if (length !== undefined && (!Number.isInteger(length) || length < 1 || length > 4_000)) {
    throw new Error('The length of a column is 1 to 4000; longer values are longText')
  }
  return new Column(
    length === undefined ? { kind, nullable: false } : { kind, length, nullable: false },
  )
}

/**
 * The columns a table is made of. Text compares by bytes on every engine: `A` is not `a`, `a ` is
 * not `a`, and an emoji equals itself alone.
 */
export const c = Object.freeze({
  /** A UUID in lower-case text, 36 characters. */
  id: () => column<string>('id', 36),
  /** Text of at most `length` characters; keep what stands in a key within 255. */
  text: (length: number) => column<string>('text', length),
  /** An instant, epoch milliseconds. */
  time: () => column<number>('time'),
  /** A whole number within 2^53. */
  integer: () => column<number>('integer'),
  /** 0 or 1. */
  boolean: () => column<number>('boolean'),
  /** JSON as text; write it with `json.encode`, read it with `json.decode`. */
  json: () => column<string>('json'),
  /** Text of any length; never in a key. */
  longText: () => column<string>('longText'),
  /** Bytes; with a `length` they may stand in a key. */
  bytes: (length?: number) => column<Uint8Array>('bytes', length),
})
