import type { Request, Response } from 'express'
import {
  answerOfProblem,
  defaultFormBounds,
  defaultJsonBounds,
  type Exchange,
  parseBody,
  singleHeader,
} from '../../http/index.ts'
import { uuidv7 } from '../../ports/index.ts'
import type { Entry, Security } from '../../security.ts'
import { csrfErrors, matchesCsrfField } from '../../shield/index.ts'
import { NodeExchange } from '../node/exchange.ts'
import { applyHeaders, sendAnswer } from '../node/respond.ts'
import type { ExchangeSlot, Handling } from './types.ts'

const jsonBounds = Object.freeze({ ...defaultJsonBounds, plainKeys: true })
const formBounds = Object.freeze({ ...defaultFormBounds, plainKeys: true })
const bodyless = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Takes a request through Holdfast once, however often the middleware is mounted. Fails closed. */
export function enterWith(security: Security, slot: ExchangeSlot): Handling {
  const { bodyTimeoutMs, clock, random, userProperty } = settings(security)
  return (request, response, next) => {
    if (slot.get(request)) return next()
    const exchange = new NodeExchange(request, {
      clock,
      bodyTimeoutMs,
      requestId: uuidv7(clock.now(), random),
      target: request.originalUrl ?? request.url,
    })
    const go = (entry: Entry) => settle(entry, { exchange, request, response, next })
    try {
      const entry = security.enter(exchange)
      if (entry instanceof Promise)
        entry.then(go).catch((error) => refuse(error, exchange, response))
      else go(entry)
    } catch (error) {
      refuse(error, exchange, response)
    }
  }

  function settle(entry: Entry, at: Passage): void {
    if (entry.kind === 'answer') {
      sendAnswer(at.response, at.exchange, entry.answer)
      return
    }
    applyHeaders(at.response, at.exchange)
    slot.set(at.request, at.exchange)
    const { auth } = at.exchange.state
    if (auth) {
      at.request.auth = auth
      if (userProperty !== undefined) Object.assign(at.request, { [userProperty]: auth })
    }
    if (bodyless.has(at.exchange.method)) at.next()
    else {
      readParsedBody(security, at).then(
        () => at.next(),
        (error) => refuse(error, at.exchange, at.response),
      )
    }
  }

  function refuse(error: unknown, exchange: Exchange, response: Response): void {
    sendAnswer(response, exchange, answerOfProblem(error, exchange.requestId))
  }
}

interface Passage {
  readonly exchange: Exchange
  readonly request: Request
  readonly response: Response
  readonly next: () => void
}

function settings({ config }: Security) {
  const { body, clock, random, userProperty } = config
  return { clock, random, userProperty, bodyTimeoutMs: body.timeoutMs }
}

/** Reads JSON and forms before any parser of the app can: every check then sees the raw bytes. */
async function readParsedBody(security: Security, at: Passage): Promise<void> {
  const kind = kindOf(at.exchange)
  const parsedBefore = at.request.body !== undefined
  if (kind && !parsedBefore) {
    const { formBytes, jsonBytes } = security.config.body
    const bytes = await at.exchange.readBody(kind === 'json' ? jsonBytes : formBytes)
    at.request.rawBody = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    at.request.body = parseBody(bytes, at.exchange.headers, {
      accepts: [kind],
      json: jsonBounds,
      form: formBounds,
    })
  }
  checkCsrfField(security, at)
}

function kindOf(exchange: Exchange): 'json' | 'form' | undefined {
  const type = singleHeader(exchange.headers, 'content-type')?.toLowerCase() ?? ''
  if (type.startsWith('application/json')) return 'json'
  return type.startsWith('application/x-www-form-urlencoded') ? 'form' : undefined
}

function checkCsrfField(security: Security, { exchange, request }: Passage): void {
  const { auth, csrfPending } = exchange.state
  if (!csrfPending || !auth) return
  const expected = security.parts.rooms.csrfToken(auth.sessionId)
  if (!matchesCsrfField(request.body, expected)) throw csrfErrors.csrf_refused()
}
