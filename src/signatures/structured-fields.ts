/** One value of a structured field. Decimals, dates and display strings are in none that is read here. */
export type BareItem = string | number | boolean | Buffer | Token

/** A word without quotes, such as `sha-256`. */
export class Token {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Parameters = ReadonlyMap<string, BareItem>

/** A value with its parameters. */
export interface Item {
  readonly value: BareItem
  readonly parameters: Parameters
}

/** A list in parentheses with its parameters. */
export interface InnerList {
  readonly items: readonly Item[]
  readonly parameters: Parameters
}

export type Dictionary = ReadonlyMap<string, Item | InnerList>

const longestField = 8_192
const mostMembers = 64
const key = /[a-z*][a-z0-9_.*-]{0,127}/y
const integer = /-?\d{1,15}(?![\d.])/y
const text = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y
const bytes = /:([A-Za-z0-9+/]*={0,2}):/y
const flag = /\?([01])/y
const token = /[A-Za-z*][\w!#$%&'*+.^`|~:/-]*/y
const blanks = / */y
const comma = /[ \t]*,[ \t]*/y

/**
 * Reads a dictionary (RFC 9651 section 4.2.2); undefined for whatever is not one, to the last character.
 * Stricter than the standard in three ways: a name given twice is refused instead of the last winning,
 * base64 has one spelling, and there is an end to lengths and counts.
 */
export function readDictionary(field: string): Dictionary | undefined {
  if (field.length > longestField) return undefined
  try {
    return new Reader(field.replace(/^ +| +$/g, '')).dictionary()
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** Whether a member of a dictionary is a list in parentheses. */
export function isInnerList(member: Item | InnerList): member is InnerList {
  return 'items' in member
}

/** An inner list as RFC 9651 section 4.1.1.1 writes it, in one way only. */
export function writeInnerList({ items, parameters }: InnerList): string {
  return `(${items.map(writeItem).join(' ')})${writeParameters(parameters)}`
}

/** An item as RFC 9651 section 4.1.3 writes it. */
export function writeItem({ parameters, value }: Item): string {
  return writeBare(value) + writeParameters(parameters)
}

function writeParameters(parameters: Parameters): string {
  return [...parameters]
    .map(([name, value]) => (value === true ? `;${name}` : `;${name}=${writeBare(value)}`))
    .join('')
}

function writeBare(value: BareItem): string {
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`
  if (typeof value === 'boolean') return value ? '?1' : '?0'
  if (typeof value === 'number') return String(value)
  return value instanceof Token ? value.text : `:${value.toString('base64')}:`
}

class Malformed extends Error {}

class Reader {
  readonly #field: string
  #at = 0

  constructor(field: string) {
    this.#field = field
  }

  dictionary(): Dictionary {
    const members = new Map<string, Item | InnerList>()
    if (this.#field === '') return members
    do {
      const name = this.#take(key)
      if (members.has(name) || members.size === mostMembers) throw new Malformed()
      members.set(name, this.#member())
    } while (this.#tryTake(comma) !== undefined)
    if (this.#at !== this.#field.length) throw new Malformed()
    return members
  }

  #member(): Item | InnerList {
    if (!this.#skip('=')) return { value: true, parameters: this.#parameters() }
    return this.#field[this.#at] === '(' ? this.#innerList() : this.#item()
  }

  #innerList(): InnerList {
    this.#at += 1
    const items: Item[] = []
    this.#take(blanks)
    while (!this.#skip(')')) {
      if (items.length === mostMembers) throw new Malformed()
      items.push(this.#item())
      const spaced = this.#take(blanks) !== ''
      if (!spaced && this.#field[this.#at] !== ')') throw new Malformed()
    }
    return { items, parameters: this.#parameters() }
  }

  #item(): Item {
    return { value: this.#bare(), parameters: this.#parameters() }
  }

  #parameters(): Parameters {
    const parameters = new Map<string, BareItem>()
    while (this.#skip(';')) {
      this.#take(blanks)
      const name = this.#take(key)
      if (parameters.has(name) || parameters.size === mostMembers) throw new Malformed()
      parameters.set(name, this.#skip('=') ? this.#bare() : true)
    }
    return parameters
  }

  #bare(): BareItem {
    const first = this.#field[this.#at] ?? ''
    if (first === '"') return this.#take(text).replace(/\\(["\\])/g, '$1')
    if (first === ':') return decodeBytes(this.#take(bytes))
    if (first === '?') return this.#take(flag) === '1'
    if (/[-\d]/.test(first)) return Number(this.#take(integer))
    return new Token(this.#take(token))
  }

  #skip(character: string): boolean {
    if (this.#field[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #take(pattern: RegExp): string {
    const found = this.#tryTake(pattern)
    if (found === undefined) throw new Malformed()
    return found
  }

  /** The first group of the pattern at this place, or the whole match. */
  #tryTake(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#field)
    if (!match) return undefined
    this.#at += match[0].length
    return match[1] ?? match[0]
  }
}

function decodeBytes(base64: string): Buffer {
  const decoded = Buffer.from(base64, 'base64')
  if (decoded.toString('base64') !== base64) throw new Malformed()
  return decoded
}
