import type { RequestHandler } from 'express'
import { commonErrors } from '../../errors/index.ts'
import type { Exchange } from '../../http/index.ts'
import type { SignedOptions } from '../../signatures/index.ts'
import { invalidGuard } from '../node/errors.ts'
import { refusalOf } from '../node/problem-of.ts'
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
  return (options: SignedOptions = {}): RequestHandler => {
    checkOptions(options)
    const tellOnce = unprotectedNotice(parts, 'signed()')
    return (request, response, next) => {
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
  }
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

function checkOptions({ components = [], keys, tag }: SignedOptions): void {
  const wrong = components.find((name) => !componentShape.test(name))
  if (wrong !== undefined) {
    throw invalidGuard(`signed({ components }) holds '${wrong}', which is no name that is taken`)
  }
  if (tag !== undefined && !tagShape.test(tag)) {
    throw invalidGuard('signed({ tag }) takes up to 100 plain characters without quotes')
  }
  if (keys !== undefined && typeof keys !== 'function') {
    throw invalidGuard('signed({ keys }) takes a function from keyid to key')
  }
}
