import type { InputFault, InputFaultCode } from './body-errors.ts'
import type { JsonBounds } from './json.ts'
import { OpenKeys } from './json-keys.ts'

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const letterU = 0x75
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/** Longest pointer that a fault carries; a longer one is left out. */
const pointerLimit = 300
/** Every number of so many characters, without an exponent, is below 2^53. */
const safeDigits = 15
/** Stands for the item count of what is no list. */
const noList = -1
/** The position after a fault. */
const stopped = -1

/**
 * Walks a JSON text once, token by token, and finds what JSON.parse would let pass. It judges no
 * grammar: JSON.parse must follow, and what is no JSON may come through here as it likes. Of a valid
 * text it sees every key, text, number and bracket exactly as JSON.parse does.
 */
export class JsonScanner {
  readonly #text: string
  readonly #bounds: JsonBounds
  readonly #keys = new OpenKeys()
  #depth = 0
  /** For each open bracket: the index of the item at hand, or `noList`. */
  readonly #items: number[] = [noList]
  /** For each open bracket: the key of the member at hand. */
  readonly #key: (string | undefined)[] = [undefined]
  /** For each open bracket: where its keys begin. */
  readonly #firstKey: number[] = [0]
  /** The quote and the backslash that the last searches found; none stands between it and them. */
  #quoteAt = -1
  #escapeAt = -1
  #fault: InputFault | undefined

  constructor(text: string, bounds: JsonBounds) {
    this.#text = text
    this.#bounds = bounds
  }

  /** The first fault, or undefined when JSON.parse may go ahead. */
  scan(): InputFault | undefined {
    const text = this.#text
    let at = 0
    while (at !== stopped && at < text.length) {
      const unit = text.charCodeAt(at)
      if (unit === quote) at = this.#string(at + 1)
      else if (unit === comma) at = this.#nextItem(at + 1)
      else if (unit === openBrace || unit === openBracket) at = this.#open(at + 1, unit)
      else if (unit === closeBrace || unit === closeBracket) at = this.#close(at + 1)
      else if ((unit >= 0x30 && unit <= 0x39) || unit === 0x2d) at = this.#number(at)
      else at += 1
    }
    return this.#fault
  }

  #open(next: number, unit: number): number {
    if (this.#depth === this.#bounds.depth) return this.#fail('too_deep')
    this.#depth += 1
    this.#items[this.#depth] = unit === openBracket ? 0 : noList
    this.#key[this.#depth] = undefined
    this.#firstKey[this.#depth] = this.#keys.end
    return next
  }

  #close(next: number): number {
    if (this.#depth === 0) return this.#text.length
    this.#keys.close(this.#firstKey[this.#depth] ?? 0)
    this.#depth -= 1
    return next
  }

  #nextItem(next: number): number {
    const item = this.#items[this.#depth] ?? noList
    if (item === noList) {
      this.#key[this.#depth] = undefined
      return next
    }
    this.#items[this.#depth] = item + 1
    return item + 1 < this.#bounds.arrayItems ? next : this.#fail('array_too_long', 1)
  }

  /** Passes a text, from escape to escape, and the colon after it if it is a key. */
  #string(start: number): number {
    const text = this.#text
    let saved = 0
    let at = this.#jump(start)
    while (at < text.length) {
      if (text.charCodeAt(at) === quote) return this.#endString(start, at, saved)
      const width = this.#widthOfEscape(at)
      if (width === 0) return this.#fail('forbidden_character')
      // An escape stands for one unit, or for the two of a surrogate pair.
      saved += width === 12 ? 10 : width - 1
      at = this.#jump(at + width)
    }
    return text.length
  }

  /** The next quote or backslash, or the end of all. */
  #jump(from: number): number {
    if (this.#quoteAt < from) this.#quoteAt = this.#find('"', from)
    if (this.#escapeAt < from) this.#escapeAt = this.#find('\\', from)
    return Math.min(this.#quoteAt, this.#escapeAt)
  }

  #endString(start: number, end: number, saved: number): number {
    if (end - start - saved > this.#bounds.stringLength) return this.#fail('string_too_long')
    const next = this.#skipBlank(end + 1)
    if (this.#text.charCodeAt(next) !== colon) return next
    const raw = this.#text.slice(start, end)
    return this.#member(saved > 0 ? meaningOf(raw) : raw, next + 1)
  }

  /** 2, 6, 12 for a surrogate pair, 0 for NUL and for half a pair. */
  #widthOfEscape(at: number): number {
    if (this.#text.charCodeAt(at + 1) !== letterU) return 2
    const unit = this.#hex(at + 2)
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const low = this.#text.startsWith('\\u', at + 6) ? this.#hex(at + 8) : 0
      return low >= 0xdc00 && low <= 0xdfff ? 12 : 0
    }
    return unit === 0 || (unit >= 0xdc00 && unit <= 0xdfff) ? 0 : 6
  }

  /** Four hexadecimal digits; what is none reads as a harmless letter and JSON.parse refuses it. */
  #hex(start: number): number {
    const unit = Number(`0x${this.#text.slice(start, start + 4)}`)
    return Number.isNaN(unit) ? 0x61 : unit
  }

  #member(key: string, next: number): number {
    const first = this.#firstKey[this.#depth] ?? 0
    this.#key[this.#depth] = key
    if (this.#isForbidden(key)) return this.#fail('forbidden_key')
    if (!this.#keys.add(key, first)) return this.#fail('duplicate_key')
    if (this.#keys.end - first > this.#bounds.objectKeys) return this.#fail('too_many_keys', 1)
    return next
  }

  #isForbidden(key: string): boolean {
    if (key === '__proto__') return true
    if (key === 'prototype' && this.#key[this.#depth - 1] === 'constructor') return true
    return this.#bounds.plainKeys && (key.includes('$') || key.includes('.'))
  }

  /** Passes a number, of which only the size is judged. */
  #number(start: number): number {
    const text = this.#text
    let at = start
    let exponent = false
    let unit = text.charCodeAt(at)
    while ((unit >= 0x2b && unit <= 0x39) || unit === 0x65 || unit === 0x45) {
      if (unit === comma) break
      if (unit > 0x39) exponent = true
      at += 1
      unit = text.charCodeAt(at)
    }
    if (!this.#bounds.safeNumbers || (at - start <= safeDigits && !exponent)) return at
    const number = Math.abs(Number(text.slice(start, at)))
    return number > Number.MAX_SAFE_INTEGER ? this.#fail('unsafe_number') : at
  }

  #skipBlank(start: number): number {
    const text = this.#text
    let at = start
    let unit = text.charCodeAt(at)
    while (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) {
      at += 1
      unit = text.charCodeAt(at)
    }
    return at
  }

  #find(sought: string, from: number): number {
    const found = this.#text.indexOf(sought, from)
    return found < 0 ? this.#text.length : found
  }

  /** Sets the fault, located at the member or item at hand or `above` levels over it. */
  #fail(code: InputFaultCode, above = 0): number {
    const pointer = this.#pointer(this.#depth - above)
    this.#fault = pointer.length > pointerLimit ? { ok: false, code } : { ok: false, code, pointer }
    return stopped
  }

  #pointer(depth: number): string {
    let pointer = ''
    for (let level = 1; level <= depth && pointer.length <= pointerLimit; level += 1) {
      const item = this.#items[level] ?? noList
      const step = item === noList ? this.#key[level] : String(item)
      if (step === undefined) break
      const cut = step.slice(0, pointerLimit + 1)
      pointer += `/${cut.replaceAll('~', '~0').replaceAll('/', '~1')}`
    }
    return pointer
  }
}

/** The meaning of a text with escapes; what JSON.parse would refuse comes out as it stands. */
function meaningOf(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string
  } catch {
    return raw
  }
}
