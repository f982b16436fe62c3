import type { DetectionRule, FieldKind } from './rule.ts'

interface Compiled {
  readonly words: ReadonlyMap<string, readonly DetectionRule[]>
  /** By the code of a word's first letter: its possible lengths, a bit each. */
  readonly lengths: Uint32Array
  readonly signs: readonly (readonly DetectionRule[] | undefined)[]
  readonly start: readonly DetectionRule[]
  readonly prefixes: readonly DetectionRule[]
}

/** Told of each match; says whether that is enough. */
export type OnMatch = (rule: DetectionRule) => boolean

const word = 1
const sign = 2
const longestWord = 31

/**
 * Rules compiled for one kind of place. A scan walks the text once; at a word or sign that begins a rule its
 * pattern is tried there, at a cost that the text cannot raise.
 */
export class Scanner {
  readonly #rules: Compiled
  readonly #classes: Uint8Array

  constructor(rules: readonly DetectionRule[], kind: FieldKind) {
    this.#rules = compile(rules.filter((rule) => applies(rule, kind)))
    this.#classes = classesOf(this.#rules)
  }

  /**
   * Scans a decoded text; returns how many patterns were tried, which is what it cost. It ends where one more
   * than `most` would be, and then returns that one more.
   */
  scan(text: string, most: number, onMatch: OnMatch): number {
    const run = new Run(text, most, onMatch)
    if (run.attempt(this.#rules.start, 0)) return run.tries
    const classes = this.#classes
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      const kind = code < 128 ? classes[code] : 0
      if (kind === 0) continue
      if (kind === sign) {
        // Of a row of equal signs the first and the last begin something new.
        const inside = code === text.charCodeAt(at - 1) && code === text.charCodeAt(at + 1)
        if (!inside && run.attempt(this.#rules.signs[code], at)) break
        continue
      }
      const end = wordEnd(text, at, classes)
      if (this.#word(run, at, end)) break
      at = end - 1
    }
    return run.tries
  }

  #word(run: Run, at: number, end: number): boolean {
    const { lengths, prefixes, words } = this.#rules
    const { text } = run
    const length = end - at
    if (length > longestWord) return false
    if (((lengths[text.charCodeAt(at)] ?? 0) >>> length) & 1) {
      if (run.attempt(words.get(text.slice(at, end)), at)) return true
    }
    const event = length > 4 && text.charCodeAt(at) === 111 && text.charCodeAt(at + 1) === 110
    return event && run.attempt(prefixes, at)
  }
}

class Run {
  tries = 0
  readonly text: string
  readonly #most: number
  readonly #onMatch: OnMatch

  constructor(text: string, most: number, onMatch: OnMatch) {
    this.text = text
    this.#most = most
    this.#onMatch = onMatch
  }

  /** Whether the scan is over: enough was found, or no more may be tried. */
  attempt(rules: readonly DetectionRule[] | undefined, at: number): boolean {
    if (rules === undefined) return false
    for (const rule of rules) {
      if (rule.short !== undefined && this.text.length > rule.short) continue
      this.tries += 1
      if (this.tries > this.#most) return true
      if (matches(rule, this.text, at) && this.#onMatch(rule)) return true
    }
    return false
  }
}

function wordEnd(text: string, from: number, classes: Uint8Array): number {
  let end = from + 1
  while (end < text.length) {
    const code = text.charCodeAt(end)
    if (code >= 128 || classes[code] !== word) break
    end += 1
  }
  return end
}

function matches({ among, pattern }: DetectionRule, text: string, at: number): boolean {
  pattern.lastIndex = at
  if (among === undefined) return pattern.test(text)
  const found = pattern.exec(text)?.[1]
  return found !== undefined && among.has(found)
}

function applies(rule: DetectionRule, kind: FieldKind): boolean {
  if (kind === 'json') return (rule.json ?? 0) > 0
  return rule.kinds === undefined || rule.kinds.includes(kind)
}

function compile(rules: readonly DetectionRule[]): Compiled {
  const words = new Map<string, DetectionRule[]>()
  const lengths = new Uint32Array(128)
  const signs: DetectionRule[][] = []
  for (const rule of rules) {
    for (const each of rule.words ?? []) {
      words.set(each, [...(words.get(each) ?? []), rule])
      const first = each.charCodeAt(0)
      lengths[first] = (lengths[first] ?? 0) | (1 << each.length)
    }
    for (const each of rule.signs ?? '') {
      const code = each.charCodeAt(0)
      signs[code] = [...(signs[code] ?? []), rule]
    }
  }
  const start = rules.filter((rule) => rule.start)
  return { words, lengths, signs, start, prefixes: rules.filter((rule) => rule.events) }
}

function classesOf({ signs }: Compiled): Uint8Array {
  const classes = new Uint8Array(128)
  for (let code = 0; code < 128; code++) {
    const letter = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95
    classes[code] = letter ? word : signs[code] ? sign : 0
  }
  return classes
}
