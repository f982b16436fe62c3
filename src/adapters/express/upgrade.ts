import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { accessErrors, isPermission } from '../../access/index.ts'
import { type Answer, type Auth, answerOfProblem, type Exchange } from '../../http/index.ts'
import { uuidv7 } from '../../ports/index.ts'
import type { Security } from '../../security.ts'
import { checkUpgradeOrigin, requireAuth } from '../../shield/index.ts'
import { NodeExchange } from '../node/exchange.ts'
import { sendAnswer } from '../node/respond.ts'
import { guardErrors } from './guard.ts'

export interface UpgradeOptions {
  /** What an upgrade needs. Default: to be signed in. `'public'` admits everybody. */
  readonly permission?: string
}

export interface UpgradeRequest extends IncomingMessage {
  auth?: Auth
}

/**
 * Guards the ways into a server that pass no middleware: WebSocket and other upgrades, and requests
 * with `Expect: 100-continue`. Listeners of the app hear of an upgrade only after it passed the same
 * steps as a request, came from our own or an allowed origin, and met `permission`.
 */
export function upgradeWith(security: Security) {
  return <S extends Server>(server: S, options: UpgradeOptions = {}): S => {
    const permission = checkedPermission(options.permission)
    const emit = server.emit.bind(server)
    server.emit = (event: string, ...values: unknown[]): boolean => {
      if (event === 'checkContinue') return guardContinue(values, emit)
      if (event !== 'upgrade') return emit(event, ...values)
      const [request, socket, head] = values as [UpgradeRequest, Duplex, Buffer]
      admit(security, request, permission).then(
        (verdict) => {
          if (verdict.answer) refuseUpgrade(socket, verdict.exchange, verdict.answer)
          else emit('upgrade', request, socket, head)
        },
        () => socket.destroy(),
      )
      return true
    }
    server.on('checkContinue', () => {})
    return server
  }
}

/** The request takes the usual way; 100 is written only when somebody there wants the body. */
function guardContinue(values: unknown[], emit: (event: string, ...values: unknown[]) => boolean) {
  const [request, response] = values as [IncomingMessage, ServerResponse]
  const read = request.read.bind(request)
  let asked = false
  request.read = (size?: number) => {
    if (!asked && !response.headersSent) {
      asked = true
      response.writeContinue()
    }
    return read(size)
  }
  return emit('request', request, response)
}

interface Admission {
  readonly exchange: Exchange
  readonly answer: Answer | undefined
}

async function admit(
  security: Security,
  request: UpgradeRequest,
  permission: string | undefined,
): Promise<Admission> {
  const { body, clock, random } = security.config
  const exchange = new NodeExchange(request, {
    clock,
    bodyTimeoutMs: body.timeoutMs,
    requestId: uuidv7(clock.now(), random),
  })
  const entry = await security.enter(exchange)
  if (entry.kind === 'answer') return { exchange, answer: entry.answer }
  try {
    checkUpgradeOrigin(exchange, security.parts.surface.pipeline)
    if (permission !== 'public') {
      const auth = requireAuth(exchange)
      if (permission !== undefined && !auth.can(permission)) throw accessErrors.forbidden()
      request.auth = auth
    }
    return { exchange, answer: undefined }
  } catch (error) {
    return { exchange, answer: answerOfProblem(error, exchange.requestId) }
  }
}

function refuseUpgrade(socket: Duplex, exchange: Exchange, answer: Answer): void {
  const response = new ServerResponse(exchange as unknown as IncomingMessage)
  response.shouldKeepAlive = false
  response.assignSocket(socket as never)
  response.once('finish', () => socket.end())
  sendAnswer(response, exchange, answer)
}

function checkedPermission(permission: string | undefined): string | undefined {
  if (permission === undefined || permission === 'public' || isPermission(permission)) {
    return permission
  }
  throw guardErrors.guard_invalid({ cause: new Error(`upgrade: '${permission}' is no permission`) })
}
