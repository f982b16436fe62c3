import { type Shape, shapeBelow } from './shape.ts'

/** A key that no schema names. */
export interface UnknownKey {
  readonly path: readonly (string | number)[]
  /** Names that would have been taken there. */
  readonly known: readonly string[]
}

/** Every key of `value` that `shape` does not know, however deep. `value` was bounded by its reader. */
export function unknownKeys(value: unknown, shape: Shape | undefined): readonly UnknownKey[] {
  const found: UnknownKey[] = []
  look(value, shape, [])
  return found

  function look(one: unknown, known: Shape | undefined, path: readonly (string | number)[]): void {
    if (!known || typeof one !== 'object' || one === null) return
    if (Array.isArray(one)) {
      for (const [at, item] of one.entries()) look(item, known.items, [...path, at])
      return
    }
    for (const [key, below] of Object.entries(one)) {
      if (isUnknown(key, known)) found.push({ path: [...path, key], known: namesOf(known) })
      else look(below, shapeBelow(known, key), [...path, key])
    }
  }
}

/** A copy of `value` without the keys that `shape` does not know; `value` itself stays as it was. */
export function withoutUnknown(value: unknown, shape: Shape | undefined): unknown {
  if (!shape || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => withoutUnknown(item, shape.items))
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !isUnknown(key, shape))
      .map(([key, below]) => [key, withoutUnknown(below, shapeBelow(shape, key))]),
  )
}

/**
 * Of a schema whose shape cannot be known: keys that were sent and that its output does not hold.
 * Only the outermost are compared, since whatever a schema makes of a value may look different.
 */
export function droppedKeys(sent: unknown, output: unknown): readonly UnknownKey[] {
  if (!isPlain(sent) || !isPlain(output)) return []
  const known = Object.keys(output)
  return Object.keys(sent)
    .filter((key) => !Object.hasOwn(output, key))
    .map((key) => ({ path: [key], known }))
}

function isUnknown(key: string, { keys, open }: Shape): boolean {
  return keys !== undefined && open !== true && !keys.has(key)
}

function namesOf({ keys }: Shape): readonly string[] {
  return [...(keys?.keys() ?? [])]
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
