import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import {
  declaredLength,
  type Exchange,
  type ExchangeState,
  newExchangeState,
  type RequestHeaders,
  readBody,
  splitTarget,
} from '../../http/index.ts'
import type { Clock } from '../../ports/index.ts'

export interface NodeExchangeOptions {
  readonly clock: Clock
  readonly requestId: string
  readonly bodyTimeoutMs: number
  /** The target as it was sent, where a framework has shortened `request.url`. */
  readonly target?: string
}

/** A request of node:http as an Exchange. The target is taken as it was sent. */
export class NodeExchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: RequestHeaders
  readonly peerAddress: string
  readonly encrypted: boolean
  readonly requestId: string
  readonly startedAt: number
  readonly state: ExchangeState = newExchangeState()
  readonly #request: IncomingMessage
  readonly #options: NodeExchangeOptions
  #body: Promise<Uint8Array> | undefined

  constructor(request: IncomingMessage, options: NodeExchangeOptions) {
    const target = splitTarget(options.target ?? request.url ?? '/')
    this.method = request.method ?? 'GET'
    // A target that is none is a path nobody answers; it must not become the root.
    this.path = target?.path ?? '*'
    this.query = target?.query ?? ''
    this.headers = request.headers
    this.peerAddress = request.socket.remoteAddress ?? ''
    this.encrypted = (request.socket as Partial<TLSSocket>).encrypted === true
    this.requestId = options.requestId
    this.startedAt = options.clock.monotonic()
    this.#request = request
    this.#options = options
  }

  readBody(limit: number): Promise<Uint8Array> {
    const length = declaredLength(this.headers)
    this.#body ??= readBody(this.#request, {
      limit,
      timeoutMs: this.#options.bodyTimeoutMs,
      clock: this.#options.clock,
      ...(length === undefined ? {} : { declaredLength: length }),
    })
    return this.#body
  }
}
