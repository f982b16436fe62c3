import type { Request, RequestHandler } from 'express'
import { accessErrors } from '../../access/index.ts'
import { commonErrors, SecurityError } from '../../errors/index.ts'
import { type Exchange, inputError } from '../../http/index.ts'
import { boundsFault } from '../../input/index.ts'
import { challenges } from '../../sessions/index.ts'
import { invalidGuard } from '../node/errors.ts'
import { refusalOf } from '../node/problem-of.ts'
import { parsedKind } from '../node/strict-body.ts'
import { markControl } from './controls.ts'
import { refuse } from './refuse.ts'
import type { Parts } from './types.ts'
import { unprotectedNotice } from './unprotected.ts'

/** For what browsers encrypt the fields of a route. */
export interface EncryptedFieldOptions {
  /** What the fields belong to, such as `clients`: `aud` of field `taxId` is then `clients/taxId`. */
  readonly context: string
}

const nameShape = /^[A-Za-z][A-Za-z0-9_-]{0,62}(?:\/[A-Za-z][A-Za-z0-9_-]{0,62}){0,4}$/
const contextShape = /^[A-Za-z0-9][\w.:-]{0,99}$/

type Holder = Record<string, unknown>

/**
 * Puts the text of encrypted fields in their place in `request.body`, before the handler and its schema.
 * `names` are paths below the body, such as `taxId` or `bank/iban`. A field that is not there stays away;
 * one that is there and does not open for the account that is signed in is 400
 * `field_encryption_invalid`, plain text included; without an account it is 401.
 */
export function encryptedFieldsWith(parts: Parts) {
  return (names: readonly string[], { context }: EncryptedFieldOptions): RequestHandler => {
    const wrong = names.find((name) => !nameShape.test(name))
    if (wrong !== undefined) throw invalidGuard(`encryptedFields: '${wrong}' is no path of a field`)
    if (!contextShape.test(context)) {
      throw invalidGuard('encryptedFields({ context }) takes letters, digits and - _ . :')
    }
    const tellOnce = unprotectedNotice(parts, 'encryptedFields()')
    const opener: RequestHandler = (request, response, next) => {
      const at = { request, response }
      const exchange = parts.slot.get(request)
      if (!exchange) {
        tellOnce(request)
        return refuse(parts, at, commonErrors.unavailable({ retryAfter: 1 }))
      }
      openAll(parts, { exchange, request, context, names }).then(
        () => next(),
        (error: unknown) => refuse(parts, at, refusalOf(error)),
      )
    }
    return markControl(opener, { kind: 'encryptedFields', context, names })
  }
}

interface Opening {
  readonly exchange: Exchange
  readonly request: Request
  readonly context: string
  readonly names: readonly string[]
}

async function openAll(parts: Parts, opening: Opening): Promise<void> {
  const { body }: { readonly body: unknown } = opening.request
  for (const name of opening.names) {
    const path = name.split('/')
    const last = path.pop() ?? ''
    const holder = path.reduce(memberOf, body)
    if (!isHolder(holder) || !Object.hasOwn(holder, last)) continue
    holder[last] = await openOne(parts, opening, { name, sealed: holder[last] })
  }
}

/** What comes out is judged as what comes in plainly: by the bounds of bodies, and for attacks. */
async function openOne(
  { security }: Parts,
  { context, exchange }: Opening,
  { name, sealed }: { readonly name: string; readonly sealed: unknown },
): Promise<string> {
  const subject = exchange.state.auth?.userId
  if (!subject) throw accessErrors.authentication_required({ headers: challenges.required })
  const about = { context: `${context}/${name}`, subject }
  const text = await security.fields
    .decrypt(sealed, about)
    .catch((error: unknown) => Promise.reject(located(error, name)))
  const fault = boundsFault(text)
  if (fault) throw inputError(fault, `#/body/${name}`)
  // The place of a text decides what it is asked: one of a form is asked everything.
  const kind = parsedKind(exchange.headers)
  security.parts.rooms.detector.inspectBody(exchange, nested(name, text), kind)
  return text
}

/** The text at its place in a body that holds nothing else: the rest has been looked at. */
function nested(name: string, text: string): unknown {
  return name.split('/').reduceRight<unknown>((inner, step) => ({ [step]: inner }), text)
}

function memberOf(value: unknown, name: string): unknown {
  return isHolder(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function located(error: unknown, name: string): unknown {
  if (!(error instanceof SecurityError) || error.status !== 400) return error
  const { code, detail, status, title } = error
  const faults = [{ pointer: `#/body/${name}`, code, detail }]
  return new SecurityError(code, { status, title, detail }, { faults })
}
