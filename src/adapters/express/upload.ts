import type { RequestHandler, Response } from 'express'
import { parseSize, type Size } from '../../config/index.ts'
import { commonErrors } from '../../errors/index.ts'
import {
  type UploadedFile,
  type UploadRules,
  type UploadType,
  uploadTypes,
} from '../../uploads/index.ts'
import { invalidGuard } from '../node/errors.ts'
import { problemOf } from '../node/problem-of.ts'
import { markControl } from './controls.ts'
import { refuse } from './refuse.ts'
import type { Parts } from './types.ts'
import { pathOf, unprotectedNotice } from './unprotected.ts'

/** What a route takes. */
export interface UploadVerbOptions {
  /** The field of the form that holds the files. */
  readonly field: string
  /** Default: the option `uploads.types`. */
  readonly types?: readonly UploadType[]
  /** Bytes of one file. Default: the option `uploads.maxBytes`. */
  readonly maxBytes?: Size
  /** Default: 1. */
  readonly maxFiles?: number
  /** Whether a form without a file is refused (400 `upload_missing`). Default: true. */
  readonly required?: boolean
  /** Names of texts that may stand beside the files, each once and up to 10,000 bytes. They come as `request.body`. */
  readonly textFields?: readonly string[]
}

const nameShape = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/
const optionNames = ['field', 'types', 'maxBytes', 'maxFiles', 'required', 'textFields']

/**
 * Receives files by a form. It stands behind the guard of the route: who may not is refused before a byte
 * is read. Files are in `request.uploads`, whole, looked through and kept; what becomes of a refused form
 * is nothing. Options that cannot be throw where the route is written.
 */
export function uploadWith(parts: Parts) {
  return (options: UploadVerbOptions): RequestHandler => {
    const rules = rulesOf(parts, options)
    const tellOnce = unprotectedNotice(parts, 'upload()')
    const receiver: RequestHandler = (request, response, next) => {
      const at = { request, response }
      const exchange = parts.slot.get(request)
      if (!exchange) {
        tellOnce(request)
        return refuse(parts, at, commonErrors.unavailable({ retryAfter: 1 }))
      }
      const route = `${request.method} ${pathOf(request)}`
      const context = { requestId: exchange.requestId, route }
      parts.security.uploads.receive(request, rules, context).then(
        ({ fields, files }) => {
          // Answered meanwhile, by a time-out for example: nobody is left to take them.
          if (response.writableEnded) return removeAll(parts, files)
          request.uploads = files
          request.body = fields
          removeUnlessTaken(parts, response, files)
          next()
        },
        (error: unknown) => {
          const problem = problemOf(error)
          if (problem.status >= 500) {
            parts.security.config.logger.error('an upload could not be received', {
              ...context,
              error,
            })
          }
          refuse(parts, at, problem)
        },
      )
    }
    const { field, maxBytes, maxFiles, required, textFields, types } = rules
    const asked = { field, types, maxBytes, maxFiles, required: required !== false, textFields }
    return markControl(receiver, { kind: 'upload', ...asked })
  }
}

/**
 * A handler that refuses the request (4xx, 5xx) has no use for its files. Its answer decides, also where
 * nobody waits for it any more, so that no file goes which it has written down.
 */
function removeUnlessTaken(parts: Parts, response: Response, files: readonly UploadedFile[]): void {
  // Told as soon as the answer is whole; 'finish' is not where the client has gone.
  response.once('prefinish', () => {
    if (response.statusCode >= 400) removeAll(parts, files)
  })
}

function removeAll({ security }: Parts, files: readonly UploadedFile[]): void {
  for (const { fileName } of files) {
    security.uploads.remove(fileName).catch((error: unknown) => {
      security.config.logger.error('an upload that was not taken could not be removed', { error })
    })
  }
}

function rulesOf({ security }: Parts, options: UploadVerbOptions): UploadRules {
  const { uploads } = security.config
  const { field, maxBytes, maxFiles = 1, required = true, textFields = [] } = options
  const { types = uploads.types } = options
  const stranger = Object.keys(options).find((name) => !optionNames.includes(name))
  if (stranger !== undefined) throw invalidGuard(`upload() knows no option '${stranger}'`)
  const wrong = [field, ...textFields].find((name) => !nameShape.test(name))
  if (wrong !== undefined) throw invalidGuard(`upload(): '${wrong}' is no name of a field`)
  const unknown = types.find((type) => !uploadTypes.includes(type))
  if (unknown !== undefined || types.length === 0) {
    throw invalidGuard(`upload({ types }) takes ${uploadTypes.join(', ')}`)
  }
  const bytes = maxBytes === undefined ? uploads.maxBytes : parseSize(maxBytes)
  if (bytes === undefined || bytes < 1) throw invalidGuard("upload({ maxBytes }) is such as '5mb'")
  if (!Number.isSafeInteger(maxFiles) || maxFiles < 1 || maxFiles > 100) {
    throw invalidGuard('upload({ maxFiles }) is a whole number from 1 to 100')
  }
  if (typeof required !== 'boolean') throw invalidGuard('upload({ required }) is true or false')
  const { maxPixels, maxUnpackedBytes } = uploads
  const bounds = { maxBytes: bytes, maxFiles, maxPixels, maxUnpackedBytes }
  return { ...bounds, field, required, textFields, types }
}
