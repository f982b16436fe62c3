import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { accessErrors, isPermission } from '../../access/index.ts'
import { type Answer, type Auth, answerOfProblem, type Exchange } from '../../http/index.ts'
import {
  checkUpgradeOrigin,
  demandFreshProof,
  demandOwnLevel,
  demandSession,
  enterNamed,
  type ProofOptions,
  type ProofRule,
  readProofOptions,
  requireAuth,
} from '../../shield/index.ts'
import { invalidGuard } from '../node/errors.ts'
import { refusalOf } from '../node/problem-of.ts'
import { sendAnswer } from '../node/respond.ts'
import { holdContinue } from './continue.ts'
import { LiveSockets } from './live-sockets.ts'
import { takeProtocolToken } from './protocol-token.ts'
import type { Parts } from './types.ts'

/** Who may upgrade a connection. `within` is asked of the handshake; a socket that is open stays. */
export interface UpgradeOptions extends ProofOptions {
  /**
   * What an upgrade needs. Default: to be signed in, at the level that policy demands of the account.
   * `'public'` admits everybody.
   */
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
 * steps as a request, came from our own or an allowed origin, and met the permission in the
 * organisation that it names.
 */
export class ServerGuard {
  readonly #parts: Parts
  readonly #sockets: LiveSockets
  readonly #rules = new WeakMap<object, { rule: UpgradeRule }>()
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
    const rule = checkedRule(options)
    const guarded = this.#rules.get(server)
    if (guarded) {
      if (options) guarded.rule = rule
      return server
    }
    this.#rules.set(server, { rule })
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
    if (open.length === 0 || this.#rules.has(server)) return
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
      const rule = this.#rules.get(server)?.rule ?? signedIn
      await enterNamed(exchange, security.parts.rooms.entrance)
      const auth = authFor(rule, exchange, security.config.clock.now())
      if (auth) {
        request.auth = auth
        const { permission, proof } = rule
        const { client } = exchange.state
        const isOpen = permission === 'public'
        await this.#sockets.add(socket, {
          ...{ auth, client, permission: isOpen ? undefined : permission },
          ...{ level: proof.level ?? 1, anyLevel: isOpen },
        })
      }
      return { exchange }
    } catch (error) {
      return { exchange, refusal: answerOfProblem(refusalOf(error), exchange.requestId) }
    }
  }
}

/** What upgrades of a server need. */
interface UpgradeRule {
  readonly permission: string | undefined
  readonly proof: ProofRule
}

const signedIn: UpgradeRule = Object.freeze({ permission: undefined, proof: {} })

/** In the order of a guard: who, the account's own level, the permission, the proof. Without a permission a person. */
function authFor(
  { permission, proof }: UpgradeRule,
  exchange: Exchange,
  now: number,
): Auth | undefined {
  if (permission === 'public') return exchange.state.auth
  const auth = requireAuth(exchange)
  if (permission === undefined) demandSession(auth)
  demandOwnLevel(auth)
  if (permission !== undefined && auth.can(permission) !== true) throw accessErrors.forbidden()
  demandFreshProof(auth, { ...proof, now })
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

function checkedRule(options: UpgradeOptions = {}): UpgradeRule {
  const { permission } = options
  const read = readProofOptions(options, ['permission'])
  if (!read.ok) throw invalidGuard(`upgrade(server, options): ${read.fault}`)
  if (permission === undefined || isPermission(permission)) return { permission, proof: read.rule }
  if (permission !== 'public') {
    throw invalidGuard(
      `upgrade: '${permission}' is no permission; write action:resource or 'public'`,
    )
  }
  if (Object.keys(read.rule).length === 0) return { permission, proof: read.rule }
  throw invalidGuard("upgrade: 'public' admits everybody; leave within and level away")
}
