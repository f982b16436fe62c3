import { fieldWords } from './field-words.ts'

const place = /^(?:path|query|header|cookie|body|params|form)(?: name)?$/
const index = /^\d{1,9}$/
const longestName = 40
const mostParts = 5

/**
 * Where in a request something was found, such as `query.q` or `body.items.:index.name`. Senders choose the
 * names of fields, and whatever they choose would stand in a log or a record for years: a name is told when
 * it is made of plain words that programmers name fields with, or is one of `known`, which the app itself
 * wrote down. Any other is `:name`.
 */
export function fieldName(field: string, known?: ReadonlySet<string>): string {
  if (known?.has(field)) return field
  return field.split('.', mostParts).map(shownPart).join('.')
}

function shownPart(part: string, at: number): string {
  if (at === 0 && place.test(part)) return part
  if (index.test(part)) return ':index'
  return isPlain(part) ? part : ':name'
}

function isPlain(name: string): boolean {
  if (name.length > longestName || !/^[a-z][a-zA-Z_-]*$/.test(name)) return false
  const words = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).split(/[_-]/)
  return words.every((word) => fieldWords.has(word))
}
