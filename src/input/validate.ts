import { commonErrors, type FieldFault, type SecurityError } from '../errors/index.ts'
import type { RequestHeaders } from '../http/index.ts'
import { invalidSchema } from './errors.ts'
import { type InputPart, inputParts, issueFaults, ruleFault, unknownFault } from './faults.ts'
import { isOurs, type Shape, shapeOf } from './shape.ts'
import { isStandardSchema, type SchemaOutput, type StandardSchema } from './standard-schema.ts'
import { readTexts, runSchema } from './texts.ts'
import { droppedKeys, unknownKeys, withoutUnknown } from './unknown-keys.ts'

/** A schema for each part of a request that the handler reads. Parts without one are not looked at. */
export interface InputSchemas {
  readonly body?: StandardSchema
  readonly query?: StandardSchema
  /** Parameters of the path. */
  readonly params?: StandardSchema
  /** Headers by lower-case names; all that the schema does not name are left alone. */
  readonly headers?: StandardSchema
}

/** How `validate` treats what no schema names. */
export interface ValidateOptions {
  /**
   * Keys of a body or query that the schema does not name, however deep: `refuse`, the default, answers
   * 400 `unknown_field`; `strip` leaves them out of what the handler gets.
   */
  readonly unknown?: 'refuse' | 'strip'
}

/** What the schemas made of a request, part by part. */
export type ValidInput<S extends InputSchemas> = {
  readonly [P in keyof S & InputPart]: SchemaOutput<S[P]>
}

/** The parts of a request as they were sent. */
export interface SentInput {
  readonly body?: unknown
  /** The body came as a form: its values are texts. */
  readonly bodyIsForm?: boolean
  readonly query?: unknown
  readonly params?: unknown
  readonly headers?: RequestHeaders
}

/** What became of a check: the values as the schemas read them, or the 400 that lists every fault. */
export type InputResult<S extends InputSchemas> =
  | { readonly ok: true; readonly value: ValidInput<S> }
  | {
      readonly ok: false
      readonly error: SecurityError
      /** The parts that fit as their schemas read them, the others as they were sent. */
      readonly asSent: Readonly<Partial<Record<InputPart, unknown>>>
    }

/** Checks requests by the schemas that it was made with. */
export interface InputCheck<S extends InputSchemas> {
  /** Never changes what was sent. Rejects only with what a schema itself throws. */
  check(sent: SentInput): Promise<InputResult<S>>
  /** What the schema of the body says of itself, for the bounds that it widens. */
  readonly bodyShape: Shape | undefined
}

interface PartCheck {
  readonly part: InputPart
  readonly schema: StandardSchema
  readonly shape: Shape | undefined
  readonly unknown: 'refuse' | 'strip'
}

type PartResult = { readonly value: unknown; readonly faults: readonly FieldFault[] }

/** Most faults that one answer lists. */
const mostFaults = 100

/**
 * Prepares the check of a request by any Standard Schema. Every fault of every part is listed at once,
 * as a JSON pointer such as `#/body/items/0/price`. A text stays a text: only a schema turns the texts of
 * a query, parameter, header or form into something else, and only where it asks for a list does a
 * parameter that was sent several times become one. Throws `schema_invalid` for what is no schema.
 */
export function validateWith<S extends InputSchemas>(
  schemas: S,
  options: ValidateOptions = {},
): InputCheck<S> {
  const { unknown = 'refuse' } = options
  if (unknown !== 'refuse' && unknown !== 'strip') {
    throw invalidSchema(`validate(schemas, { unknown }) takes 'refuse' or 'strip'`)
  }
  const checks = checksOf(schemas, unknown)
  return {
    bodyShape: checks.find(({ part }) => part === 'body')?.shape,
    async check(sent) {
      const value: Partial<Record<InputPart, unknown>> = {}
      const faults: FieldFault[] = []
      for (const check of checks) {
        const result = await checkPart(check, sent)
        value[check.part] = result.faults.length > 0 ? sent[check.part] : result.value
        faults.push(...result.faults)
      }
      if (faults.length === 0) return { ok: true, value: value as ValidInput<S> }
      return { ok: false, error: refusalOf(faults), asSent: value }
    },
  }
}

function checksOf(schemas: InputSchemas, unknown: 'refuse' | 'strip'): readonly PartCheck[] {
  const names = Object.keys(schemas)
  const stranger = names.find((name) => !(inputParts as readonly string[]).includes(name))
  if (stranger !== undefined || names.length === 0) {
    throw invalidSchema(`validate takes schemas for ${inputParts.join(', ')}`)
  }
  return inputParts.flatMap((part) => {
    if (!Object.hasOwn(schemas, part)) return []
    const schema: unknown = schemas[part]
    if (!isStandardSchema(schema)) {
      throw invalidSchema(
        `validate({ ${part} }) takes a schema of a library that speaks Standard Schema (Zod, Valibot, ArkType), or rules({ ... })`,
      )
    }
    return [{ part, schema, shape: shapeOf(schema), unknown }]
  })
}

async function checkPart(check: PartCheck, sent: SentInput): Promise<PartResult> {
  const { part, schema } = check
  const raw = part === 'headers' ? namedHeaders(check, sent.headers ?? {}) : sent[part]
  const strict = part === 'body' || part === 'query'
  const strange = strict && check.unknown === 'refuse' ? unknownKeys(raw, check.shape) : []
  const given = strict && check.unknown === 'strip' ? withoutUnknown(raw, check.shape) : raw
  const asText = part !== 'body' || sent.bodyIsForm === true
  const result = asText ? await readTexts(schema, given ?? {}) : await readBody(schema, given)
  const faults = strange.map((key) => unknownFault(part, key))
  if (result.issues) {
    const issues = result.issues.flatMap((issue) =>
      isOurs(schema) ? ruleFault(part, issue) : issueFaults(part, issue, given),
    )
    return { value: raw, faults: beside(faults, issues) }
  }
  if (strict && !check.shape && check.unknown === 'refuse') {
    faults.push(...droppedKeys(given, result.value).map((key) => unknownFault(part, key)))
  }
  return { value: result.value, faults }
}

/** A body that was not sent is absent where the schema allows that, else an empty object with its faults. */
async function readBody(schema: StandardSchema, given: unknown) {
  const result = await runSchema(schema, given)
  return given === undefined && result.issues ? runSchema(schema, {}) : result
}

/** The headers that a schema names; all of them where it cannot be asked, for it to choose from. */
function namedHeaders({ shape }: PartCheck, headers: RequestHeaders): RequestHeaders {
  if (!shape?.keys) return headers
  return Object.fromEntries(Object.entries(headers).filter(([name]) => shape.keys?.has(name)))
}

/** What is unknown is said once: some schemas say it as well, in words of their own. */
function beside(strange: readonly FieldFault[], issues: readonly FieldFault[]): FieldFault[] {
  const places = new Set(strange.map(({ pointer }) => pointer))
  return [...strange, ...issues.filter(({ pointer }) => !places.has(pointer))]
}

function refusalOf(faults: readonly FieldFault[]): SecurityError {
  const listed = faults.slice(0, mostFaults)
  const unknown = faults.some((fault) => fault.code === 'unknown_field')
  const { invalid_request, unknown_field } = commonErrors
  return unknown ? unknown_field({ faults: listed }) : invalid_request({ faults: listed })
}
