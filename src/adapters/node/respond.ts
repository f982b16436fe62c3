import { ServerResponse } from 'node:http'
import type { Answer, Exchange } from '../../http/index.ts'
import { type Coding, codingFor, isOurs, mayBePacked, pack } from './compression.ts'

/** Of what an app may have prepared before it was refused; none of it describes our answer. */
const entityHeaders = [
  ...['x-powered-by', 'content-encoding', 'content-language', 'content-range'],
  ...['content-disposition', 'transfer-encoding', 'trailer', 'etag', 'last-modified', 'expires'],
] as const

/**
 * Writes an answer with the headers that the pipeline decided on; text that holds no secret is packed for
 * who asks. Does nothing once an answer is out.
 */
export function sendAnswer(response: ServerResponse, exchange: Exchange, answer: Answer): void {
  if (response.headersSent || response.writableEnded) return
  const { text, type } = bodyOf(answer)
  const body = Buffer.from(text)
  const ready = { answer, exchange, type: answer.headers?.['content-type'] ?? type }
  if (!isOurs(response) || !mayBePacked(exchange, answer, body)) {
    write(response, ready, { body })
    return
  }
  const coding = codingFor(exchange, ready.type ?? '')
  if (coding === undefined) {
    write(response, ready, { body, varies: true })
    return
  }
  pack(body, coding, (packed) => {
    if (response.headersSent || response.writableEnded) return
    if (packed) write(response, ready, { body: packed, coding, varies: true })
    else write(response, ready, { body, varies: true })
  })
}

interface Ready {
  readonly answer: Answer
  readonly exchange: Exchange
  readonly type: string | undefined
}

interface Packed {
  readonly body: Buffer
  readonly coding?: Coding
  /** Another client would get other bytes. */
  readonly varies?: boolean
}

function write(response: ServerResponse, { answer, exchange, type }: Ready, packed: Packed): void {
  const { body, coding, varies } = packed
  const list = [...exchange.state.responseHeaders]
  for (const [name, value] of Object.entries(answer.headers ?? {})) setInList(list, name, value)
  if (type !== undefined) setInList(list, 'content-type', type)
  if (varies) addVary(list)
  const bodyless = answer.status === 204 || answer.status === 304
  if (!bodyless) list.push('content-length', String(body.byteLength))
  for (const name of entityHeaders) response.removeHeader(name)
  if (coding) list.push('content-encoding', coding)
  writeHeaders(response, { status: answer.status, list, cookies: answer.cookies ?? [] })
  response.end(exchange.method === 'HEAD' || bodyless ? undefined : body)
}

function addVary(list: string[]): void {
  const at = list.findIndex((one, index) => index % 2 === 0 && one === 'vary')
  if (at < 0) list.push('vary', 'accept-encoding')
  else list[at + 1] = `${list[at + 1]}, accept-encoding`
}

interface Head {
  readonly status: number
  readonly list: string[]
  readonly cookies: readonly string[]
}

/**
 * One `writeHead` of a flat list is cheapest, while nothing has been set. HTTP/2 and middleware that
 * has put itself before `writeHead` (compression, sessions) read such lists differently, so they get
 * the public form; over headers that are there already, only what differs is set.
 */
function writeHeaders(response: ServerResponse, { cookies, list, status }: Head): void {
  const plain = response instanceof ServerResponse && !Object.hasOwn(response, 'writeHead')
  const untouched = plain && response.getHeaderNames().length === 0
  if (untouched) {
    for (const cookie of cookies) list.push('set-cookie', cookie)
    response.writeHead(status, list)
    return
  }
  if (plain) setChanged(response, list)
  else setAll(response, list)
  for (const cookie of cookies) response.appendHeader('set-cookie', cookie)
  response.writeHead(status)
}

/** Puts the pipeline's headers on a response that the app will finish; the app may change them. */
export function applyHeaders(response: ServerResponse, exchange: Exchange): void {
  setAll(response, exchange.state.responseHeaders)
}

/** As `writeHead` of the list would leave it: its values win, its repetitions stay. */
function setChanged(response: ServerResponse, list: readonly string[]): void {
  const seen = new Set<string>()
  for (let at = 0; at < list.length; at += 2) {
    const [name = '', value = ''] = [list[at], list[at + 1]]
    if (seen.has(name)) response.appendHeader(name, value)
    else if (response.getHeader(name) !== value) response.setHeader(name, value)
    seen.add(name)
  }
}

/** HTTP/2 knows no connection headers (RFC 9113 section 8.2.2). */
function setAll(response: ServerResponse, list: readonly string[]): void {
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] ?? ''
    if (name === 'connection' && !(response instanceof ServerResponse)) continue
    if (name === 'vary' && response.hasHeader('vary'))
      response.appendHeader(name, list[at + 1] ?? '')
    else response.setHeader(name, list[at + 1] ?? '')
  }
}

function bodyOf(answer: Answer): { readonly text: string; readonly type: string | undefined } {
  if (answer.json !== undefined) {
    return { text: JSON.stringify(answer.json), type: 'application/json' }
  }
  if (answer.html !== undefined) return { text: answer.html, type: 'text/html; charset=utf-8' }
  if (answer.text !== undefined) return { text: answer.text, type: 'text/plain; charset=utf-8' }
  return { text: '', type: undefined }
}

/** The answer's own header wins over the pipeline's of the same name. */
function setInList(list: string[], name: string, value: string): void {
  for (let at = 0; at < list.length; at += 2) {
    if (list[at] === name) {
      list[at + 1] = value
      return
    }
  }
  list.push(name, value)
}
