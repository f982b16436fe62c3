/** What every rule may say. */
export interface CommonRule {
  /** Whether the field has to be there; otherwise it may be left out. */
  readonly required?: boolean
  /** Whether `null` is taken. */
  readonly nullable?: boolean
}

/** What every rule of a text may say. */
export interface TextRule extends CommonRule {
  /** Fewest characters, counted in UTF-16 units. */
  readonly min?: number
  /** Most characters, default 10,000. */
  readonly max?: number
}

/** A text, kept exactly as it was sent. */
export interface StringRule extends TextRule {
  readonly type: 'string'
  /** What the text has to match, in linear time: no look-around, no back-references, and a large one only with a `max`. */
  readonly pattern?: RegExp
}

/** A text of a known form: one address, an http(s) URL, a UUID. */
export interface FormattedRule extends TextRule {
  readonly type: 'email' | 'url' | 'uuid'
}

/** A number; `integer` takes whole ones up to 2^53 - 1. In a query, parameter, header or form it is written out. */
export interface NumberRule extends CommonRule {
  readonly type: 'number' | 'integer'
  readonly min?: number
  readonly max?: number
}

/** True or false; in a query, parameter, header or form the words `true` and `false`. */
export interface BooleanRule extends CommonRule {
  readonly type: 'boolean'
}

/** A day, `2026-11-22`, or an instant, `2026-11-22T07:30:00Z` (RFC 3339); it stays a text. */
export interface DateRule extends CommonRule {
  readonly type: 'date'
  /** The earliest, in the same form. */
  readonly min?: string
  /** The latest. */
  readonly max?: string
}

/** One of some texts. */
export interface EnumRule extends CommonRule {
  readonly type: 'enum'
  readonly values: readonly string[]
}

/** A list. */
export interface ArrayRule extends CommonRule {
  readonly type: 'array'
  readonly items: Rule
  readonly min?: number
  /** Most entries, default 1,000. */
  readonly max?: number
}

/** An object with these fields and no others. */
export interface ObjectRule extends CommonRule {
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

/** The type of a value that keeps a rule and is not null. */
export type RuleValue<R extends Rule> = R extends EnumRule
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
export type RuleOutput<R extends Rule> =
  | RuleValue<R>
  | (R extends { nullable: true } ? null : never)

/** Fields of a set that have to be there. */
export type RequiredField<S extends RuleSet> = {
  [K in keyof S]: S[K] extends { required: true } ? K : never
}[keyof S]

/** The same object type, shown as one. */
export type Flattened<T> = { [K in keyof T]: T[K] }

/** The type of an object that keeps its rules. */
export type RuleSetOutput<S extends RuleSet> = Flattened<
  {
    [K in RequiredField<S>]: RuleOutput<S[K]>
  } & { [K in Exclude<keyof S, RequiredField<S>>]?: RuleOutput<S[K]> }
>
