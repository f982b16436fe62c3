import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import {
  bodyErrors,
  declaredLength,
  type Exchange,
  type ExchangeState,
  newExchangeState,
  type RequestHeaders,
  readBody,
  splitTarget,
} from '../../http/index.ts'
import type { Clock } from '../../ports/index.ts'
import { peerOf } from './peer.ts'

export interface NodeExchangeOptions {
  readonly clock: Clock
  readonly requestId: string
  readonly bodyTimeoutMs: number
  /** The target as it was sent, where a framework has shortened `request.url`. */
  readonly target?: string
  /** The headers to go by, where an adapter had to translate some. */
  readonly headers?: RequestHeaders
  /** Gives the body where somebody else has read the stream before. */
  readonly leftover?: () => Uint8Array
}

const nothing = Buffer.alloc(0)

/** A request of node:http as an Exchange. The target is taken as it was sent. */
export class NodeExchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: RequestHeaders
  readonly peerAddress: string
  /** False where its address is gone: the request came over a connection that was reset. */
  readonly hasPeer: boolean
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
    this.headers = options.headers ?? request.headers
    const peer = peerOf(request.socket)
    this.hasPeer = peer !== undefined
    // Not '', which is what a Unix socket tells, and is believed for.
    this.peerAddress = peer ?? 'unknown'
    this.encrypted = (request.socket as Partial<TLSSocket>).encrypted === true
    this.requestId = options.requestId
    this.startedAt = options.clock.monotonic()
    this.#request = request
    this.#options = options
  }

  /** Closes the connection, without an answer. */
  drop(): void {
    this.#request.socket.destroy()
  }

  readBody(limit: number): Promise<Uint8Array> {
    this.#body ??= this.#read(limit)
    return this.#body
  }

  #read(limit: number): Promise<Uint8Array> {
    const { bodyTimeoutMs, clock, leftover } = this.#options
    if (leftover) return bounded(leftover(), limit)
    // A stream that has ended will not end again: waiting for it would be a 408.
    if (this.#request.readableEnded) return Promise.resolve(nothing)
    const length = declaredLength(this.headers)
    return readBody(this.#request, {
      limit,
      timeoutMs: bodyTimeoutMs,
      clock,
      ...(length === undefined ? {} : { declaredLength: length }),
    })
  }
}

async function bounded(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  if (bytes.byteLength > limit) throw bodyErrors.body_too_large()
  return bytes
}
