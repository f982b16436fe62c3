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

/** The texts of XML: what stands between tags and in attributes. The markup itself is a text of its own. */
export function fieldsOfXml(raw: string): Field[] {
  const fields: Field[] = []
  for (const part of raw.split('<')) {
    const close = part.indexOf('>')
    const tag = close < 0 ? part : part.slice(0, close)
    if (/^!(?:entity|doctype)/i.test(tag)) fields.push(textField(`<${part}`))
    for (const each of tag.split(/="|='/).slice(1))
      fields.push(textField(each.replace(/["'][^"']{0,100}$/, '')))
    const text = close < 0 ? '' : part.slice(close + 1).trim()
    if (text !== '') fields.push(textField(text))
  }
  return fields
}

function textField(text: string): Field {
  return { kind: 'text', name: 'body', text }
}
