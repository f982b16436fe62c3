const idShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const slugShape = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** How an organisation is named: by its id or its short name. Undefined for what can be neither. */
export type Reference =
  | { readonly column: 'id'; readonly value: string }
  | { readonly column: 'slug'; readonly value: string }

/** Reads a reference. No short name looks like an id, so nobody can take the place of another. */
export function readReference(text: string): Reference | undefined {
  if (idShape.test(text)) return { column: 'id', value: text }
  return slugShape.test(text) ? { column: 'slug', value: text } : undefined
}

/** Whether a text may be a short name: a label of a host name that is not an id. */
export function isSlug(text: string): boolean {
  return readReference(text)?.column === 'slug' && !text.startsWith('xn--')
}
