const name = /^[a-z][a-zA-Z_-]{0,29}$/
const index = /^\d{1,3}$/
const mostParts = 5

/**
 * Where in a request something was found, such as `query.q` or `body.items.0.name`. Senders choose the
 * names of fields, so what does not look like a name that a programmer gave, or like a place in a list, is
 * left out: `query.:name`.
 */
export function fieldName(field: string): string {
  const parts = field.split('.', mostParts)
  return parts.map((part) => (name.test(part) || index.test(part) ? part : ':name')).join('.')
}
