/** What a schema says of one value that it does not take. */
export interface SchemaIssue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly keys?: readonly string[]
  readonly expected?: string
  readonly origin?: string
  readonly minimum?: number | bigint
  readonly maximum?: number | bigint
  readonly values?: readonly unknown[]
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

const units: Readonly<Record<string, string>> = { string: 'characters', array: 'entries' }

/** A sentence that people understand, about a value in `input`; it repeats nothing of the value. */
export function issueText(issue: SchemaIssue, input: unknown): string {
  if (valueAt(input, issue.path) === undefined) return 'This is needed and was not sent.'
  return (wordsOf(issue) ?? sentence(issue.message)).slice(0, 200)
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`
}

/** Our words for what Zod says; none where an issue of another library lacks what they would name. */
function wordsOf(issue: SchemaIssue): string | undefined {
  const { code, expected = '', maximum, minimum, values } = issue
  if (code === 'invalid_type') {
    const kind = kinds[expected]
    return kind && `This has to be ${kind}.`
  }
  if (code === 'invalid_value' && values) {
    const known = values.map((one) => JSON.stringify(one)).join(', ')
    return values.length === 1 ? `This has to be ${known}.` : `This has to be one of ${known}.`
  }
  if (code === 'too_big') return bound(issue, 'most', maximum)
  if (code === 'too_small') return bound(issue, 'least', minimum)
  if (code === 'invalid_union') return 'This is of none of the kinds that are taken here.'
  return undefined
}

function bound({ origin = '' }: SchemaIssue, side: 'most' | 'least', limit: unknown) {
  if (limit === undefined) return undefined
  const unit = units[origin]
  if (unit === undefined) return `This has to be at ${side} ${limit}.`
  if (side === 'most') return `This is too long: at most ${limit} ${unit}.`
  return limit === 1 ? 'This is empty.' : `This is too short: at least ${limit} ${unit}.`
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    return isThere ? (value as Record<PropertyKey, unknown>)[step] : undefined
  }, input)
}
