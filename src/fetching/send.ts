import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { parseAddress } from '../http/index.ts'
import { fetchErrors } from './errors.ts'
import { FetchFault, type FetchFaultReason } from './fault.ts'
import type { FetchRules } from './options.ts'
import type { ReadyRequest } from './request.ts'
import { type FetchTarget, refused } from './target.ts'

/** One answer, before anybody asks whether it is a redirect. */
export interface RawResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

/** What one exchange with another server works with. */
export interface Sending {
  readonly request: ReadyRequest
  readonly rules: FetchRules
  readonly signal: AbortSignal
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Whether an answer says that what was asked for is elsewhere. */
export function isRedirect({ headers, status }: RawResponse): boolean {
  return redirects.has(status) && headers.has('location')
}

/**
 * Sends to the addresses that were checked and to no others: the name is not resolved a second time, so
 * an answer of the DNS that changes in between (rebinding) changes nothing. The certificate and the Host
 * header are those of the name. Each call has a connection of its own.
 */
export function send(target: FetchTarget, sending: Sending): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(failure(error, sending.signal))
    const outgoing = open(target, sending)
    outgoing.on('error', fail)
    // Whatever the connection was made by, what it leads to is looked at once more.
    outgoing.on('socket', (socket) => {
      socket.once('connect', () => {
        if (!target.addresses.some((ip) => isSame(ip, socket.remoteAddress))) {
          outgoing.destroy(refused('connected'))
        }
      })
    })
    // Nobody asked for another protocol, and Node tells of one by neither response nor error.
    outgoing.on('upgrade', (_response, socket) => {
      socket.destroy()
      fail(undefined)
    })
    let answered = false
    outgoing.on('close', () => {
      if (!answered) fail(undefined)
    })
    outgoing.on('response', (incoming) => {
      answered = true
      const isHead = sending.request.method === 'HEAD'
      read(incoming, isHead ? Number.POSITIVE_INFINITY : sending.rules.maxBytes).then(
        resolve,
        (error) => {
          outgoing.destroy()
          fail(error)
        },
      )
    })
    outgoing.end(sending.request.body)
  })
}

function open({ addresses, url }: FetchTarget, sending: Sending): ClientRequest {
  const { request, rules, signal } = sending
  const options = {
    ...{ method: request.method, signal, agent: false as const, lookup: lookupOf(addresses) },
    headers: { ...request.headers, 'accept-encoding': 'identity', connection: 'close' },
    maxHeaderSize: 16_384,
  }
  if (url.protocol === 'http:') return requestHttp(url, options)
  return requestHttps(url, { ...options, ...(rules.ca === undefined ? {} : { ca: rules.ca }) })
}

/** Answers with what was checked, whatever name is asked for. */
function lookupOf(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, options, callback) => {
    const [first] = all
    if (options.all) callback(null, all)
    else callback(null, first?.address ?? '', first?.family ?? 0)
  }
}

function isSame(ip: string, other: string | undefined): boolean {
  return other !== undefined && parseAddress(ip)?.ip === parseAddress(other)?.ip
}

async function read(incoming: IncomingMessage, maxBytes: number): Promise<RawResponse> {
  const headers = new Headers()
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    headers.append(incoming.rawHeaders[at] ?? '', incoming.rawHeaders[at + 1] ?? '')
  }
  const status = incoming.statusCode ?? 0
  const answer = { status, headers }
  if (isRedirect({ ...answer, body: new Uint8Array() })) {
    incoming.destroy()
    return { ...answer, body: new Uint8Array() }
  }
  // It was not asked for, and what it unpacks to has no bound.
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') {
    throw failed('encoding')
  }
  if (Number(headers.get('content-length') ?? 0) > maxBytes) throw fetchErrors.fetch_too_large()
  return { ...answer, body: await readBounded(incoming, maxBytes) }
}

async function readBounded(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength
    if (length > maxBytes) throw fetchErrors.fetch_too_large()
    chunks.push(chunk)
  }
  if (!incoming.complete) throw failed('incomplete')
  return Buffer.concat(chunks)
}

const ownCodes = Object.keys(fetchErrors.$table)

/** The error of a connection names its address, so it is kept from everybody but the log. */
function failure(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return fetchErrors.fetch_timeout()
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string' && ownCodes.includes(code)) return error
  return failed('incomplete', error)
}

/** A failure, with the reason for who wrote the call. */
export function failed(reason: FetchFaultReason, cause?: unknown): Error {
  return fetchErrors.fetch_failed({ cause: new FetchFault(reason, cause) })
}
