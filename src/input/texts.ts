import { type StandardResult, type StandardSchema, stepsOf } from './standard-schema.ts'

/** Our own rules read texts as numbers and truth values where they ask for them; see `rules`. */
export interface ReadsTexts {
  readonly ofTexts: StandardSchema
}

/** Asks a schema. */
export async function runSchema(
  schema: StandardSchema,
  value: unknown,
): Promise<StandardResult<unknown>> {
  return schema['~standard'].validate(value)
}

/**
 * Asks a schema about a query, parameters, headers or a form, whose values are texts or, when a name was
 * sent several times, lists of texts. One text stands for a list of one where the schema wants a list,
 * and nowhere else; whatever else a text may mean is for the schema to say.
 */
export async function readTexts(
  schema: StandardSchema,
  fields: unknown,
): Promise<StandardResult<unknown>> {
  const asked = 'ofTexts' in schema ? (schema as unknown as ReadsTexts).ofTexts : schema
  const first = await runSchema(asked, fields)
  if (!first.issues || !isRecord(fields)) return first
  const single = singleTexts(first.issues, fields)
  if (single.size === 0) return first
  const lists = Object.entries(fields).map(([name, value]) => [
    name,
    single.has(name) ? [value] : value,
  ])
  const second = await runSchema(asked, Object.fromEntries(lists))
  if (!second.issues) return second
  const mended = without(single, second.issues)
  return { issues: first.issues.filter((issue) => !mended.has(String(stepsOf(issue)[0]))) }
}

/** Names of fields that hold one text and were refused as such. */
function singleTexts(
  issues: Extract<StandardResult<unknown>, { issues: object }>['issues'],
  fields: Readonly<Record<string, unknown>>,
): ReadonlySet<string> {
  const refused = issues.map(stepsOf).filter((path) => path.length === 1)
  const names = refused.map(([name]) => String(name))
  return new Set(names.filter((name) => typeof fields[name] === 'string'))
}

function without(
  names: ReadonlySet<string>,
  issues: Extract<StandardResult<unknown>, { issues: object }>['issues'],
): ReadonlySet<string> {
  const left = new Set(names)
  for (const issue of issues) left.delete(String(stepsOf(issue)[0]))
  return left
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
