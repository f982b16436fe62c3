import type { Request, RequestHandler } from 'express'
import { detectionErrors, type InspectedBody } from '../../detection/index.ts'
import { commonErrors } from '../../errors/index.ts'
import { singleHeader } from '../../http/index.ts'
import { refusalOf } from '../node/problem-of.ts'
import { hasBody, mediaType, parsedKind, strictKind } from '../node/strict-body.ts'
import { readingsOf } from './body-text.ts'
import { markControl } from './controls.ts'
import { refuse } from './refuse.ts'
import type { Parts } from './types.ts'
import { pathOf, unprotectedNotice } from './unprotected.ts'

/**
 * Looks for attacks in a body that Holdfast does not read itself: XML, text and multipart, with the names of
 * its files. It stands behind the parser of the app that makes `req.body`; a body that no parser has read
 * cannot be judged, so it is told in the log and in mode `block` refused with 503; bytes in an encoding that
 * is not read here are told as well, and refused with 415. JSON and forms have been read before any handler.
 */
export function inspectWith(parts: Parts) {
  return (): RequestHandler => {
    const tellOnce = unprotectedNotice(parts, 'inspect')
    const tellUnread = bodyNotice(parts, notRead)
    const tellStrange = bodyNotice(parts, notKnown)
    const inspector: RequestHandler = (request, response, next) => {
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
          const { body, isStrange, kind } = bodyOf(request)
          if (isStrange && !detector.isOff) {
            tellStrange(request)
            if (detector.refusesUnread(exchange)) throw detectionErrors.body_encoding_unknown()
          }
          detector.inspectBody(exchange, body, kind)
          detector.inspectFileNames(exchange, fileNames(request))
        }
      } catch (error) {
        return refuse(parts, at, refusalOf(error))
      }
      next()
    }
    return markControl(inspector, { kind: 'inspect' })
  }
}

function isUnread(request: Request): boolean {
  const { body, file, files } = request as WithFiles
  return hasBody(request.headers) && body === undefined && file === undefined && files === undefined
}

const notRead =
  'the body was not read, so it was not inspected; put a parser for its content type before inspect()'
const notKnown =
  'the body says that it is in an encoding that is not known here, so it was inspected by its ASCII characters alone'

function bodyNotice({ security }: Parts, what: string): (request: Request) => void {
  let told = false
  return (request) => {
    if (told) return
    told = true
    security.config.logger.error(`inspect on ${request.method} ${pathOf(request)}: ${what}`)
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

interface ReadBody {
  readonly body: unknown
  readonly kind: InspectedBody
  readonly isStrange?: boolean
}

/** The parameters of a type are no part of it: parsers choose by the type alone. */
function bodyOf({ body, headers }: Request): ReadBody {
  const type = mediaType(headers)
  const isXml = /[/+]xml$/.test(type)
  const kind = isXml ? 'xml' : 'text'
  if (typeof body === 'string') return { body, kind }
  if (body instanceof Uint8Array) {
    const header = singleHeader(headers, 'content-type') ?? ''
    const { isStrange, texts } = readingsOf(body, { type: header, isXml })
    return { body: texts, kind, isStrange }
  }
  return { body, kind: parsedKind(headers) }
}
