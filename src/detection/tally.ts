import type { Field } from './fields.ts'
import type { AttackClass, DetectionRule } from './rule.ts'

/**
 * Work is counted in units and never timed, so that the same request always fares alike: one for each
 * character that is read (most are read two or three times), and as many as a pattern costs for each trial.
 */
const trialWork = 40

/** Prose costs up to 13 units a character, the naughtiest list of strings 60, what is made to cost 250. */
const unitsPerByte = 64
const leastBytes = 102_400

/** What looking through a request may cost where bodies of so many bytes are taken. */
export function workFor(bodyBytes: number): number {
  return unitsPerByte * Math.max(bodyBytes, leastBytes)
}

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
  /** How many patterns were tried. */
  readonly tries: number
  /** Units of work that it cost. */
  readonly work: number
  /** It ended because it may cost no more: what is left was not looked at. */
  readonly isCutShort: boolean
}

/** What is not asked of a request. */
export interface Exemption {
  exempts(rule: string, attack: AttackClass, field: string): boolean
}

const defaultWeight = 5
/** More points than any threshold asks for: a scan that has them is over. */
export const mostPoints = 40
const mostFindings = 3

interface Found {
  readonly field: Field
  readonly weight: number
}

/** Adds up what an inspection finds and what it costs. */
export class Tally {
  readonly #exemption: Exemption | undefined
  readonly #most: number
  readonly #spoke = new Set<string>()
  readonly #findings: Finding[] = []
  #score = 0
  #tries = 0
  #work = 0
  #isCutShort = false

  constructor(exemption: Exemption | undefined, most: number) {
    this.#exemption = exemption
    this.#most = most
  }

  /** There is nothing more to learn, or no work left to learn it with. */
  get isOver(): boolean {
    return this.#isCutShort || this.#score >= mostPoints
  }

  /** Takes the work of reading so many characters; false where there is not enough left for them. */
  spend(characters: number): boolean {
    if (this.#work + characters > this.#most) this.#isCutShort = true
    else this.#work += characters
    return !this.#isCutShort
  }

  /** How many patterns the work that is left pays for. */
  get mostTries(): number {
    return Math.floor((this.#most - this.#work) / trialWork)
  }

  /** Takes the work of patterns that were tried; more than `mostTries` says that the scan was cut short. */
  tried(tries: number): void {
    if (tries > this.mostTries) this.#isCutShort = true
    this.#tries += tries
    this.#work = Math.min(this.#most, this.#work + tries * trialWork)
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
    return this.isOver
  }

  result(): Inspection {
    return {
      ...{ score: this.#score, findings: this.#findings, tries: this.#tries },
      ...{ work: this.#work, isCutShort: this.#isCutShort },
    }
  }
}
