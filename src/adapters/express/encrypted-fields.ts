import type { RequestHandler } from 'express'
import { SecurityError } from '../../errors/index.ts'
import { invalidGuard } from '../node/errors.ts'
import { refusalOf } from '../node/problem-of.ts'
import { refuse } from './refuse.ts'
import type { Parts } from './types.ts'

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
 * one that is there and does not open is 400 `field_encryption_invalid`, plain text included.
 */
export function encryptedFieldsWith(parts: Parts) {
  return (names: readonly string[], { context }: EncryptedFieldOptions): RequestHandler => {
    const wrong = names.find((name) => !nameShape.test(name))
    if (wrong !== undefined) throw invalidGuard(`encryptedFields: '${wrong}' is no path of a field`)
    if (!contextShape.test(context)) {
      throw invalidGuard('encryptedFields({ context }) takes letters, digits and - _ . :')
    }
    return (request, response, next) => {
      openAll(parts, { body: request.body, context, names }).then(
        () => next(),
        (error: unknown) => refuse(parts, { request, response }, refusalOf(error)),
      )
    }
  }
}

interface Opening {
  readonly body: unknown
  readonly context: string
  readonly names: readonly string[]
}

async function openAll({ security }: Parts, { body, context, names }: Opening): Promise<void> {
  for (const name of names) {
    const path = name.split('/')
    const last = path.pop() ?? ''
    const holder = path.reduce(memberOf, body)
    if (!isHolder(holder) || !Object.hasOwn(holder, last)) continue
    const about = { context: `${context}/${name}` }
    holder[last] = await security.fields
      .decrypt(holder[last], about)
      .catch((error: unknown) => Promise.reject(located(error, name)))
  }
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
