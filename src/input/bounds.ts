import {
  defaultJsonBounds,
  type InputFault,
  type InputFaultCode,
  pointerStep,
} from '../http/index.ts'
import { type Shape, shapeBelow } from './shape.ts'

export interface BoundsQuestion {
  /** What the schema of the route says: it may widen the bounds, and name keys that are refused without. */
  readonly shape?: Shape | undefined
  readonly objectKeys?: number
}

/** What is open while a value is walked. */
interface Place {
  readonly depth: number
  readonly pointer: string
  readonly key: string | undefined
  readonly shape: Shape | undefined
  readonly ruled: boolean
}

/** Longest pointer that a fault carries; a longer one is left out. */
const pointerLimit = 300

/**
 * Checks a parsed body by the bounds of our own reader: depth, sizes, characters, numbers, and keys such
 * as `$where` or `__proto__`. Where a schema names a larger bound for a text, a list or a number, that
 * one holds; keys with `$` or a dot are its own affair then. Undefined when nothing is wrong.
 */
export function boundsFault(value: unknown, question: BoundsQuestion = {}): InputFault | undefined {
  const { objectKeys = defaultJsonBounds.objectKeys, shape } = question
  const ruled = shape !== undefined
  return check(value, { depth: 0, pointer: '', key: undefined, shape, ruled })

  function check(one: unknown, at: Place): InputFault | undefined {
    if (typeof one === 'string') return textFault(one, at)
    if (typeof one === 'number') return numberFault(one, at)
    if (typeof one !== 'object' || one === null) return undefined
    if (at.depth === defaultJsonBounds.depth) return fault('too_deep', at)
    return Array.isArray(one) ? checkList(one, at) : checkObject(one, at)
  }

  function checkList(list: readonly unknown[], at: Place): InputFault | undefined {
    const most = Math.max(defaultJsonBounds.arrayItems, at.shape?.maxItems ?? 0)
    if (list.length > most) return fault('array_too_long', at)
    for (const [index, item] of list.entries()) {
      const found = check(
        item,
        below(at, String(index), { key: undefined, shape: at.shape?.items }),
      )
      if (found) return found
    }
    return undefined
  }

  function checkObject(value: object, at: Place): InputFault | undefined {
    const entries = Object.entries(value)
    if (entries.length > objectKeys) return fault('too_many_keys', at)
    for (const [key, item] of entries) {
      const place = below(at, key, { key, shape: shapeBelow(at.shape, key) })
      const found = keyFault(key, at, place) ?? check(item, place)
      if (found) return found
    }
    return undefined
  }
}

function keyFault(key: string, above: Place, at: Place): InputFault | undefined {
  const found = textFault(key, { ...at, shape: undefined })
  if (found) return found
  if (key === '__proto__' || (key === 'prototype' && above.key === 'constructor')) {
    return fault('forbidden_key', at)
  }
  const plain = !key.includes('$') && !key.includes('.')
  return plain || at.ruled ? undefined : fault('forbidden_key', at)
}

function textFault(text: string, at: Place): InputFault | undefined {
  const most = Math.max(defaultJsonBounds.stringLength, at.shape?.maxLength ?? 0)
  if (text.length > most) return fault('string_too_long', at)
  const bad = text.includes('\0') || !text.isWellFormed()
  return bad ? fault('forbidden_character', at) : undefined
}

function numberFault(number: number, at: Place): InputFault | undefined {
  const most = Math.max(Number.MAX_SAFE_INTEGER, at.shape?.maximum ?? 0)
  return Math.abs(number) > most ? fault('unsafe_number', at) : undefined
}

function below(at: Place, step: string, next: Pick<Place, 'key' | 'shape'>): Place {
  const pointer = `${at.pointer}/${pointerStep(step, pointerLimit)}`
  return { depth: at.depth + 1, pointer, ruled: at.ruled, ...next }
}

function fault(code: InputFaultCode, { pointer }: Place): InputFault {
  return { ok: false, code, ...(pointer.length <= pointerLimit ? { pointer } : {}) }
}
