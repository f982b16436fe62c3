import { suggest } from '../config/index.ts'
import type { FieldFault } from '../errors/index.ts'
import { issueText, pointerStep, type SchemaIssue } from '../http/index.ts'
import { type StandardIssue, stepsOf } from './standard-schema.ts'
import type { UnknownKey } from './unknown-keys.ts'

/** A part of a request that a schema can be given for. */
export type InputPart = 'params' | 'query' | 'headers' | 'body'

export const inputParts: readonly InputPart[] = ['params', 'query', 'headers', 'body']

/** The fault of a key that no schema names, with the name that was most likely meant. */
export function unknownFault(part: InputPart, { known, path }: UnknownKey): FieldFault {
  const near = suggest(String(path.at(-1)), known)
  const hint = near === undefined ? '' : ` Send "${near}" instead.`
  const detail = `This field is not known here.${hint}`
  return { pointer: pointerTo(part, path), code: 'unknown_field', detail }
}

/** The fault of an issue of `rules`. Its text is our own and names nothing that was sent: it stays whole. */
export function ruleFault(part: InputPart, issue: StandardIssue): FieldFault {
  const { code } = issue as StandardIssue & Partial<Written>
  return { pointer: pointerTo(part, stepsOf(issue)), code: codeOf(code), detail: issue.message }
}

/** The faults of one issue of a schema. What a client sent is never repeated in them. */
export function issueFaults(part: InputPart, issue: StandardIssue, sent: unknown): FieldFault[] {
  const path = stepsOf(issue)
  const { code, keys, type } = issue as StandardIssue & Partial<Written>
  if (code === 'unrecognized_keys') {
    return (keys ?? []).map((key) =>
      unknownFault(part, { path: textsOf([...path, key]), known: [] }),
    )
  }
  const schemaIssue = { ...issue, path } as SchemaIssue
  const detail = plainText(issueText(schemaIssue, sent), valueAt(sent, path))
  return [{ pointer: pointerTo(part, path), code: codeOf(code ?? type), detail }]
}

/** What libraries add to an issue. */
interface Written {
  readonly code: string
  readonly type: string
  readonly keys: readonly string[]
}

const noText = 'This is not as the route expects.'

/** Valibot and ArkType end their messages with what they received; that, and all else of it, is cut. */
function plainText(text: string, value: unknown): string {
  const cut = text.replace(/ (?:but received|received|\(was) [\s\S]*$/, '.')
  const repeats = typeof value === 'string' && value.length > 1 && cut.includes(value.slice(0, 100))
  return repeats ? noText : cut
}

function codeOf(code: unknown): string {
  return typeof code === 'string' && /^[a-z][a-z0-9_]{0,40}$/i.test(code) ? code : 'invalid'
}

function pointerTo(part: InputPart, path: readonly PropertyKey[]): string {
  return `#/${part}${path.map((step) => `/${pointerStep(step)}`).join('')}`
}

const textsOf = (path: readonly PropertyKey[]) => path.map(String)

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    return isThere ? (value as Record<PropertyKey, unknown>)[step] : undefined
  }, input)
}
