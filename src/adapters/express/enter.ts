import type { BodyKind } from '../../http/index.ts'
import type { Entry } from '../../security.ts'
import { enterNamed } from '../../shield/index.ts'
import type { NodeExchange } from '../node/exchange.ts'
import { checkParsedBody } from '../node/parsed-value.ts'
import { applyHeaders, sendAnswer } from '../node/respond.ts'
import { checkCsrfField, hasBody, readStrictBody, strictKind } from '../node/strict-body.ts'
import { setCaller } from './caller.ts'
import { leftoverOf } from './leftover.ts'
import { answerThrown } from './refuse.ts'
import type { Handling, Pair, Parts } from './types.ts'

interface Passage extends Pair {
  readonly exchange: NodeExchange
  readonly next: (error?: unknown) => void
}

/**
 * Takes a request through Holdfast once, however often this is mounted, and then to `proceed`. Where
 * nothing has to be waited for it makes no promise. Whatever fails on the way refuses.
 */
export function entrance(parts: Parts, proceed: Handling): Handling {
  const { gate, security, slot } = parts

  return (request, response, next) => {
    if (slot.get(request)) return proceed(request, response, next)
    const leftover = leftoverOf(request)
    const target = request.originalUrl ?? request.url
    const exchange = gate.exchangeOf(request, leftover ? { target, leftover } : { target })
    const at: Passage = { exchange, request, response, next }
    const entry = gate.enter(exchange)
    if (entry instanceof Promise) void entry.then((late) => settle(late, at))
    else settle(entry, at)
  }

  function settle(entry: Entry, at: Passage): void {
    try {
      if (entry.kind === 'answer') sendAnswer(at.response, at.exchange, entry.answer)
      else enterThenAdmit(at)
    } catch (error) {
      answerThrown(parts, at, error)
    }
  }

  function enterThenAdmit(at: Passage): void {
    const entered = enterNamed(at.exchange, security.parts.rooms.entrance)
    if (entered) void entered.then(() => admitLate(at))
    else admit(at)
  }

  function admitLate(at: Passage): void {
    try {
      admit(at)
    } catch (error) {
      answerThrown(parts, at, error)
    }
  }

  function admit(at: Passage): void {
    const { exchange, next, request, response } = at
    response.removeHeader('x-powered-by')
    applyHeaders(response, exchange)
    slot.set(request, exchange)
    const { auth } = exchange.state
    if (auth) setCaller(parts, at, auth)
    const kind = kindToRead(at)
    if (kind) return void readThenProceed(kind, at)
    checkEarlyBody(at)
    checkCsrfField(security, exchange, request.body)
    proceed(request, response, next)
  }

  /** Reads JSON and forms before any parser of the app can: every check then sees the raw bytes. */
  async function readThenProceed(kind: BodyKind, at: Passage): Promise<void> {
    const { exchange, next, request, response } = at
    try {
      const { raw, value } = await readStrictBody(security, exchange, kind)
      request.rawBody = raw
      request.body = value
      checkCsrfField(security, exchange, value)
      proceed(request, response, next)
    } catch (error) {
      answerThrown(parts, at, error)
    }
  }
}

/** A body that a parser of the app has read before us. */
function checkEarlyBody({ exchange, request }: Passage): void {
  const kind = request.body === undefined ? undefined : strictKind(exchange.headers)
  if (kind) checkParsedBody(request.body, kind)
}

function kindToRead({ exchange, request }: Passage): BodyKind | undefined {
  if (request.body !== undefined || !hasBody(exchange.headers)) return undefined
  return request.readableEnded ? undefined : strictKind(exchange.headers)
}
