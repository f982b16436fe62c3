import type { Request, RequestHandler } from 'express'
import type { SecurityError } from '../../errors/index.ts'
import { defaultFormBounds, inputError, readQuery } from '../../http/index.ts'
import {
  boundsFault,
  type InputCheck,
  type InputSchemas,
  inputErrors,
  type SentInput,
  type ValidateOptions,
  type ValidInput,
  validateWith,
} from '../../input/index.ts'
import { checkParsedBody } from '../node/parsed-value.ts'
import { strictKind } from '../node/strict-body.ts'
import { markControl } from './controls.ts'
import { markBodyCheck, releaseBody } from './held-body.ts'
import { answerThrown } from './refuse.ts'
import { markQueryCheck } from './single-query.ts'
import type { Pair, Parts } from './types.ts'

/** The check of a route's input: a handler, which also gives what the schemas made of a request. */
export interface Validation<S extends InputSchemas> extends RequestHandler, InputCheck<S> {
  /**
   * The input as the schemas read it, with its types. Only behind the check itself. While the control
   * `validation` does not refuse, a part that fits no schema is as it was sent.
   */
  of(request: object): ValidInput<S>
}

/**
 * Checks the parts of a request by any Standard Schema, or by `rules`; 400 lists every fault. It stands
 * behind the policy of the route. `request.body` and the rest stay as they were sent; what the schemas
 * made of them is in `request.valid`. What is no schema throws `schema_invalid` where the route is written.
 */
export type ValidateVerb = <S extends InputSchemas>(
  schemas: S,
  options?: ValidateOptions,
) => Validation<S>

export function validateVerb(parts: Parts): ValidateVerb {
  return <S extends InputSchemas>(schemas: S, options?: ValidateOptions) => {
    const check = validateWith(schemas, options)
    const results = new WeakMap<object, ValidInput<S>>()
    const judge = async (at: Pair): Promise<void> => {
      if (schemas.query) markQueryCheck(parts, at.request)
      const sent = sentOf(parts, at.request, { schemas, check })
      const value = await settle(parts, { at, check, sent })
      results.set(at.request, value)
      at.request.valid = Object.freeze({ ...at.request.valid, ...value })
    }
    const handler: RequestHandler = (request, response, next) => {
      judge({ request, response }).then(
        () => next(),
        (error: unknown) => answerThrown(parts, { request, response }, error),
      )
    }
    const of = (request: object): ValidInput<S> => {
      const value = results.get(request)
      if (value) return value
      const explanation = 'of(request) is asked behind the check: put it before the handler'
      throw inputErrors.schema_invalid({ explanation })
    }
    const mark = { parts: Object.keys(schemas).sort(), unknown: options?.unknown ?? 'refuse' }
    markControl(handler, { kind: 'validate', ...mark })
    const validation = Object.assign(handler, check, { of })
    return schemas.body === undefined ? validation : markBodyCheck(validation)
  }
}

interface Judged<S extends InputSchemas> {
  readonly at: Pair
  readonly check: InputCheck<S>
  readonly sent: SentInput
}

/** The values of a request that fits; throws the 400 of another where the control refuses. */
async function settle<S extends InputSchemas>(
  parts: Parts,
  { at, check, sent }: Judged<S>,
): Promise<ValidInput<S>> {
  const result = await check.check(sent)
  if (result.ok) return result.value
  countOrThrow(parts, at.request, result.error)
  return result.asSent as ValidInput<S>
}

/** Counts what does not fit as the mode of the control says; throws it where the control refuses. */
function countOrThrow({ security, slot }: Parts, request: Request, error: SecurityError): void {
  const mode = security.config.shield.validation
  const exchange = slot.get(request)
  if (mode !== 'off' && exchange) {
    const field = error.extras.faults?.[0]?.pointer
    const noted = { control: 'validation', rule: error.code, exchange } as const
    security.parts.ground.shadow.note({ ...noted, enforced: mode === 'on', field: fieldOf(field) })
  }
  if (mode === 'on') throw error
}

/** The part alone: the rest of a pointer may be a name that the client chose. */
function fieldOf(pointer: string | undefined): string | undefined {
  return pointer?.split('/')[1]
}

interface Asked<S extends InputSchemas> {
  readonly schemas: S
  readonly check: InputCheck<S>
}

function sentOf<S extends InputSchemas>(
  parts: Parts,
  request: Request,
  { check, schemas }: Asked<S>,
): SentInput {
  return {
    ...(schemas.params ? { params: request.params } : {}),
    ...(schemas.query ? { query: queryOf(parts, request) } : {}),
    ...(schemas.headers ? { headers: request.headers } : {}),
    ...(schemas.body ? bodyOf(parts, request, check) : {}),
  }
}

/**
 * Read anew from the request's own target: parsers of an app know nestings that were never sent. What
 * cannot be read is what the parser of the app made of it, while the control does not refuse.
 */
function queryOf(parts: Parts, request: Request): unknown {
  const { originalUrl } = request
  const mark = originalUrl.indexOf('?')
  const read = readQuery(mark < 0 ? '' : originalUrl.slice(mark + 1), defaultFormBounds)
  if (read.ok) return read.value
  countOrThrow(parts, request, inputError(read, '#/query'))
  return request.query
}

/** The body, released where it was held and the schema widens what held it. */
function bodyOf<S extends InputSchemas>(
  parts: Parts,
  request: Request,
  { bodyShape }: InputCheck<S>,
): SentInput {
  const kind = strictKind(request.headers)
  const bodyIsForm = kind === 'form'
  const held = parts.heldBodies.get(request)
  if (held) {
    const fault = bodyShape ? boundsFault(held.value, { shape: bodyShape }) : undefined
    if (fault) throw inputError(fault, '#/body')
    if (!bodyShape) throw held.refusal
    releaseBody(parts, request, held)
    return { body: held.value, bodyIsForm }
  }
  // Where Holdfast is not mounted before the route, nobody has looked at what a parser has made.
  if (kind && !parts.slot.get(request)) checkParsedBody(request.body, kind)
  return { body: request.body, bodyIsForm }
}
