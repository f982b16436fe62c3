import { isEmail, isUrl, isUuid, timeOf } from './formats.ts'
import { type LinearPattern, mostWork } from './pattern.ts'
import type {
  ArrayRule,
  DateRule,
  EnumRule,
  FormattedRule,
  NumberRule,
  ObjectRule,
  Rule,
  RuleSet,
  StringRule,
} from './rule-types.ts'
import type { StandardIssue } from './standard-schema.ts'

/** What reading is done with. */
export interface RuleReading {
  /** Values come as texts: numbers and truth values are written out. */
  readonly texts: boolean
  readonly patterns: ReadonlyMap<Rule, LinearPattern>
  readonly matching: MatchingWork
  readonly issues: StandardIssue[]
}

/** What the patterns of all texts of one reading may cost together: a list has a pattern for each entry. */
export class MatchingWork {
  #left = mostWork

  /** Whether the text fits; undefined where that costs more than is left. */
  fits(pattern: LinearPattern, text: string): boolean | undefined {
    if (this.#left <= 0) return undefined
    const { found, steps } = pattern.measure(text, this.#left)
    this.#left -= steps
    return found
  }
}

/** Most issues that are listed. */
const mostIssues = 100

/** Bounds of what a rule does not bound itself. */
export const defaults = { text: 10_000, list: 1_000 } as const

type Path = readonly (string | number)[]

/** An object by its rules; issues are added to the reading. What was sent is never changed. */
export function readRules(
  rules: RuleSet,
  value: unknown,
  reading: RuleReading,
  path: Path = [],
): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail(reading, path, 'invalid_type', 'This has to be an object.')
  }
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(rules, key)) {
      fail(reading, [...path, key], 'unknown_field', 'This field is not known here.')
    }
  }
  const given = value as Readonly<Record<string, unknown>>
  const entries = Object.entries(rules).flatMap(([name, rule]) => {
    const sent = Object.hasOwn(given, name) ? given[name] : undefined
    const place = [...path, name]
    if (sent !== undefined) return [[name, readRule(rule, sent, reading, place)]]
    if (rule.required) fail(reading, place, 'required', 'This is needed and was not sent.')
    return []
  })
  return Object.fromEntries(entries)
}

function readRule(rule: Rule, value: unknown, reading: RuleReading, path: Path): unknown {
  if (value === null && rule.nullable === true) return null
  if (rule.type === 'object') return readRules((rule as ObjectRule).fields, value, reading, path)
  if (rule.type === 'array') return readArray(rule, value, reading, path)
  if (rule.type === 'boolean') return readBoolean(value, reading, path)
  if (isNumberRule(rule)) return readNumber(rule, value, reading, path)
  return readText(rule, value, reading, path)
}

function isNumberRule(rule: Rule): rule is NumberRule {
  return rule.type === 'number' || rule.type === 'integer'
}

function readArray(rule: ArrayRule, value: unknown, reading: RuleReading, path: Path): unknown {
  if (!Array.isArray(value)) return fail(reading, path, 'invalid_type', 'This has to be a list.')
  const { items, max = defaults.list, min = 0 } = rule
  if (value.length < min) {
    const text = min === 1 ? 'This is empty.' : `This is too short: at least ${min} entries.`
    return fail(reading, path, 'too_small', text)
  }
  if (value.length > max) {
    return fail(reading, path, 'too_big', `This is too long: at most ${max} entries.`)
  }
  return value.map((item, at) => readRule(items, item, reading, [...path, at]))
}

function readBoolean(value: unknown, reading: RuleReading, path: Path): unknown {
  if (typeof value === 'boolean') return value
  if (reading.texts && (value === 'true' || value === 'false')) return value === 'true'
  return fail(reading, path, 'invalid_type', 'This has to be true or false.')
}

function readNumber(rule: NumberRule, value: unknown, reading: RuleReading, path: Path): unknown {
  const number = reading.texts && typeof value === 'string' ? numberOf(value) : value
  const whole = rule.type === 'integer'
  const kind = whole ? 'a whole number' : 'a number'
  const isNumber = whole ? Number.isSafeInteger(number) : Number.isFinite(number)
  if (!isNumber) return fail(reading, path, 'invalid_type', `This has to be ${kind}.`)
  const { max = Number.POSITIVE_INFINITY, min = Number.NEGATIVE_INFINITY } = rule
  if (Number(number) < min) {
    return fail(reading, path, 'too_small', `This has to be at least ${min}.`)
  }
  if (Number(number) > max) return fail(reading, path, 'too_big', `This has to be at most ${max}.`)
  return number
}

/** A number as people write it: no blanks, no hexadecimal, no exponent, no leading zeros. */
function numberOf(text: string): number | undefined {
  return text.length <= 32 && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? Number(text) : undefined
}

type TextRule = StringRule | FormattedRule | EnumRule | DateRule

function readText(rule: TextRule, value: unknown, reading: RuleReading, path: Path): unknown {
  if (typeof value !== 'string')
    return fail(reading, path, 'invalid_type', 'This has to be a text.')
  if (rule.type === 'enum') {
    if (rule.values.includes(value)) return value
    const known = rule.values.map((one) => JSON.stringify(one)).join(', ')
    return fail(reading, path, 'invalid_value', `This has to be one of ${known}.`.slice(0, 200))
  }
  if (rule.type === 'date') return readDate(rule, value, reading, path)
  const { max = defaults.text, min = 0 } = rule
  if (value.length < min) {
    const text = min === 1 ? 'This is empty.' : `This is too short: at least ${min} characters.`
    return fail(reading, path, 'too_small', text)
  }
  if (value.length > max) {
    return fail(reading, path, 'too_big', `This is too long: at most ${max} characters.`)
  }
  if (rule.type === 'string') return readPattern(rule, value, reading, path)
  return hasFormat(rule.type, value)
    ? value
    : fail(reading, path, 'invalid_format', formatText[rule.type])
}

function readPattern(rule: StringRule, value: string, reading: RuleReading, path: Path): unknown {
  const pattern = reading.patterns.get(rule)
  const fits = pattern ? reading.matching.fits(pattern, value) : true
  if (fits) return value
  if (fits === false) return fail(reading, path, 'invalid_format', formatText.string)
  return fail(reading, path, 'too_big', 'All that was sent is more than can be looked through.')
}

const formatText = {
  string: 'This is not of the form that is expected here.',
  email: 'This has to be one e-mail address.',
  url: 'This has to be an address that begins with https:// or http://.',
  uuid: 'This has to be a UUID.',
} as const

function hasFormat(type: 'email' | 'url' | 'uuid', text: string): boolean {
  return { email: isEmail, url: isUrl, uuid: isUuid }[type](text)
}

function readDate(rule: DateRule, value: string, reading: RuleReading, path: Path): unknown {
  const time = timeOf(value)
  const form = 'This has to be a day, 2026-11-22, or an instant, 2026-11-22T07:30:00Z.'
  if (time === undefined) return fail(reading, path, 'invalid_format', form)
  const [min, max] = [rule.min, rule.max].map((bound) => bound && timeOf(bound))
  if (typeof min === 'number' && time < min) {
    return fail(reading, path, 'too_small', `This has to be ${rule.min} or later.`)
  }
  if (typeof max === 'number' && time > max) {
    return fail(reading, path, 'too_big', `This has to be ${rule.max} or earlier.`)
  }
  return value
}

function fail(reading: RuleReading, path: Path, code: string, message: string): undefined {
  const issue = { path, code, message }
  if (reading.issues.length < mostIssues) reading.issues.push(issue)
  return undefined
}
