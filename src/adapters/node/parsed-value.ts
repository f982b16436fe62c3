import {
  type BodyKind,
  defaultFormBounds,
  defaultJsonBounds,
  type InputFaultCode,
  inputError,
} from '../../http/index.ts'

/** What is open while a value is walked: how deep it stands, where, and under which key. */
interface Place {
  readonly depth: number
  readonly pointer: string
  readonly key: string | undefined
}

/** Longest pointer that a fault carries; a longer one is left out. */
const pointerLimit = 300

/**
 * Checks a body that a parser of the app has read before us by the bounds of our own reader: depth,
 * sizes, characters, numbers, and keys such as `$where` or `__proto__`. What only the bytes showed, a
 * key sent twice for one, is lost. Throws the same 400 as our own reader.
 */
export function checkParsedBody(body: unknown, kind: BodyKind): void {
  if (body instanceof Uint8Array) return
  const objectKeys = kind === 'json' ? defaultJsonBounds.objectKeys : defaultFormBounds.fields
  check(body, { depth: 0, pointer: '', key: undefined }, objectKeys)
}

function check(value: unknown, at: Place, objectKeys: number): void {
  if (typeof value === 'string') checkText(value, at)
  else if (typeof value === 'number') {
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) fail('unsafe_number', at)
  } else if (typeof value === 'object' && value !== null) {
    if (at.depth === defaultJsonBounds.depth) fail('too_deep', at)
    if (Array.isArray(value)) checkList(value, at, objectKeys)
    else checkObject(value, at, objectKeys)
  }
}

function checkList(list: readonly unknown[], at: Place, objectKeys: number): void {
  if (list.length > defaultJsonBounds.arrayItems) fail('array_too_long', at)
  list.forEach((item, index) => {
    check(item, below(at, String(index), undefined), objectKeys)
  })
}

function checkObject(value: object, at: Place, objectKeys: number): void {
  const keys = Object.keys(value)
  if (keys.length > objectKeys) fail('too_many_keys', at)
  for (const key of keys) {
    const place = below(at, key, key)
    checkText(key, place)
    if (isForbidden(key, at.key)) fail('forbidden_key', place)
    check((value as Readonly<Record<string, unknown>>)[key], place, objectKeys)
  }
}

/** The handlers of the app have no schema, so keys may reach a query: no `$` and no dot either. */
function isForbidden(key: string, above: string | undefined): boolean {
  if (key === '__proto__' || (key === 'prototype' && above === 'constructor')) return true
  return key.includes('$') || key.includes('.')
}

function checkText(text: string, at: Place): void {
  if (text.length > defaultJsonBounds.stringLength) fail('string_too_long', at)
  if (text.includes('\0') || !text.isWellFormed()) fail('forbidden_character', at)
}

function below({ depth, pointer }: Place, step: string, key: string | undefined): Place {
  const escaped = step.slice(0, pointerLimit).replaceAll('~', '~0').replaceAll('/', '~1')
  return { depth: depth + 1, pointer: `${pointer}/${escaped}`, key }
}

function fail(code: InputFaultCode, { pointer }: Place): never {
  const known = pointer.length <= pointerLimit
  throw inputError({ ok: false, code, ...(known ? { pointer } : {}) }, '#/body')
}
