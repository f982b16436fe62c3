import { databaseErrors } from './errors.ts'

/** A value that every engine takes and gives back alike. */
export type EncodedValue = string | number | null | Uint8Array

/**
 * Checks one value before it is bound. Engines disagree on everything else: NUL in text, lone
 * surrogates, fractions, dates and objects would be stored changed, or differently, or not at all.
 * Booleans become 0 and 1. Throws `value_unstorable` (400).
 */
export function encodeValue(value: unknown): EncodedValue {
  if (value === null) return null
  if (typeof value === 'string') return encodeText(value)
  if (typeof value === 'number') return encodeInteger(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return encodeInteger(Number(value))
  if (value instanceof Uint8Array) return value
  throw unstorable(`a value of type ${typeof value}`)
}

/** {@link encodeValue} for the parameters of one statement. */
export function encodeParameters(parameters: readonly unknown[]): EncodedValue[] {
  return parameters.map(encodeValue)
}

/** A whole number from a driver that may give it as text. Throws `value_unreadable`. */
export function decodeInteger(value: string | number | bigint): number {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value)
  if (Number.isSafeInteger(number)) return number
  throw databaseErrors.value_unreadable({ cause: new Error('an integer is outside 2^53') })
}

/** A copy that no longer shares the driver's buffer. */
export function decodeBytes(value: Uint8Array): Uint8Array {
  return Uint8Array.from(value)
}

/** JSON as text: it is never queried, so that every engine keeps the same bytes. */
export const json = Object.freeze({
  /** Text for a `json` column. Throws `value_unstorable` for what JSON cannot say. */
  encode(value: unknown): string {
    const text: string | undefined = JSON.stringify(value)
    if (text === undefined) throw unstorable('a value without a JSON form')
    return text
  },
  /** The value of a `json` column. Throws `value_unreadable` when the text is damaged. */
  decode<T = unknown>(text: string): T {
    try {
      return JSON.parse(text) as T
    } catch {
      throw databaseErrors.value_unreadable({ cause: new Error('a JSON column holds no JSON') })
    }
  },
})

function encodeText(value: string): string {
  if (value.includes('\0')) throw unstorable('text with NUL')
  if (!value.isWellFormed()) throw unstorable('text with a lone surrogate')
  return value
}

function encodeInteger(value: number): number {
  if (!Number.isSafeInteger(value)) throw unstorable('a number that is not a safe integer')
  return value === 0 ? 0 : value
}

function unstorable(what: string): Error {
  return databaseErrors.value_unstorable({ cause: new Error(`refused ${what}`) })
}
