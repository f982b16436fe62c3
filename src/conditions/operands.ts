import { didYouMean } from '../errors/index.ts'
import type { ConditionContext, ConditionFault } from './compile.ts'
import type { ColumnUse, MemberTest, Source } from './compiled.ts'
import type { AttributeType, ColumnType, Scalar } from './condition.ts'

const longestText = 1_000
const mostMembers = 256

/** Reads what a column is compared with. */
export class OperandReader {
  readonly #context: ConditionContext
  readonly #faults: ConditionFault[]

  constructor(context: ConditionContext, faults: ConditionFault[]) {
    this.#context = context
    this.#faults = faults
  }

  /** One value: written, of the caller, or an attribute. */
  one(value: unknown, column: ColumnUse, place: string): Source | undefined {
    if (!isRecord(value)) {
      const literal = this.#literal(value, column.type, place)
      return literal === undefined ? undefined : Object.freeze({ from: 'literal', value: literal })
    }
    if (Object.hasOwn(value, 'attribute')) return this.#attribute(value, place, column.type)
    const { caller } = value
    if ((caller !== 'userId' && caller !== 'organisation') || strangers(value, ['caller']).length) {
      return this.#refuse(
        place,
        `must be a value, { caller: 'userId' | 'organisation' } or { attribute: NAME }`,
      )
    }
    if (column.type !== 'text') {
      return this.#refuse(place, `is text, and the column '${column.name}' holds ${column.type}`)
    }
    return Object.freeze({ from: 'caller', of: caller })
  }

  /** Several values: written, or an attribute that is a list. */
  members(value: unknown, column: ColumnUse, place: string): MemberTest['source'] | undefined {
    if (column.type === 'boolean') {
      return this.#refuse(place, 'does not suit a boolean, which knows equals and notEquals')
    }
    if (isRecord(value) && Object.hasOwn(value, 'attribute')) {
      const list = column.type === 'text' ? 'text[]' : 'number[]'
      return this.#attribute(value, place, list)
    }
    if (!Array.isArray(value) || value.length === 0 || value.length > mostMembers) {
      return this.#refuse(place, `must be a list of 1 to ${mostMembers} values, or an attribute`)
    }
    const values = value.map((one, at) => this.#literal(one, column.type, `${place}[${at}]`))
    if (values.includes(undefined)) return undefined
    return Object.freeze({ from: 'literals', values: Object.freeze(values as Scalar[]) })
  }

  #attribute(
    value: Readonly<Record<string, unknown>>,
    place: string,
    wanted: AttributeType,
  ): Extract<Source, { from: 'attribute' }> | undefined {
    const { attribute: name } = value
    const { attributes } = this.#context
    const [stranger] = strangers(value, ['attribute'])
    if (stranger !== undefined) return this.#refuse(place, `holds '${stranger}' beside 'attribute'`)
    const type =
      typeof name === 'string' && Object.hasOwn(attributes, name) ? attributes[name] : undefined
    if (typeof name !== 'string' || type === undefined) {
      const known = Object.keys(attributes)
      const near = typeof name === 'string' ? didYouMean(name, known) : ''
      const names = known.length > 0 ? `They are ${known.join(', ')}` : 'There are none'
      return this.#refuse(
        `${place}.attribute`,
        `is none of the declared attributes.${near} ${names}`,
      )
    }
    if (type !== wanted) {
      return this.#refuse(place, `is an attribute of the type ${type}; here it has to be ${wanted}`)
    }
    return Object.freeze({ from: 'attribute', name, type })
  }

  #literal(value: unknown, type: ColumnType, place: string): Scalar | undefined {
    const problem = flawOf(value, type)
    if (problem !== undefined) return this.#refuse(place, problem)
    return typeof value === 'number' ? value + 0 : (value as Scalar)
  }

  #refuse(path: string, problem: string): undefined {
    this.#faults.push({ path, problem })
    return undefined
  }
}

function flawOf(value: unknown, type: ColumnType): string | undefined {
  if (type === 'text') return typeof value === 'string' ? textFlaw(value) : 'must be text'
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : 'must be true or false'
  if (typeof value !== 'number' || !Number.isFinite(value)) return `must be a ${numberWord(type)}`
  if (Number.isSafeInteger(value)) return undefined
  if (type === 'instant') return `must be a ${numberWord(type)}`
  return Number.isInteger(value) ? 'is a whole number too large to be exact' : undefined
}

function numberWord(type: ColumnType): string {
  return type === 'instant' ? 'whole number of epoch milliseconds' : 'number'
}

function textFlaw(text: string): string | undefined {
  if (text.length > longestText) return `must be at most ${longestText} characters long`
  if (text.includes('\0')) return 'holds the character U+0000, which a database cannot hold'
  return text.isWellFormed() ? undefined : 'holds half a character (a lone surrogate)'
}

/** A plain object, as JSON has it. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Keys of `value` that are not among `allowed`. */
export function strangers(value: object, allowed: readonly string[]): readonly string[] {
  return Object.keys(value).filter((key) => !allowed.includes(key))
}
