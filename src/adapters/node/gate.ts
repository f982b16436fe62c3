import type { IncomingMessage, ServerResponse } from 'node:http'
import { commonErrors, type SecurityError } from '../../errors/index.ts'
import { answerOfProblem, type Exchange, type RequestHeaders } from '../../http/index.ts'
import { pooledRandom, type Random, uuidv7 } from '../../ports/index.ts'
import type { Entry, Security } from '../../security.ts'
import { NodeExchange } from './exchange.ts'
import { Hints } from './hints.ts'
import { PlainHeaders } from './plain-headers.ts'
import { refusalOf } from './problem-of.ts'
import { sendAnswer } from './respond.ts'

/** What an adapter knows of a request beyond what node:http says. */
export interface RequestFacts {
  readonly target?: string
  readonly headers?: RequestHeaders
  readonly leftover?: () => Uint8Array
}

/**
 * The one way from a request of Node into the pipeline. It never throws and never rejects: what
 * breaks in there refuses the request with 503.
 */
export class Gate {
  readonly #security: Security
  readonly #random: Random
  readonly #plain: PlainHeaders
  /** What a developer is told of refusals. */
  readonly hints: Hints

  constructor(security: Security) {
    this.#security = security
    this.#random = pooledRandom(security.config.random)
    this.#plain = new PlainHeaders(security.config)
    this.hints = new Hints(security)
  }

  exchangeOf(request: IncomingMessage, facts: RequestFacts = {}): NodeExchange {
    const { body, clock } = this.#security.config
    const requestId = uuidv7(clock.now(), this.#random)
    return new NodeExchange(request, { clock, requestId, bodyTimeoutMs: body.timeoutMs, ...facts })
  }

  enter(exchange: NodeExchange): Entry | Promise<Entry> {
    try {
      if (!exchange.hasPeer) return this.#drop(exchange)
      const entry = this.#security.enter(exchange)
      if (!(entry instanceof Promise)) return this.#checked(entry, exchange)
      return entry.then(
        (late) => this.#checked(late, exchange),
        (error) => this.#broken(error, exchange),
      )
    } catch (error) {
      return this.#broken(error, exchange)
    }
  }

  /** Answers a request that never came in here, with the same headers as any other. */
  refuse(request: IncomingMessage, response: ServerResponse, error: SecurityError): void {
    const exchange = this.exchangeOf(request)
    this.#giveHeaders(exchange)
    sendAnswer(response, exchange, answerOfProblem(error, exchange.requestId))
  }

  /** `*` is for OPTIONS alone; targets with a fragment have several readings and get none. */
  #checked(entry: Entry, exchange: Exchange): Entry {
    if (exchange.state.responseHeaders.length === 0) this.#giveHeaders(exchange)
    if (entry.kind === 'answer' || exchange.path !== '*' || exchange.method === 'OPTIONS') {
      return entry
    }
    const refusal = commonErrors.invalid_request()
    return { kind: 'answer', answer: answerOfProblem(refusal, exchange.requestId) }
  }

  /** Nobody is there to be answered; the answer keeps the request from every handler. */
  #drop(exchange: NodeExchange): Entry {
    exchange.drop()
    const refusal = commonErrors.invalid_request()
    return { kind: 'answer', answer: answerOfProblem(refusal, exchange.requestId) }
  }

  #broken(error: unknown, exchange: Exchange): Entry {
    const { requestId } = exchange
    this.#security.config.logger.error('a request could not be decided', { requestId, error })
    this.#giveHeaders(exchange)
    return { kind: 'answer', answer: answerOfProblem(refusalOf(error), requestId) }
  }

  #giveHeaders(exchange: Exchange): void {
    const { list, nonce } = this.#plain.next()
    exchange.state.responseHeaders = [...list, 'x-request-id', exchange.requestId]
    if (nonce !== undefined) exchange.state.nonce = nonce
  }
}
