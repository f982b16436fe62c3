import { type Field, plainName, shown } from './fields.ts'

interface Place {
  readonly value: unknown
  readonly name: string
}

/**
 * Every key and text of a body that was parsed: of JSON, or of a form. Made one after the other, so that who
 * takes them decides how many there are. Any depth is walked, since a parser of the app takes any, and what
 * stands at several places, or in itself, is walked once.
 */
export function* fieldsOfBody(body: unknown, kind: 'json' | 'form'): Generator<Field, void> {
  const walked = new Set<object>()
  const waiting: Place[] = [{ value: body, name: 'body' }]
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    const { name, value } = at
    if (typeof value === 'string') {
      if (value !== '') yield { kind, name, text: value }
    } else if (typeof value === 'object' && value !== null && !walked.has(value)) {
      walked.add(value)
      const inner = Array.isArray(value) ? value.map((each) => ({ value: each, name })) : []
      if (!Array.isArray(value)) yield* keysOf(value, name, inner)
      while (inner.length > 0) waiting.push(inner.pop() as Place)
    }
  }
}

/** The keys that are no plain names; what they hold is added to `inner`. */
function* keysOf(value: object, name: string, inner: Place[]): Generator<Field, void> {
  for (const [key, held] of Object.entries(value)) {
    if (!plainName.test(key)) yield { kind: 'name', name: `${name} name`, text: key }
    inner.push({ value: held, name: name.length < 200 ? `${name}.${shown(key)}` : name })
  }
}
