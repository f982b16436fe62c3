import { didYouMean } from '../config/index.ts'
import { invalidSchema } from './errors.ts'
import { timeOf } from './formats.ts'
import { type LinearPattern, linearPattern } from './pattern.ts'
import { PatternFault } from './pattern-reader.ts'
import { defaults, MatchingWork, readRules } from './rule-reader.ts'
import type { Rule, RuleSet, RuleSetOutput } from './rule-types.ts'
import type { Shape } from './shape.ts'
import type { StandardIssue, StandardSchema } from './standard-schema.ts'

/** A schema made of plain rules. Any library that takes a Standard Schema takes it as well. */
export interface Rules<S extends RuleSet> extends StandardSchema<unknown, RuleSetOutput<S>> {
  /** The same for values that come as texts: a query, parameters, headers, a form. `validate` chooses. */
  readonly ofTexts: StandardSchema<unknown, RuleSetOutput<S>>
  readonly shape: Shape
}

/**
 * A schema from plain rules: `rules({ email: { type: 'email', required: true, max: 200 } })`. A field that
 * no rule names is refused; a text is neither trimmed nor changed in any other way. Throws
 * `schema_invalid` for a rule that is none, and for a pattern that some text would make slow. What all
 * patterns cost for one value is bounded: a longer list of texts than that is an issue `too_big`.
 */
export function rules<const S extends RuleSet>(set: S): Rules<S> {
  const patterns = new Map<Rule, LinearPattern>()
  checkSet(set, '', patterns)
  const standard = (texts: boolean): StandardSchema<unknown, RuleSetOutput<S>>['~standard'] => ({
    version: 1,
    vendor: 'holdfast',
    validate(value) {
      const issues: StandardIssue[] = []
      const matching = new MatchingWork()
      const read = readRules(set, value, { texts, patterns, matching, issues })
      return issues.length > 0 ? { issues } : { value: read as RuleSetOutput<S> }
    },
  })
  return Object.freeze({
    '~standard': standard(false),
    ofTexts: Object.freeze({ '~standard': standard(true) }),
    shape: shapeOfSet(set),
  })
}

/** What each type of rule may say, beside its type. */
const words: Readonly<Record<Rule['type'], readonly string[]>> = {
  string: ['required', 'nullable', 'min', 'max', 'pattern'],
  email: ['required', 'nullable', 'min', 'max'],
  url: ['required', 'nullable', 'min', 'max'],
  uuid: ['required', 'nullable', 'min', 'max'],
  number: ['required', 'nullable', 'min', 'max'],
  integer: ['required', 'nullable', 'min', 'max'],
  boolean: ['required', 'nullable'],
  date: ['required', 'nullable', 'min', 'max'],
  enum: ['required', 'nullable', 'values'],
  array: ['required', 'nullable', 'min', 'max', 'items'],
  object: ['required', 'nullable', 'fields'],
}

type Patterns = Map<Rule, LinearPattern>

function checkSet(set: unknown, place: string, patterns: Patterns): void {
  if (typeof set !== 'object' || set === null || Array.isArray(set)) {
    throw invalidSchema(`rules(...)${place} is an object of rules by field`)
  }
  for (const [name, rule] of Object.entries(set)) checkRule(rule, `${place}.${name}`, patterns)
}

function checkRule(rule: unknown, place: string, patterns: Patterns): void {
  const { type, ...said } = (typeof rule === 'object' && rule !== null ? rule : {}) as Partial<Rule>
  if (type === undefined || !Object.hasOwn(words, type)) {
    const near = didYouMean(String(type), Object.keys(words))
    throw invalidSchema(
      `rules(...)${place} has no known type.${near} There are ${Object.keys(words).join(', ')}`,
    )
  }
  for (const word of Object.keys(said)) {
    if (words[type].includes(word)) continue
    const near = didYouMean(word, words[type])
    throw invalidSchema(`rules(...)${place}: a rule of type ${type} has no ${word}.${near}`)
  }
  checkBounds(rule as Rule, place)
  checkParts(rule as Rule, place, patterns)
}

function checkBounds(rule: Rule, place: string): void {
  const { max, min } = rule as { min?: unknown; max?: unknown }
  for (const bound of [min, max]) {
    const isFit =
      rule.type === 'date' ? timeOf(String(bound)) !== undefined : Number.isFinite(bound)
    if (bound !== undefined && !isFit)
      throw invalidSchema(`rules(...)${place}: min and max do not fit its type`)
  }
  const crossed = typeof min === 'number' && typeof max === 'number' && min > max
  if (crossed) throw invalidSchema(`rules(...)${place}: min is larger than max`)
}

function checkParts(rule: Rule, place: string, patterns: Patterns): void {
  if (rule.type === 'object') checkSet(rule.fields, place, patterns)
  if (rule.type === 'array') checkRule(rule.items, `${place}[]`, patterns)
  if (rule.type === 'enum') {
    const isList = Array.isArray(rule.values) && rule.values.every((one) => typeof one === 'string')
    if (!isList) throw invalidSchema(`rules(...)${place}: values is a list of texts`)
  }
  if (rule.type !== 'string' || rule.pattern === undefined) return
  try {
    patterns.set(rule, linearPattern(rule.pattern, rule.max ?? defaults.text))
  } catch (error) {
    const why = error instanceof PatternFault ? error.message : 'it is no regular expression'
    throw invalidSchema(
      `rules(...)${place}: the pattern cannot be matched in linear time: ${why}. Write it without, or check the text in the handler`,
    )
  }
}

function shapeOfSet(set: RuleSet): Shape {
  const keys = new Map(Object.entries(set).map(([name, rule]) => [name, shapeOfRule(rule)]))
  return { keys, open: false }
}

function shapeOfRule(rule: Rule): Shape {
  if (rule.type === 'object') return shapeOfSet(rule.fields)
  const { max } = rule as { max?: number | string }
  if (rule.type === 'array') {
    return {
      items: shapeOfRule(rule.items),
      ...(rule.max === undefined ? {} : { maxItems: rule.max }),
    }
  }
  if (typeof max !== 'number') return {}
  return rule.type === 'number' || rule.type === 'integer' ? { maximum: max } : { maxLength: max }
}
