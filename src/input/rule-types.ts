/** What every rule may say. */
interface Common {
  /** Whether the field has to be there; otherwise it may be left out. */
  readonly required?: boolean
  /** Whether `null` is taken. */
  readonly nullable?: boolean
}

interface TextBounds extends Common {
  /** Fewest characters, counted in UTF-16 units. */
  readonly min?: number
  /** Most characters, default 10,000. */
  readonly max?: number
}

/** A text, kept exactly as it was sent. */
export interface StringRule extends TextBounds {
  readonly type: 'string'
  /** What the text has to match, in linear time: no look-around and no back-references. */
  readonly pattern?: RegExp
}

/** A text of a known form: one address, an http(s) URL, a UUID. */
export interface FormattedRule extends TextBounds {
  readonly type: 'email' | 'url' | 'uuid'
}

/** A number; `integer` takes whole ones up to 2^53 - 1. In a query, parameter, header or form it is written out. */
export interface NumberRule extends Common {
  readonly type: 'number' | 'integer'
  readonly min?: number
  readonly max?: number
}

/** True or false; in a query, parameter, header or form the words `true` and `false`. */
export interface BooleanRule extends Common {
  readonly type: 'boolean'
}

/** A day, `2026-11-22`, or an instant, `2026-11-22T07:30:00Z` (RFC 3339); it stays a text. */
export interface DateRule extends Common {
  readonly type: 'date'
  /** The earliest, in the same form. */
  readonly min?: string
  /** The latest. */
  readonly max?: string
}

/** One of some texts. */
export interface EnumRule extends Common {
  readonly type: 'enum'
  readonly values: readonly string[]
}

/** A list. */
export interface ArrayRule extends Common {
  readonly type: 'array'
  readonly items: Rule
  readonly min?: number
  /** Most entries, default 1,000. */
  readonly max?: number
}

/** An object with these fields and no others. */
export interface ObjectRule extends Common {
  readonly type: 'object'
  readonly fields: RuleSet
}

/** What one field has to be. */
export type Rule =
  | StringRule
  | FormattedRule
  | NumberRule
  | BooleanRule
  | DateRule
  | EnumRule
  | ArrayRule
  | ObjectRule

/** Rules by field. */
export type RuleSet = Readonly<Record<string, Rule>>

type Plain<R extends Rule> = R extends EnumRule
  ? R['values'][number]
  : R extends NumberRule
    ? number
    : R extends BooleanRule
      ? boolean
      : R extends ArrayRule
        ? RuleOutput<R['items']>[]
        : R extends ObjectRule
          ? RuleSetOutput<R['fields']>
          : string

/** The type of a value that keeps a rule. */
export type RuleOutput<R extends Rule> = Plain<R> | (R extends { nullable: true } ? null : never)

type Needed<S extends RuleSet> = {
  [K in keyof S]: S[K] extends { required: true } ? K : never
}[keyof S]

type Flat<T> = { [K in keyof T]: T[K] }

/** The type of an object that keeps its rules. */
export type RuleSetOutput<S extends RuleSet> = Flat<
  {
    [K in Needed<S>]: RuleOutput<S[K]>
  } & { [K in Exclude<keyof S, Needed<S>>]?: RuleOutput<S[K]> }
>
