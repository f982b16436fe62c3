import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { accessErrors, isPermission } from '../../access/index.ts'
import { type Answer, type Auth, answerOfProblem, type Exchange } from '../../http/index.ts'
import { checkUpgradeOrigin, requireAuth } from '../../shield/index.ts'
import { refusalOf } from '../node/problem-of.ts'
import { sendAnswer } from '../node/respond.ts'
import { holdContinue } from './continue.ts'
import { invalidGuard } from './errors.ts'
import { LiveSockets } from './live-sockets.ts'
import { takeProtocolToken } from './protocol-token.ts'
import type { Parts } from './types.ts'

/** Who may upgrade a connection. */
export interface UpgradeOptions {
  /** What an upgrade needs. Default: to be signed in. `'public'` admits everybody. */
  readonly permission?: string
}

/** The request that listeners of an `upgrade` get. */
export interface UpgradeRequest extends IncomingMessage {
  auth?: Auth
}

type Emit = (event: string, ...values: unknown[]) => boolean

interface Admission {
  readonly exchange: Exchange
  /** Absent: the socket may pass. */
  readonly refusal?: Answer
}

/**
 * Guards the ways into a server that pass no middleware: WebSocket and other upgrades, CONNECT, and
 * requests with `Expect`. Listeners of the app hear of an upgrade only after it passed the same
 * steps as a request, came from our own or an allowed origin, and met the permission.
 */
export class ServerGuard {
  readonly #parts: Parts
  readonly #sockets: LiveSockets
  readonly #permissions = new WeakMap<object, { permission: string | undefined }>()
  readonly #noticed = new WeakSet<object>()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#sockets = new LiveSockets(parts.security)
  }

  /** Ends the sockets of signed-in callers, for whom nothing would vouch any more. */
  close(): void {
    this.#sockets.close()
  }

  /** Guards a server once; a later call with options changes what its upgrades need. */
  guard<S extends Server>(server: S, options?: UpgradeOptions): S {
    const permission = checkedPermission(options?.permission)
    const rule = this.#permissions.get(server)
    if (rule) {
      if (options) rule.permission = permission
      return server
    }
    this.#permissions.set(server, { permission })
    const emit: Emit = server.emit.bind(server)
    server.emit = (event: string, ...values: unknown[]) =>
      this.#emit(server, emit, [event, ...values])
    // Node answers 100 and 417 by itself unless somebody listens.
    server.on('checkContinue', () => {})
    server.on('checkExpectation', () => {})
    return server
  }

  /** Tells once of a server with ways in that pass no middleware and are not guarded. */
  noticeServer(request: IncomingMessage): void {
    const server = (request.socket as { server?: Server } | null)?.server
    if (!server || this.#noticed.has(server)) return
    this.#noticed.add(server)
    const open = ['upgrade', 'connect', 'checkContinue'].filter((event) =>
      server.listenerCount(event),
    )
    if (open.length === 0 || this.#permissions.has(server)) return
    this.#parts.security.config.logger.error('a server has listeners that no guard stands before', {
      events: open,
      fix: 'call security.upgrade(server) before it listens',
    })
  }

  #emit(server: Server, emit: Emit, [event, ...values]: [string, ...unknown[]]): boolean {
    if (event === 'checkContinue' || event === 'checkExpectation') {
      const [request, response] = values as [IncomingMessage, ServerResponse]
      if (event === 'checkContinue') {
        holdContinue(request, response)
        return emit('request', request, response)
      }
      response.writeHead(417).end()
      return true
    }
    if (event !== 'upgrade' && event !== 'connect') return emit(event, ...values)
    const [request, socket, head] = values as [UpgradeRequest, Duplex, Buffer]
    // Node has let go of the socket, and an error that nobody hears ends the process.
    socket.on('error', () => socket.destroy())
    void this.#admit(server, request, socket).then(({ exchange, refusal }) => {
      if (socket.destroyed) return
      if (refusal) refuseUpgrade(socket, { request, exchange, answer: refusal })
      else emit(event, request, socket, head)
    })
    return true
  }

  /** Never rejects. */
  async #admit(server: Server, request: UpgradeRequest, socket: Duplex): Promise<Admission> {
    const { gate, security } = this.#parts
    const headers = takeProtocolToken(request)
    const exchange = gate.exchangeOf(request, { headers })
    const entry = await gate.enter(exchange)
    if (entry.kind === 'answer') return { exchange, refusal: entry.answer }
    try {
      checkUpgradeOrigin(exchange, security.parts.surface.pipeline)
      const permission = this.#permissions.get(server)?.permission
      const auth = authFor(permission, exchange)
      if (auth) {
        request.auth = auth
        const kept = permission === 'public' ? undefined : permission
        await this.#sockets.add(socket, { auth, permission: kept })
      }
      return { exchange }
    } catch (error) {
      return { exchange, refusal: answerOfProblem(refusalOf(error), exchange.requestId) }
    }
  }
}

function authFor(permission: string | undefined, exchange: Exchange): Auth | undefined {
  if (permission === 'public') return exchange.state.auth
  const auth = requireAuth(exchange)
  if (permission !== undefined && auth.can(permission) !== true) throw accessErrors.forbidden()
  return auth
}

interface Refusal {
  readonly request: IncomingMessage
  readonly exchange: Exchange
  readonly answer: Answer
}

function refuseUpgrade(socket: Duplex, { answer, exchange, request }: Refusal): void {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as never)
  response.once('finish', () => socket.end())
  sendAnswer(response, exchange, answer)
}

function checkedPermission(permission: string | undefined): string | undefined {
  if (permission === undefined || permission === 'public' || isPermission(permission)) {
    return permission
  }
  throw invalidGuard(`upgrade: '${permission}' is no permission; write action:resource or 'public'`)
}
