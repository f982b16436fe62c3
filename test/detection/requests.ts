import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Field,
  fieldsOfBody,
  fieldsOfForm,
  fieldsOfHeader,
  fieldsOfTarget,
  fieldsOfXml,
} from '../../src/detection/index.ts'

const vectors = fileURLToPath(new URL('../vectors/', import.meta.url))

const text = (path: string): string => readFileSync(join(vectors, path), 'utf8')

const lines = <T>(path: string): readonly T[] =>
  text(path)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)

/** A request of the tests of the Core Rule Set. */
export interface RuleSetRequest {
  readonly rule: number
  readonly pl: number
  readonly kind: 'attack' | 'rule-must-not-match'
  readonly uri: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly data: string | null
}

export const ruleSetRequests = (): readonly RuleSetRequest[] => lines('crs/requests.ndjson')
export const names = (): readonly string[] => JSON.parse(text('names/names.json'))
export const naughtyStrings = (): readonly string[] => JSON.parse(text('naughty-strings/blns.json'))
/** Paragraphs about other things than attacks. */
export const prose = (): readonly string[] =>
  lines<{ text: string }>('prose/paragraphs.ndjson').map((one) => one.text)
/** Texts for people about SQL, shells and markup. */
export const hardProse = (): readonly string[] => JSON.parse(text('prose/hard.json'))

/** What is inspected of such a request, as the adapters would. */
export function fieldsOf({ data, headers, uri }: RuleSetRequest): Field[] {
  const target = uri ?? '/'
  const mark = target.indexOf('?')
  const [path, query] = mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
  const fields = fieldsOfTarget(path, query)
  for (const [name, value] of Object.entries(headers)) {
    fieldsOfHeader(name.toLowerCase(), value, fields)
  }
  return data === null ? fields : [...fields, ...fieldsOfData(data, typeOf(headers))]
}

function typeOf(headers: RuleSetRequest['headers']): string {
  const entry = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')
  return entry?.[1] ?? ''
}

function fieldsOfData(data: string, type: string): Field[] {
  if (type.includes('json')) return [...fieldsOfBody(JSON.parse(data), 'json')]
  if (/xml|multipart/.test(type)) return [...fieldsOfXml(data)]
  return fieldsOfForm(data.replace(/\n$/, ''))
}
