import type { Request, RequestHandler } from 'express'
import { commonErrors } from '../../errors/index.ts'
import { singleHeader } from '../../http/index.ts'
import { refusalOf } from '../node/problem-of.ts'
import { hasBody, strictKind } from '../node/strict-body.ts'
import { refuse } from './refuse.ts'
import type { Parts } from './types.ts'
import { pathOf, unprotectedNotice } from './unprotected.ts'

/**
 * Looks for attacks in a body that Holdfast does not read itself: XML, text and multipart, with the names of
 * its files. It stands behind the parser of the app that makes `req.body`; a body that no parser has read
 * cannot be judged, so it is told in the log and in mode `block` refused with 503. JSON and forms have been
 * read before any handler.
 */
export function inspectWith(parts: Parts) {
  return (): RequestHandler => {
    const tellOnce = unprotectedNotice(parts, 'inspect')
    const tellUnread = unreadNotice(parts)
    return (request, response, next) => {
      const at = { request, response }
      const exchange = parts.slot.get(request)
      if (!exchange) {
        tellOnce(request)
        return refuse(parts, at, commonErrors.unavailable({ retryAfter: 1 }))
      }
      const { detector } = parts.security.parts.rooms
      try {
        if (!strictKind(exchange.headers)) {
          if (isUnread(request)) {
            if (!detector.isOff) tellUnread(request)
            if (detector.refusesUnread(exchange)) throw commonErrors.unavailable({ retryAfter: 1 })
          }
          const { body, kind } = bodyOf(request)
          detector.inspectBody(exchange, body, kind)
          detector.inspectFileNames(exchange, fileNames(request))
        }
      } catch (error) {
        return refuse(parts, at, refusalOf(error))
      }
      next()
    }
  }
}

function isUnread(request: Request): boolean {
  const { body, file, files } = request as WithFiles
  return hasBody(request.headers) && body === undefined && file === undefined && files === undefined
}

function unreadNotice({ security }: Parts): (request: Request) => void {
  let told = false
  return (request) => {
    if (told) return
    told = true
    security.config.logger.error(
      `inspect on ${request.method} ${pathOf(request)}: the body was not read, so it was not inspected; put a parser for its content type before inspect()`,
    )
  }
}

type WithFiles = Request & { readonly file?: unknown; readonly files?: unknown }

const namesOfFile = ['originalname', 'originalFilename', 'name', 'fieldname', 'mimetype'] as const
const mostDepth = 3

/** The names that a client gave its files, as the common parsers of multipart hand them out. */
function fileNames(request: Request): readonly string[] {
  const { file, files } = request as WithFiles
  const names: string[] = []
  gather([file, files], names, 0)
  return names
}

function gather(value: unknown, names: string[], depth: number): void {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return
  const parts = value as Readonly<Record<string, unknown>>
  const own = namesOfFile.map((key) => parts[key]).filter((one) => typeof one === 'string')
  if (own.length > 0) names.push(...own)
  else if (depth < mostDepth) {
    for (const [key, inner] of Object.entries(parts)) {
      if (!Array.isArray(value)) names.push(key)
      gather(inner, names, depth + 1)
    }
  }
}

function bodyOf({ body, headers }: Request): {
  readonly body: unknown
  readonly kind: 'json' | 'form' | 'text' | 'xml'
} {
  const type = singleHeader(headers, 'content-type')?.toLowerCase() ?? ''
  const text = /[/+]xml\b/.test(type) ? 'xml' : 'text'
  if (Buffer.isBuffer(body)) return { body: body.toString('utf8'), kind: text }
  if (typeof body === 'string') return { body, kind: text }
  return { body, kind: /[/+]json\b/.test(type) ? 'json' : 'form' }
}
