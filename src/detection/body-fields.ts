import { type Field, plainName, shown } from './fields.ts'
import type { FieldKind } from './rule.ts'

interface Walk {
  readonly fields: Field[]
  readonly kind: FieldKind
}

/** Every key and text of a body that was parsed: of JSON, or of a form. */
export function fieldsOfBody(value: unknown, kind: 'json' | 'form'): Field[] {
  const fields: Field[] = []
  walk(value, 'body', { fields, kind })
  return fields
}

// The strict reader bounds depth and size before anything comes here.
function walk(value: unknown, name: string, at: Walk): void {
  if (typeof value === 'string') {
    if (value !== '') at.fields.push({ kind: at.kind, name, text: value })
  } else if (Array.isArray(value)) {
    for (const each of value) walk(each, name, at)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (!plainName.test(key)) at.fields.push({ kind: 'name', name: `${name} name`, text: key })
      walk(inner, name.length < 200 ? `${name}.${shown(key)}` : name, at)
    }
  }
}
