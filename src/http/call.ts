import { ZodObject, ZodOptional, type ZodType } from 'zod'
import { suggest } from '../config/index.ts'
import { commonErrors, type FieldFault } from '../errors/index.ts'
import { demandMediaType, inputError, parseBody } from './body.ts'
import type { Exchange } from './exchange.ts'
import { defaultFormBounds, readQuery } from './form.ts'
import { issueText, type SchemaIssue } from './issue-text.ts'
import { defaultJsonBounds, readJson } from './json.ts'
import { pointerStep } from './pointer.ts'
import type { Call, JsonMedia, Route } from './route.ts'

/** Most bytes of a body, by the kind a route takes. */
export interface CallLimits {
  readonly jsonBytes: number
  readonly formBytes: number
}

type Part = 'body' | 'query' | 'params'

/** Names that an unknown sender sends who tries to make herself more than she is. */
const privileged = new Set([
  'role',
  'roles',
  'permissions',
  'admin',
  'isadmin',
  'is_admin',
  'status',
  'verified',
  'emailverified',
  'email_verified',
  'tenant',
  'tenantid',
  'organisation',
  'id',
  'userid',
])

/** Reads and checks what a route asks for. Throws a 4xx that lists every fault it found. */
export async function readCall(
  route: Route,
  exchange: Exchange,
  input: { readonly params: Readonly<Record<string, string>>; readonly limits: CallLimits },
): Promise<Call> {
  const query = parsePart(route, 'query', queryOf(exchange))
  const params = parsePart(route, 'params', input.params)
  const body = parsePart(route, 'body', await bodyOf(route, exchange, input.limits))
  return { body, query, params, exchange, auth: exchange.state.auth }
}

function queryOf(exchange: Exchange): unknown {
  const read = readQuery(exchange.query, defaultFormBounds)
  if (!read.ok) throw inputError(read, '#/query')
  return read.value
}

async function bodyOf(route: Route, exchange: Exchange, limits: CallLimits): Promise<unknown> {
  if (route.method === 'GET') return undefined
  if (route.media) return mediaOf(route.media, exchange)
  const page = route.kind === 'page'
  const bytes = await exchange.readBody(page ? limits.formBytes : limits.jsonBytes)
  return parseBody(bytes, exchange.headers, {
    accepts: page ? ['form'] : ['json'],
    json: defaultJsonBounds,
    form: defaultFormBounds,
  })
}

async function mediaOf({ bounds, types }: JsonMedia, exchange: Exchange): Promise<unknown> {
  const type = demandMediaType(exchange.headers, Object.keys(types))
  const read = readJson(await exchange.readBody(types[type] ?? 0), bounds)
  if (!read.ok) throw inputError(read, '#/body')
  return read.value
}

function parsePart(route: Route, part: Part, value: unknown): unknown {
  const schema = route[part]
  if (!schema) return refuseUndeclared(route, part, value)
  const sent = part === 'body' && value === undefined ? absent(schema) : value
  const result = (schema as ZodType).safeParse(sent)
  if (result.success) return result.data
  const faults = result.error.issues.flatMap((issue) =>
    faultsOf({ part, route, schema, value: sent }, issue),
  )
  const unknown = faults.some((fault) => fault.code === 'unknown_field')
  throw unknown ? commonErrors.unknown_field({ faults }) : commonErrors.invalid_request({ faults })
}

/** A body that was not sent: absent where that is allowed, else an empty object with its faults. */
function absent(schema: ZodType): unknown {
  return schema.safeParse(undefined).success ? undefined : {}
}

/** Parts a route says nothing about: pages ignore a query, everything else must be empty. */
function refuseUndeclared(route: Route, part: Part, value: unknown): unknown {
  if (part === 'params' || value === undefined) return {}
  if (part === 'query' && route.kind === 'page') return {}
  if (part === 'body' && route.kind === 'page') return value
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : ['']
  if (names.length === 0) return {}
  const base = `#/${part}`
  throw commonErrors.unknown_field({
    faults: names.map((name) => unknownField(name, { base, route, known: [] })),
  })
}

interface Asked {
  readonly part: Part
  readonly route: Route
  readonly schema: ZodType
  /** What was sent. */
  readonly value: unknown
}

function faultsOf({ part, route, schema, value }: Asked, issue: SchemaIssue): FieldFault[] {
  const base = `#/${part}${issue.path.map((step) => `/${pointerStep(step)}`).join('')}`
  if (issue.code === 'unrecognized_keys') {
    const known = issue.path.length === 0 ? namesOf(schema) : []
    return (issue.keys ?? []).map((key) => unknownField(key, { base, route, known }))
  }
  return [{ pointer: base, code: issue.code ?? 'invalid', detail: issueText(issue, value) }]
}

function namesOf(schema: ZodType): readonly string[] {
  if (schema instanceof ZodOptional) return namesOf(schema.unwrap() as ZodType)
  return schema instanceof ZodObject ? Object.keys(schema.shape) : []
}

interface Surroundings {
  readonly base: string
  readonly route: Route
  /** Names that would have been taken. */
  readonly known: readonly string[]
}

function unknownField(name: string, { base, known, route }: Surroundings): FieldFault {
  const pointer = `${base}/${pointerStep(name)}`
  if (route.policy.kind === 'public' && privileged.has(name.toLowerCase())) {
    const detail = 'This is never taken from a request: administrators set it.'
    return { pointer, code: 'unknown_field', detail }
  }
  const near = suggest(name, known)
  const hint = near === undefined ? '' : ` Send "${near}" instead.`
  return { pointer, code: 'unknown_field', detail: `This field is not known here.${hint}` }
}
