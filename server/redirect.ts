import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { toProblem } from '../src/errors/index.ts'
import { splitTarget } from '../src/http/index.ts'
import { httpsErrors, httpsLocation } from '../src/shield/index.ts'

/**
 * Answers on the port of plain HTTP: reading is led to the same path at `baseUrl`, never to Host, and
 * nothing else is processed. What shows a token is refused, not led on, so that whoever sent it over the
 * open network notices.
 */
export function redirectListener(baseUrl: string): RequestListener {
  const ownOrigin = new URL(baseUrl).origin
  return (request, response) => {
    const target = splitTarget(request.url ?? '/')
    if (!isReading(request) || showsToken(request)) return refuse(response)
    const location = httpsLocation(target ?? { path: '/', query: '' }, ownOrigin)
    response.writeHead(308, { location, connection: 'close', 'content-length': '0' }).end()
  }
}

function isReading({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD'
}

function showsToken({ headers }: IncomingMessage): boolean {
  return headers.authorization !== undefined || headers['x-api-key'] !== undefined
}

function refuse(response: ServerResponse): void {
  const { body, headers, status } = toProblem(httpsErrors.https_required())
  response.writeHead(status, { ...headers, connection: 'close', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}
