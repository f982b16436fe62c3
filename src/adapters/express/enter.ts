import type { Request } from 'express'
import { type BodyKind, ownPath } from '../../http/index.ts'
import type { Entry } from '../../security.ts'
import { enterNamed } from '../../shield/index.ts'
import type { NodeExchange } from '../node/exchange.ts'
import { checkParsedBody } from '../node/parsed-value.ts'
import { problemOf } from '../node/problem-of.ts'
import { applyHeaders, sendAnswer } from '../node/respond.ts'
import {
  checkCsrfField,
  hasBody,
  mayBeLifted,
  readWideBody,
  strictKind,
} from '../node/strict-body.ts'
import { countUnverified } from '../node/unverified.ts'
import { setCaller } from './caller.ts'
import { holdBody } from './held-body.ts'
import { leftoverOf } from './leftover.ts'
import { payAtTheEnd } from './owed.ts'
import { answerThrown } from './refuse.ts'
import type { Handling, Pair, Parts } from './types.ts'

interface Passage extends Pair {
  readonly exchange: NodeExchange
  /** Most bytes of a webhook's body; undefined for any other request. */
  readonly webhookBytes: number | undefined
  readonly next: (error?: unknown) => void
}

/**
 * Takes a request through Holdfast once, however often this is mounted, and then to `proceed`. Where
 * nothing has to be waited for it makes no promise. Whatever fails on the way refuses.
 */
export function entrance(
  parts: Parts,
  proceed: Handling,
  look: (request: Request) => void,
): Handling {
  const { gate, limitedPaths, security, slot, webhookPaths, webhookReads } = parts
  const { prefixes } = security

  return (request, response, next) => {
    if (slot.get(request)) return proceed(request, response, next)
    const leftover = leftoverOf(request)
    const target = request.originalUrl ?? request.url
    lookQuietly(request)
    const webhookBytes = webhookPaths.limitFor(request)
    const exchange = gate.exchangeOf(request, leftover ? { target, leftover } : { target })
    if (webhookBytes !== undefined) exchange.state.webhook = true
    if (limitedPaths.has(request) && isOfTheApp(exchange)) exchange.state.ownLimit = true
    const { ownLimit, webhook } = exchange.state
    if (ownLimit || webhook) payAtTheEnd(parts, { exchange, response })
    const at: Passage = { exchange, request, response, next, webhookBytes }
    const entry = gate.enter(exchange)
    if (entry instanceof Promise) void entry.then((late) => settle(late, at))
    else settle(entry, at)
  }

  function isOfTheApp({ path }: NodeExchange): boolean {
    return ownPath(path, prefixes) === 'other'
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
    if (at.webhookBytes !== undefined && request.body === undefined) return void keepThenProceed(at)
    const kind = kindToRead(at)
    if (kind) return void readThenProceed(kind, at)
    const { body } = request
    checkEarlyBody(at)
    checkCsrfField(security, exchange, body)
    proceed(request, response, next)
  }

  /** What cannot be read now is told when the request arrives at the routes. */
  function lookQuietly(request: Request): void {
    try {
      look(request)
    } catch (error) {
      security.config.logger.debug('the routes could not be read', { error })
    }
  }

  /** Signatures are about bytes: those of a webhook stay as they are, for nobody to parse before it. */
  async function keepThenProceed(at: Passage): Promise<void> {
    const { exchange, next, request, response, webhookBytes = 0 } = at
    try {
      const bytes = await webhookReads.read(exchange, webhookBytes).catch((error) => {
        security.parts.surface.quotas.yieldTo(exchange)
        throw countUnverified(security, exchange, problemOf(error))
      })
      request.rawBody = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      proceed(request, response, next)
    } catch (error) {
      answerThrown(parts, at, error)
    }
  }

  /** A body that a parser of the app has read before us. */
  function checkEarlyBody({ exchange, request }: Passage): void {
    const kind = request.body === undefined ? undefined : strictKind(exchange.headers)
    if (!kind) return
    security.parts.rooms.detector.inspectBody(exchange, request.body, kind)
    try {
      checkParsedBody(request.body, kind)
    } catch (error) {
      if (!mayBeLifted(error)) throw error
      holdBody(parts, request, { value: request.body, refusal: error })
    }
  }

  /** Reads JSON and forms before any parser of the app can: every check then sees the raw bytes. */
  async function readThenProceed(kind: BodyKind, at: Passage): Promise<void> {
    const { exchange, next, request, response } = at
    try {
      const { raw, refusal, value } = await readWideBody(security, exchange, kind)
      request.rawBody = raw
      if (refusal) holdBody(parts, request, { value, refusal })
      else request.body = value
      security.parts.rooms.detector.inspectBody(exchange, value, kind)
      checkCsrfField(security, exchange, value)
      proceed(request, response, next)
    } catch (error) {
      answerThrown(parts, at, error)
    }
  }
}

function kindToRead({ exchange, request }: Passage): BodyKind | undefined {
  if (request.body !== undefined || !hasBody(exchange.headers)) return undefined
  return request.readableEnded ? undefined : strictKind(exchange.headers)
}
