import { decode, unarmoured, unquoted } from './decode.ts'
import type { Field } from './fields.ts'
import type { AttackClass, DetectionRule, FieldKind } from './rule.ts'
import { codeRules, headerRules, logRules, prototypeRules, templateRules } from './rules-code.ts'
import { commandRules } from './rules-command.ts'
import { fetchRules, traversalRules } from './rules-files.ts'
import { nosqlRules, sqlRules } from './rules-sql.ts'
import { windowsRules } from './rules-windows.ts'
import { xssRules } from './rules-xss.ts'
import { Scanner } from './scan.ts'

/** Every rule, in the order of its class. */
export const detectionRules: readonly DetectionRule[] = Object.freeze([
  ...sqlRules,
  ...nosqlRules,
  ...xssRules,
  ...traversalRules,
  ...commandRules,
  ...windowsRules,
  ...codeRules,
  ...templateRules,
  ...prototypeRules,
  ...headerRules,
  ...logRules,
  ...fetchRules,
])

/** A rule that spoke, and where. */
export interface Finding {
  readonly rule: string
  readonly class: AttackClass
  readonly field: string
  readonly weight: number
  /** The text that it spoke about: for a keyed hash, never for a log. */
  readonly text: string
}

export interface Inspection {
  /** The points of all rules that spoke, each once. */
  readonly score: number
  /** The first ones, at most three. */
  readonly findings: readonly Finding[]
  /** How many patterns were tried: what the inspection cost, for tests. */
  readonly tries: number
}

/** What is not asked of a request. */
export interface Exemption {
  exempts(rule: string, attack: AttackClass, field: string): boolean
}

const defaultWeight = 5
/** More points than any threshold asks for: a scan that has them is over. */
export const mostPoints = 40
const mostFindings = 3

const kinds: readonly FieldKind[] = [
  'path',
  'query',
  'header',
  'cookie',
  'form',
  'text',
  'json',
  'name',
]

/**
 * Says how much a request looks like an attack. Pure: the same fields have the same result, nothing is
 * changed or kept, and the cost grows with the length of the texts and with nothing else.
 */
export class Engine {
  readonly #scanners: ReadonlyMap<FieldKind, Scanner>

  constructor(rules: readonly DetectionRule[] = detectionRules) {
    this.#scanners = new Map(kinds.map((kind) => [kind, new Scanner(rules, kind)]))
  }

  inspect(fields: readonly Field[], exemption?: Exemption): Inspection {
    const tally = new Tally(exemption)
    for (const field of fields) {
      this.#read(field, tally)
      if (tally.full) break
    }
    return tally.result()
  }

  #read(field: Field, tally: Tally): void {
    const { hint, text, twice } = decode(field.text, field.kind)
    if (field.overlong) tally.add('traversal.overlong', 'traversal', { field, weight: 4 })
    if (hint && field.kind !== 'json') tally.add('sql.hint', 'sql', { field, weight: 5 })
    if (twice && (field.kind === 'path' || field.kind === 'query')) {
      tally.add('header.twice', 'header', { field, weight: 1 })
    }
    this.#scan(text, field, tally)
    if (field.kind === 'json' || tally.full) return
    const plain = unquoted(text)
    if (plain.length !== text.length) this.#scan(plain, field, tally)
    const hidden = unarmoured(field.text)
    if (hidden !== undefined) this.#scan(decode(hidden, field.kind).text, field, tally)
  }

  #scan(text: string, field: Field, tally: Tally): void {
    const scanner = this.#scanners.get(field.kind)
    if (scanner) tally.tries += scanner.scan(text, (rule) => tally.match(rule, field))
  }
}

interface Found {
  readonly field: Field
  readonly weight: number
}

class Tally {
  tries = 0
  readonly #exemption: Exemption | undefined
  readonly #spoke = new Set<string>()
  readonly #findings: Finding[] = []
  #score = 0

  constructor(exemption: Exemption | undefined) {
    this.#exemption = exemption
  }

  get full(): boolean {
    return this.#score >= mostPoints
  }

  match(rule: DetectionRule, field: Field): boolean {
    const weight = field.kind === 'json' ? (rule.json ?? 0) : (rule.weight ?? defaultWeight)
    return this.add(rule.id, rule.class, { field, weight })
  }

  /** Counts a rule once; says whether there is nothing more to learn. */
  add(rule: string, kind: AttackClass, { field, weight }: Found): boolean {
    if (this.#spoke.has(rule) || this.#exemption?.exempts(rule, kind, field.name)) return false
    this.#spoke.add(rule)
    this.#score += weight
    if (this.#findings.length < mostFindings) {
      this.#findings.push({ rule, class: kind, field: field.name, weight, text: field.text })
    }
    return this.full
  }

  result(): Inspection {
    return { score: this.#score, findings: this.#findings, tries: this.tries }
  }
}
