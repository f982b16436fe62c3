import type { Server, ServerOptions } from 'node:http'
import type { Socket } from 'node:net'
import { limitKey, parseAddress } from '../../http/index.ts'
import { peerOf } from './peer.ts'

/** How much a server takes of whoever connects to it. */
export interface ServerBounds {
  /** Longest wait for the whole head of a request, milliseconds. Default 15 s. */
  readonly headersMs?: number
  /** Longest wait for a whole request, body included, milliseconds. Default a minute. */
  readonly requestMs?: number
  /** How long a connection without a request is kept, milliseconds. Default 5 s. */
  readonly idleMs?: number
  /** Connections at a time. Default 10,000. */
  readonly connections?: number
  /** Connections of one client at a time; trusted proxies have no such limit. Default 500. */
  readonly perClient?: number
}

const usual: Required<ServerBounds> = {
  ...{ headersMs: 15_000, requestMs: 60_000, idleMs: 5_000, connections: 10_000, perClient: 500 },
}

/** How soon Node notices that a time is over; its own default is half a minute. */
const checkEveryMs = 1_000

/**
 * Options of Node for a bounded server, for `http.createServer` and `https.createServer`. Headers are
 * bounded by their size (16 KB, 431) and by it alone: beyond `maxHeadersCount` Node would leave some out
 * without a word, and the one left out might be the one that a rule asks for.
 */
export function boundedOptions(bounds: ServerBounds = {}): ServerOptions {
  const { headersMs, idleMs, requestMs } = { ...usual, ...bounds }
  return {
    headersTimeout: Math.min(headersMs, requestMs),
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: checkEveryMs,
    maxHeaderSize: 16_384,
  }
}

/**
 * Bounds what clients can hold of a server: time for a head, time for a request, connections at a time,
 * of all and of each client (an IPv6 client is its /64). What is over is closed, and what was reset before
 * it could be told whose it is.
 * `isProxy` tells the addresses that connect for many. Returns the server.
 */
export function boundServer<S extends Server>(
  server: S,
  bounds: ServerBounds = {},
  isProxy: (ip: string) => boolean = () => false,
): S {
  const { headersTimeout = 0, keepAliveTimeout = 0, requestTimeout = 0 } = boundedOptions(bounds)
  const { connections, perClient } = { ...usual, ...bounds }
  Object.assign(server, { headersTimeout, keepAliveTimeout, requestTimeout })
  server.maxHeadersCount = 0
  server.maxConnections = connections
  const held = new Map<string, number>()
  server.prependListener('connection', (socket: Socket) => {
    const peer = peerOf(socket)
    if (peer === undefined) {
      socket.destroy()
      return
    }
    const client = clientOf(peer, isProxy)
    if (client !== undefined) hold(socket, client)
  })
  return server

  function hold(socket: Socket, client: string): void {
    const count = (held.get(client) ?? 0) + 1
    held.set(client, count)
    socket.once('close', () => {
      const left = (held.get(client) ?? 1) - 1
      if (left === 0) held.delete(client)
      else held.set(client, left)
    })
    if (count > perClient) socket.destroy()
  }
}

/** Undefined for a proxy, which connects for many, and for a socket that never left this machine. */
function clientOf(peer: string, isProxy: (ip: string) => boolean): string | undefined {
  const address = parseAddress(peer)
  if (address === undefined || isProxy(address.ip)) return undefined
  return limitKey(address)
}
