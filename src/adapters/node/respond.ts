import type { ServerResponse } from 'node:http'
import type { Answer, Exchange } from '../../http/index.ts'

/** Writes an answer with the headers that the pipeline decided on, by one `writeHead` of a flat list. */
export function sendAnswer(response: ServerResponse, exchange: Exchange, answer: Answer): void {
  if (response.headersSent || response.writableEnded) return
  const { text, type } = bodyOf(answer)
  const body = Buffer.from(text)
  const list = [...exchange.state.responseHeaders]
  for (const [name, value] of Object.entries(answer.headers ?? {})) setInList(list, name, value)
  if (type && !answer.headers?.['content-type']) list.push('content-type', type)
  for (const cookie of answer.cookies ?? []) list.push('set-cookie', cookie)
  if (answer.status !== 204 && answer.status !== 304) {
    list.push('content-length', String(body.byteLength))
  }
  response.removeHeader('x-powered-by')
  response.writeHead(answer.status, list)
  response.end(exchange.method === 'HEAD' || answer.status === 204 ? undefined : body)
}

/** Puts the pipeline's headers on a response that the app will finish; the app may change them. */
export function applyHeaders(response: ServerResponse, exchange: Exchange): void {
  const list = exchange.state.responseHeaders
  for (let at = 0; at < list.length; at += 2) {
    response.setHeader(list[at] ?? '', list[at + 1] ?? '')
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
