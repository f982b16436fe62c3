import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { problem } from '../../src/contract.ts'
import type { RawAnswer } from '../adapters/raw-http.ts'
import type { Document, Operation } from './operations.ts'
import type { Draft } from './request.ts'

const errorsPage = new URL('../../docs/errors.md', import.meta.url)

/** Refusals by the credential or a limit; everything else got past both. */
const stopped = new Set([
  ...['authentication_required', 'token_invalid', 'token_expired', 'session_revoked', 'forbidden'],
  ...['csrf_refused', 'rate_limited', 'revocation_unconfirmed'],
])

export interface Verdict {
  readonly code: string | undefined
  /** Past authentication and limits. */
  readonly passed: boolean
  /** What is wrong with the answer; undefined when nothing is. */
  readonly fault: string | undefined
}

/** Judges answers by the document of the API and the list of its errors. */
export class Judge {
  readonly #known: ReadonlyMap<string, number>
  readonly #common: ReadonlySet<string>
  readonly #schemas = new Map<string, z.ZodType>()

  readonly #paths: Document['paths']

  constructor({ info, paths }: Document) {
    this.#paths = paths
    this.#known = documentedCodes()
    this.#common = new Set(info.description.match(/[a-z]+(?:_[a-z]+)+|unavailable/g))
  }

  judge(draft: Draft, answer: RawAnswer): Verdict {
    const { body, headers, status } = answer
    const type = headers['content-type'] ?? ''
    if (status >= 500) return { code: undefined, passed: true, fault: `${status} ${body}` }
    if (draft.method === 'HEAD') return { code: undefined, passed: status < 400, fault: undefined }
    const plain = { code: undefined, passed: headers['x-request-id'] !== undefined }
    if (!type.includes('json')) return { ...plain, fault: this.#withoutJson(draft, answer) }
    const value = parsed(body)
    if (value === undefined) return { ...plain, fault: `no JSON: ${body}` }
    if (status < 400) return { ...plain, fault: this.#success(draft, status, value) }
    const fault = this.#refusal(draft, answer, value)
    const code = (value as { code?: string }).code
    return { code, passed: code !== undefined && !stopped.has(code), fault }
  }

  /** Pages answer HTML, some successes have no body, and what is no HTTP is answered by Node. */
  #withoutJson({ change, operation }: Draft, { headers, status }: RawAnswer): string | undefined {
    const byNode = headers['x-request-id'] === undefined
    if (byNode) return status >= 400 ? undefined : `${status} without a request id`
    // Whoever says that it would rather have a page gets one of what the pipeline refuses.
    const mayBePage = operation.kind === 'page' || (change === 'headers' && status >= 400)
    if (headers['content-type']?.startsWith('text/html') && mayBePage) return
    if (status === 204 || status === 302 || status === 303) return undefined
    return `${status} of type ${headers['content-type']}`
  }

  #success({ change, operation }: Draft, status: number, value: unknown): string | undefined {
    if (change === 'path' || change === 'method' || change === 'framing') return undefined
    const content = operation.responses[status]?.content?.['application/json']
    if (!content) return `${status} is not in the document`
    const key = `${operation.name} ${status}`
    const schema = this.#schemas.get(key) ?? z.fromJSONSchema(content.schema as never)
    this.#schemas.set(key, schema)
    const result = schema.safeParse(value)
    return result.success ? undefined : `${status} not as documented: ${result.error.message}`
  }

  #refusal(draft: Draft, answer: RawAnswer, value: unknown): string | undefined {
    const { change, operation } = draft
    const { headers, status } = answer
    if (headers['content-type'] !== 'application/problem+json') return `${status} is no problem`
    const read = problem.safeParse(value)
    if (!read.success) return `${status} is no problem document: ${read.error.message}`
    const { code, status: told, type } = read.data
    if (told !== status || type !== `urn:holdfast:problem:${code}`)
      return `${status} is not ${told}`
    if (!this.#known.has(code)) return `${code} is not in docs/errors.md`
    if (operation.kind === 'page' || this.#common.has(code)) return undefined
    if (this.#known.get(code) !== status) return `${code} is not ${status} in docs/errors.md`
    // Another path may be that of another route, which refuses in words of its own.
    if (change === 'path' || this.#isOfAnother(draft)) return undefined
    return this.#codesOf(draft).has(code) ? undefined : `${code} is not documented there`
  }

  /** With another method a path may be that of a route with a parameter in it, as `options` may be an id. */
  #isOfAnother({ change, method, operation }: Draft): boolean {
    return change === 'method' && !this.#paths[operation.path]?.[method.toLowerCase()]
  }

  /** What the route says of itself; of another method at its path, what that one says. */
  #codesOf({ method, operation }: Draft): ReadonlySet<string> {
    const asked = this.#paths[operation.path]?.[method.toLowerCase()] ?? operation
    return codesOf(asked)
  }
}

function documentedCodes(): ReadonlyMap<string, number> {
  const rows = readFileSync(errorsPage, 'utf8').matchAll(/^\| `(\w+)` \| (\d+) \|/gm)
  return new Map([...rows].map(([, code = '', status]) => [code, Number(status)]))
}

function codesOf({ responses }: Pick<Operation, 'responses'>): ReadonlySet<string> {
  const named = /Codes: (.*)\.$/.exec(responses.default?.description ?? '')?.[1] ?? ''
  return new Set(named.split(', '))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'latin1').toString('utf8'))
  } catch {
    return undefined
  }
}
