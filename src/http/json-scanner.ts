import type { InputFault, InputFaultCode } from './body-errors.ts'
import type { JsonBounds } from './json.ts'
import { OpenKeys } from './json-keys.ts'

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/** Longest pointer that a fault carries; a longer one is left out. */
const pointerLimit = 300
/** Up to this length a text is walked through; in a longer one its end is searched for. */
const shortText = 24
/** Every number of so many characters, without an exponent, is below 2^53. */
const safeDigits = 15

/**
 * Walks a JSON text once and finds what JSON.parse would let pass. It recurses no deeper than the
 * bound on depth, jumps over texts without escapes in one step, and leaves the fine grammar of
 * numbers, words and escapes to JSON.parse, which must follow.
 */
export class JsonScanner {
  readonly #text: string
  readonly #bounds: JsonBounds
  readonly #keys = new OpenKeys()
  #at = 0
  /** A backslash, or the end of all; no other stands between the last search and here. */
  #escapeAt = -1
  #fault: InputFaultCode | undefined
  #pointer = ''

  constructor(text: string, bounds: JsonBounds) {
    this.#text = text
    this.#bounds = bounds
  }

  /** The first fault, or undefined when JSON.parse may go ahead. */
  scan(): InputFault | undefined {
    this.#skipBlank()
    if (this.#value(1, '')) {
      this.#skipBlank()
      if (this.#at === this.#text.length) return undefined
      this.#fail('malformed_json')
    }
    const code = this.#fault ?? 'malformed_json'
    if (code === 'malformed_json' || this.#pointer.length > pointerLimit) return { ok: false, code }
    return { ok: false, code, pointer: this.#pointer }
  }

  #value(depth: number, parentKey: string): boolean {
    const first = this.#text.charCodeAt(this.#at)
    if (first === quote) return this.#string() !== undefined
    if (first === openBrace) return this.#object(depth, parentKey)
    if (first === openBracket) return this.#array(depth)
    return this.#scalar()
  }

  #object(depth: number, parentKey: string): boolean {
    if (depth > this.#bounds.depth) return this.#fail('too_deep')
    this.#at += 1
    this.#skipBlank()
    if (this.#take(closeBrace)) return true
    const outer = this.#keys.open()
    do {
      this.#skipBlank()
      const key = this.#key(parentKey)
      if (key === undefined) return false
      this.#skipBlank()
      if (!this.#take(colon)) return this.#fail('malformed_json')
      this.#skipBlank()
      if (!this.#value(depth + 1, key)) return this.#within(key)
      this.#skipBlank()
    } while (this.#take(comma))
    this.#keys.close(outer)
    return this.#take(closeBrace) || this.#fail('malformed_json')
  }

  #key(parentKey: string): string | undefined {
    const start = this.#at
    if (this.#text.charCodeAt(start) !== quote) return this.#failKey('malformed_json')
    const escaped = this.#string()
    if (escaped === undefined) return undefined
    const key = escaped ? this.#unescape(start) : this.#text.slice(start + 1, this.#at - 1)
    if (key === undefined) return this.#failKey('malformed_json')
    if (this.#isForbidden(key, parentKey)) return this.#failKey('forbidden_key', key)
    if (!this.#keys.add(key)) return this.#failKey('duplicate_key', key)
    if (this.#keys.count > this.#bounds.objectKeys) return this.#failKey('too_many_keys')
    return key
  }

  #isForbidden(key: string, parentKey: string): boolean {
    if (key === '__proto__') return true
    if (key === 'prototype' && parentKey === 'constructor') return true
    return this.#bounds.plainKeys && (key.includes('$') || key.includes('.'))
  }

  #array(depth: number): boolean {
    if (depth > this.#bounds.depth) return this.#fail('too_deep')
    this.#at += 1
    this.#skipBlank()
    if (this.#take(closeBracket)) return true
    let items = 0
    do {
      if (items === this.#bounds.arrayItems) return this.#fail('array_too_long')
      this.#skipBlank()
      if (!this.#value(depth + 1, '')) return this.#within(String(items))
      items += 1
      this.#skipBlank()
    } while (this.#take(comma))
    return this.#take(closeBracket) || this.#fail('malformed_json')
  }

  /** Passes a text. False: it holds no escape. True: it does. Undefined: a fault is set. */
  #string(): boolean | undefined {
    const start = this.#at + 1
    const end = this.#endOfShort(start)
    if (end >= 0) {
      this.#at = end + 1
      return end - start > this.#bounds.stringLength ? this.#failKey('string_too_long') : false
    }
    return this.#longString(start)
  }

  /** The quote that ends a short text without escapes; -1 where a closer look is needed. */
  #endOfShort(start: number): number {
    const stop = start + shortText
    for (let at = start; at < stop; at += 1) {
      const unit = this.#text.charCodeAt(at)
      if (unit === quote) return at
      if (unit === backslash) return -1
    }
    return -1
  }

  #longString(start: number): boolean | undefined {
    if (this.#escapeAt < start) this.#escapeAt = this.#findEscape(start)
    const end = this.#text.indexOf('"', start)
    if (end < 0) return this.#failKey('malformed_json')
    if (end > this.#escapeAt) return this.#escapedString(start, end)
    this.#at = end + 1
    return end - start > this.#bounds.stringLength ? this.#failKey('string_too_long') : false
  }

  /** Jumps from escape to escape; `end` is the next quote, which may be an escaped one. */
  #escapedString(start: number, quoteAt: number): true | undefined {
    let end = quoteAt
    let saved = 0
    while (this.#escapeAt < end) {
      this.#at = this.#escapeAt
      const width = this.#escape()
      if (width === 0) return undefined
      // An escape stands for one unit, or for the two of a surrogate pair.
      saved += width === 12 ? 10 : width - 1
      const next = this.#at + width
      this.#escapeAt = this.#findEscape(next)
      if (end < next) end = this.#text.indexOf('"', next)
      if (end < 0) return this.#failKey('malformed_json')
    }
    this.#at = end + 1
    return end - start - saved > this.#bounds.stringLength ? this.#failKey('string_too_long') : true
  }

  /** Width of the escape at hand, 12 for a surrogate pair; 0 when a fault is set. */
  #escape(): number {
    if (this.#text[this.#at + 1] !== 'u') return 2
    const unit = this.#hex(this.#at + 2)
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const paired = this.#text.startsWith('\\u', this.#at + 6)
      const low = paired ? this.#hex(this.#at + 8) : 0
      if (low >= 0xdc00 && low <= 0xdfff) return 12
    } else if (unit !== 0 && (unit < 0xdc00 || unit > 0xdfff)) return 6
    this.#fail('forbidden_character')
    return 0
  }

  /** Four hexadecimal digits; what is none reads as a harmless letter and JSON.parse refuses it. */
  #hex(start: number): number {
    const unit = Number(`0x${this.#text.slice(start, start + 4)}`)
    return Number.isNaN(unit) ? 0x61 : unit
  }

  #unescape(start: number): string | undefined {
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string
    } catch {
      return undefined
    }
  }

  /** Passes a number or a word. Only the size of a number is judged here. */
  #scalar(): boolean {
    const start = this.#at
    let exponent = false
    let unit = this.#text.charCodeAt(start)
    while (isScalarUnit(unit)) {
      if (unit === 0x65 || unit === 0x45) exponent = true
      this.#at += 1
      unit = this.#text.charCodeAt(this.#at)
    }
    const length = this.#at - start
    if (length === 0) return this.#fail('malformed_json')
    if (!this.#bounds.safeNumbers || (length <= safeDigits && !exponent)) return true
    const number = Number(this.#text.slice(start, this.#at))
    return Math.abs(number) > Number.MAX_SAFE_INTEGER ? this.#fail('unsafe_number') : true
  }

  #skipBlank(): void {
    let unit = this.#text.charCodeAt(this.#at)
    while (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) {
      this.#at += 1
      unit = this.#text.charCodeAt(this.#at)
    }
  }

  #take(unit: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== unit) return false
    this.#at += 1
    return true
  }

  #findEscape(from: number): number {
    const found = this.#text.indexOf('\\', from)
    return found < 0 ? this.#text.length : found
  }

  #fail(code: InputFaultCode): false {
    this.#fault = code
    return false
  }

  #failKey(code: InputFaultCode, key?: string): undefined {
    this.#fault = code
    if (key !== undefined) this.#within(key)
  }

  /** Puts a step before the pointer while the recursion unwinds. */
  #within(step: string): false {
    if (this.#pointer.length <= pointerLimit) {
      const cut = step.slice(0, pointerLimit + 1)
      this.#pointer = `/${cut.replaceAll('~', '~0').replaceAll('/', '~1')}${this.#pointer}`
    }
    return false
  }
}

/** Digits, signs, dot, letters: everything that numbers and the three words are made of. */
function isScalarUnit(unit: number): boolean {
  return (
    (unit >= 0x30 && unit <= 0x39) ||
    (unit >= 0x61 && unit <= 0x7a) ||
    unit === 0x2d ||
    unit === 0x2e ||
    unit === 0x45 ||
    unit === 0x2b
  )
}
