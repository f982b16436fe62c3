import type { ServerResponse } from 'node:http'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { type Answer, type Exchange, singleHeader } from '../../http/index.ts'

/** Smaller bodies grow by what packing adds to them. */
const leastBytes = 1_024
const textual = /^(?:text\/|application\/(?:json|javascript|[\w.-]+\+json)|image\/svg\+xml)/

const credentials = ['authorization', 'cookie', 'x-api-key'] as const

/** How an answer leaves: as it is, whatever the client would take, or packed. */
export type Coding = 'br' | 'gzip' | undefined

/**
 * Whether an answer of ours may be packed at all. Beside text that a caller chose, the length of a packed
 * answer tells what else stands in it (BREACH). So nothing is packed that might hold a token or a secret:
 * whatever answers a credential or any cookie, sets one, must not be stored, or is no plain reading.
 */
export function mayBePacked(exchange: Exchange, answer: Answer, body: Uint8Array): boolean {
  if (answer.status !== 200 || body.byteLength < leastBytes) return false
  const { headers: asked, method } = exchange
  if (method !== 'GET' && method !== 'HEAD') return false
  if (credentials.some((name) => asked[name] !== undefined)) return false
  if (exchange.state.credential !== 'none' || answer.cookies?.length) return false
  const { headers = {} } = answer
  if (headers['set-cookie'] !== undefined || headers['content-encoding'] !== undefined) return false
  const caching = `${headers['cache-control'] ?? ''} ${inList(exchange, 'cache-control')}`
  return !/no-store|no-transform|private/.test(caching)
}

/** The best coding that `Accept-Encoding` allows by name (RFC 9110 section 12.5.3). */
export function codingFor(exchange: Exchange, type: string): Coding {
  const accepted = singleHeader(exchange.headers, 'accept-encoding')
  if (!textual.test(type) || accepted === undefined || accepted.length > 200) return undefined
  const names = accepted.split(',').flatMap((one) => {
    const [name = '', ...parameters] = one.trim().toLowerCase().split(';')
    return parameters.some((text) => /^\s*q=0(?:\.0*)?\s*$/.test(text)) ? [] : [name.trim()]
  })
  if (names.includes('br')) return 'br'
  return names.includes('gzip') ? 'gzip' : undefined
}

/** Packs off the main thread; gives the body as it is where that fails or does not help. */
export function pack(body: Buffer, coding: 'br' | 'gzip', done: (packed?: Buffer) => void): void {
  const finish = (error: Error | null, packed: Buffer) =>
    done(error === null && packed.byteLength < body.byteLength ? packed : undefined)
  if (coding === 'gzip') gzip(body, finish)
  else brotliCompress(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }, finish)
}

/** HTTP/1 over plain `ServerResponse` alone: what stands before `writeHead` may pack by itself. */
export function isOurs(response: ServerResponse): boolean {
  return !Object.hasOwn(response, 'writeHead') && !Object.hasOwn(response, 'end')
}

function inList(exchange: Exchange, name: string): string {
  const { responseHeaders } = exchange.state
  const at = responseHeaders.findIndex((one, index) => index % 2 === 0 && one === name)
  return at < 0 ? '' : (responseHeaders[at + 1] ?? '')
}
