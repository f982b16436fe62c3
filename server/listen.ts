import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { boundedOptions, boundServer, type ServerBounds } from '../src/adapters/node/index.ts'
import { parseAddress, type TrustedProxies } from '../src/http/index.ts'
import type { Clock } from '../src/ports/index.ts'

export interface ListenOptions {
  readonly port: number
  /** Absent: every interface. */
  readonly host?: string
  /** Requests that still run after this long are cut off when the server stops. */
  readonly drainMs: number
  readonly clock: Clock
  /** What clients may hold of it. */
  readonly bounds?: ServerBounds
  readonly trusted?: TrustedProxies
}

/** A server that listens. */
export interface Listening {
  readonly server: Server
  readonly port: number
  /**
   * Takes no more connections, lets every request that has begun finish, and resolves when the last
   * connection is closed, at the latest after `drainMs`. Calling it again waits for the same end.
   */
  stop(): Promise<void>
}

/** The address cannot be listened on; the message says what to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

/**
 * Listens with a handler, by plain HTTP, or with a server that has its own. Rejects with ListenError when
 * the address is taken or not ours.
 */
export async function listen(
  target: RequestListener | Server,
  options: ListenOptions,
): Promise<Listening> {
  const { bounds, trusted } = options
  const made = typeof target === 'function' ? createServer(boundedOptions(bounds), target) : target
  const server = boundServer(made, bounds, (ip) => isTrusted(ip, trusted))
  // Whoever does not read their answer holds a connection as well.
  server.timeout = server.requestTimeout
  const running = followAnswers(server)
  const sockets = followSockets(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(refusal(error, options)))
    server.listen({ port: options.port, ...(options.host ? { host: options.host } : {}) }, resolve)
  })
  let ended: Promise<void> | undefined
  const stop = () => {
    ended ??= drain(server, { running, sockets }, options)
    return ended
  }
  return { server, port: (server.address() as AddressInfo).port, stop }
}

function isTrusted(ip: string, trusted: TrustedProxies | undefined): boolean {
  const address = parseAddress(ip)
  return address !== undefined && trusted?.trusts(address) === true
}

function refusal(error: NodeJS.ErrnoException, { port, host }: ListenOptions): Error {
  const at = `${host ?? 'every interface'}, port ${port}`
  if (error.code === 'EADDRINUSE') {
    return new ListenError(`Something else listens on ${at}. Set PORT to a free one.`)
  }
  if (error.code === 'EACCES') {
    return new ListenError(`This user may not listen on ${at}. Set PORT to 1024 or more.`)
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new ListenError(`${host} is no address of this machine. Set HOST to one that is.`)
  }
  return error
}

/** The answers that have not been sent to their end. */
function followAnswers(server: Server): ReadonlySet<ServerResponse> {
  const running = new Set<ServerResponse>()
  server.prependListener('request', (_request, response) => {
    running.add(response)
    response.once('close', () => running.delete(response))
  })
  return running
}

/** Every connection, also those that have not got as far as a request. */
function followSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.prependListener('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

interface Followed {
  readonly running: ReadonlySet<ServerResponse>
  readonly sockets: ReadonlySet<Socket>
}

/**
 * A connection kept alive would hold the server open, so each is closed once its answer is out:
 * answers that are still to begin say so, that no client sends one more request into a closing
 * connection, and what turns idle is closed.
 */
async function drain(
  server: Server,
  { running, sockets }: Followed,
  { drainMs, clock }: ListenOptions,
): Promise<void> {
  for (const response of running) {
    if (!response.headersSent) response.setHeader('connection', 'close')
  }
  server.prependListener('request', (_request, response) => {
    response.setHeader('connection', 'close')
  })
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const poll = everySoOften(clock, () => server.closeIdleConnections())
  const end = clock.after(drainMs, () => {
    for (const socket of sockets) socket.destroy()
  })
  await closed
  poll.cancel()
  end.cancel()
}

function everySoOften(clock: Clock, task: () => void): { cancel(): void } {
  let timer = clock.after(50, function again() {
    task()
    timer = clock.after(50, again)
  })
  return { cancel: () => timer.cancel() }
}
