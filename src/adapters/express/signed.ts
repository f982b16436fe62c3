import type { RequestHandler } from 'express'
import { commonErrors } from '../../errors/index.ts'
import type { Exchange } from '../../http/index.ts'
import type { SignedOptions } from '../../signatures/index.ts'
import { invalidGuard } from '../node/errors.ts'
import { refusalOf } from '../node/problem-of.ts'
import { markControl } from './controls.ts'
import { refuse } from './refuse.ts'
import type { Pair, Parts } from './types.ts'
import { unprotectedNotice } from './unprotected.ts'

const componentShape =
  /^(?:@(?:method|target-uri|authority|scheme|path|query|request-target)|[a-z0-9-]+)$/
const tagShape = /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,100}$/

/**
 * Lets pass requests that are signed (RFC 9421), each once; 401 otherwise. It stands behind the guard of
 * the route: a signature says by which key, not what its holder may do. Options that cannot be throw
 * where the route is written.
 */
export function signedWith(parts: Parts) {
  return (options: SignedOptions): RequestHandler => {
    checkOptions(parts, options)
    const tellOnce = unprotectedNotice(parts, 'signed()')
    const verifier: RequestHandler = (request, response, next) => {
      const exchange = parts.slot.get(request)
      if (!exchange) {
        tellOnce(request)
        return refuse(parts, { request, response }, commonErrors.unavailable({ retryAfter: 1 }))
      }
      const at = { request, response }
      verify(parts, { ...at, exchange, options }).then(
        (passed) => passed && next(),
        (error: unknown) => refuse(parts, at, refusalOf(error)),
      )
    }
    return markControl(verifier, markOf(options))
  }
}

function markOf({ by, components, tag }: SignedOptions) {
  return {
    kind: 'signed',
    by: typeof by === 'function' ? 'function' : by,
    ...(components ? { components } : {}),
    ...(tag === undefined ? {} : { tag }),
  } as const
}

interface Verification extends Pair {
  readonly exchange: Exchange
  readonly options: SignedOptions
}

async function verify(parts: Parts, at: Verification): Promise<boolean> {
  const { exchange, options, request } = at
  const verdict = await parts.security.signatures.verify(exchange, options)
  if (!verdict.ok) {
    refuse(parts, at, verdict.error)
    return false
  }
  request.signature = verdict.signature
  return true
}

function checkOptions(parts: Parts, options: SignedOptions): void {
  checkKeys(parts, options)
  const { components = [], tag } = options
  const wrong = components.find((name) => !componentShape.test(name))
  if (wrong !== undefined) {
    throw invalidGuard(`signed({ components }) holds '${wrong}', which is no name that is taken`)
  }
  if (tag !== undefined && !tagShape.test(tag)) {
    throw invalidGuard('signed({ tag }) takes up to 100 plain characters without quotes')
  }
}

/** No default: a route that says nothing would take keys that it was not meant for. */
function checkKeys({ security }: Parts, options: Partial<SignedOptions> | undefined): void {
  const by = options?.by
  if (by === 'session' || by === 'program' || typeof by === 'function') return
  if (!Array.isArray(by) || by.length === 0) {
    throw invalidGuard(
      "signed({ by }) takes 'session', 'program', ids of signatures.keys, or a function from keyid to key",
    )
  }
  const unknown = by.find((id) => !Object.hasOwn(security.config.signatures.keys, String(id)))
  if (unknown !== undefined) {
    throw invalidGuard(`signed({ by }) names '${unknown}', which signatures.keys does not have`)
  }
}
