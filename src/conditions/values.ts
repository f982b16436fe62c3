import type { ColumnUse, Source } from './compiled.ts'
import type { AppObject, AttributeType, ColumnType, ConditionCaller, Scalar } from './condition.ts'
import { conditionErrors } from './errors.ts'

/** A value as it is compared: booleans are 0 and 1, instants are epoch milliseconds. */
export type Plain = string | number

/** Most values that one list of the caller's may hold; a list that long belongs into a table. */
export const longestList = 1_000

/** The plain form of `value`, or undefined when it is none of `type`. */
export function plainOf(value: unknown, type: ColumnType): Plain | undefined {
  if (type === 'text') return typeof value === 'string' && value.isWellFormed() ? value : undefined
  if (type === 'boolean') return booleanOf(value)
  const number = type === 'instant' && value instanceof Date ? value.getTime() : value
  if (typeof number === 'bigint') {
    return Number.isSafeInteger(Number(number)) ? Number(number) : undefined
  }
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined
  return type === 'instant' && !Number.isSafeInteger(number) ? undefined : number + 0
}

function booleanOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === 0 || value === 0n) return 0
  return value === 1 || value === 1n ? 1 : undefined
}

/**
 * What `column` holds in `object`; null is NULL. Throws `object_invalid` when it is not there or of
 * another type: what is not known is never taken for NULL.
 */
export function columnValue(object: AppObject, { name, type }: ColumnUse): Plain | null {
  const value = (object as Readonly<Record<string, unknown>>)[name]
  if (value === null) return null
  const plain = value === undefined ? undefined : plainOf(value, type)
  if (plain !== undefined) return plain
  const problem = value === undefined ? 'is not there' : `is ${typeName(value)}`
  throw conditionErrors.object_invalid({
    explanation: `A rule reads the column '${name}' (${type}), which ${problem}. Load it with the object.`,
  })
}

/** The value that a column is compared with; null is NULL. Throws `attribute_invalid`. */
export function sourceValue(source: Source, caller: ConditionCaller): Plain | null {
  if (source.from === 'literal') return literalValue(source.value)
  if (source.from === 'caller') return caller[source.of] || null
  const { name, type } = source
  const value = attribute(caller, name)
  if (value === null) return null
  return plainOf(value, type as ColumnType) ?? refuseAttribute(name, type, value)
}

/** A value written in a condition, in its plain form. */
export function literalValue(value: Scalar): Plain {
  return typeof value === 'boolean' ? Number(value) : value
}

/** The caller's list for `in`; null is NULL. Throws `attribute_invalid`. */
export function listValue(
  { name, type }: { readonly name: string; readonly type: AttributeType },
  caller: ConditionCaller,
): readonly Plain[] | null {
  const value = attribute(caller, name)
  if (value === null) return null
  if (!Array.isArray(value) || value.length > longestList) return refuseAttribute(name, type, value)
  const member = type === 'text[]' ? 'text' : 'number'
  return value.map((one) => plainOf(one, member) ?? refuseAttribute(name, type, one))
}

function attribute({ attributes }: ConditionCaller, name: string): unknown {
  if (attributes === undefined || !Object.hasOwn(attributes, name)) return null
  return attributes[name] ?? null
}

function refuseAttribute(name: string, type: AttributeType, value: unknown): never {
  throw conditionErrors.attribute_invalid({
    explanation: `The attribute '${name}' is declared as ${type} and was given ${typeName(value)}.`,
  })
}

/** Says what kind of value it is, never the value. */
function typeName(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (value instanceof Date) return 'a Date'
  if (typeof value === 'string' && !value.isWellFormed()) return 'text with half a character'
  return value === null ? 'null' : `of the type ${typeof value}`
}

/** Order of the UTF-8 bytes of two texts, which is the order of their code points. */
export function compareText(one: string, other: string): number {
  const end = Math.min(one.length, other.length)
  for (let at = 0; at < end; at++) {
    const [left, right] = [one.charCodeAt(at), other.charCodeAt(at)]
    if (left !== right) return rank(left) - rank(right)
  }
  return one.length - other.length
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
