import { readdir, rm, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { bodyErrors, declaredLength, singleHeader } from '../http/index.ts'
import { type Clock, type Logger, type Random, uuidv7 } from '../ports/index.ts'
import { Deadline } from './deadline.ts'
import { uploadErrors } from './errors.ts'
import { attachment } from './file-name.ts'
import { boundaryOf, MultipartReader } from './multipart.ts'
import { type AcceptedFile, FormReceiver, type UploadRules } from './receive.ts'
import { loggedRefusal, withoutRest } from './refusals.ts'
import {
  DirectoryStore,
  isStoredName,
  privateDirectory,
  type UploadedFile,
  type UploadStore,
} from './store.ts'

export interface UploadParts {
  /** A directory outside what is served. */
  readonly directory: string
  /** Absent: the directory itself. */
  readonly store?: UploadStore
  /** Longest silence of a sender. */
  readonly idleMs: number
  /** Time for a whole form. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** What came of a form: files that are kept, and the texts beside them. */
export interface ReceivedForm {
  readonly files: readonly UploadedFile[]
  readonly fields: Readonly<Record<string, string>>
}

/** What is served of an upload. */
export type ServedUpload = Pick<UploadedFile, 'fileName' | 'mediaType' | 'displayName'>

/** Which request a form came by, for the log. */
export interface UploadContext {
  readonly requestId?: string
  /** Such as `POST /tasks/:id/photos`. */
  readonly route?: string
}

interface Reading {
  readonly deadline: Deadline
  /** Bytes of the whole body. */
  readonly most: number
  readonly reader: MultipartReader
}

/** Bytes of heads and boundaries, for each part. */
const overheadBytes = 4_096
const textBytes = 10_000
const abandonedMs = 60 * 60_000
/** After these the rest of the body is still on its way, so the connection cannot be used again. */
const unread = { headers: { connection: 'close' } } as const

/** Receives files piece by piece, keeps what is whole and safe, and gives it out as what it is: an attachment. */
export class Uploads {
  readonly #parts: UploadParts
  readonly #store: UploadStore
  readonly #pending: string
  #prepared: Promise<void> | undefined

  constructor(parts: UploadParts) {
    this.#parts = parts
    this.#store = parts.store ?? new DirectoryStore(parts.directory)
    this.#pending = join(parts.directory, 'pending')
  }

  /**
   * Reads a multipart/form-data request. Either every file is accepted and kept, or none: a refused or
   * broken one leaves nothing. Rejects with the codes of `uploadErrors` and `bodyErrors`.
   */
  async receive(
    request: IncomingMessage,
    rules: UploadRules,
    context: UploadContext = {},
  ): Promise<ReceivedForm> {
    try {
      return await this.#receive(request, rules)
    } catch (error) {
      const refusal = loggedRefusal(error)
      if (refusal) this.#parts.logger.info('an upload was refused', { ...context, ...refusal })
      throw error
    }
  }

  async #receive(request: IncomingMessage, rules: UploadRules): Promise<ReceivedForm> {
    const boundary = boundaryOf(singleHeader(request.headers, 'content-type'))
    if (boundary === undefined || request.headers['content-encoding'] !== undefined) {
      throw bodyErrors.unsupported_media_type({
        headers: { accept: 'multipart/form-data' },
        members: { accepts: ['multipart/form-data'] },
      })
    }
    const most = mostBytes(rules)
    if ((declaredLength(request.headers) ?? 0) > most) throw uploadErrors.upload_too_large(unread)
    await this.#prepare()
    const { clock } = this.#parts
    const deadline = new Deadline(clock, this.#parts, () => bodyErrors.body_timeout(unread))
    const receiver = new FormReceiver({
      ...{ pending: this.#pending, newId: () => this.#newId(), rules },
      checkTime: () => deadline.check(),
    })
    try {
      const reader = new MultipartReader(boundary, receiver)
      await this.#read(request, { deadline, most, reader })
      receiver.requireFile()
      const files = await this.#keep(receiver.accepted)
      return { files, fields: { ...receiver.fields } }
    } catch (error) {
      request.resume()
      await receiver.discard()
      throw error
    } finally {
      deadline.cancel()
    }
  }

  /** The bytes of a kept file; undefined when there is none. */
  open(fileName: string) {
    return this.#store.open(fileName)
  }

  /** Removes a kept file; nothing when there is none. */
  remove(fileName: string): Promise<void> {
    return this.#store.remove(fileName)
  }

  /**
   * Answers with a file, so that nothing in it can act in the app's name: an attachment, never guessed at,
   * in a sandbox, not stored on the way. Whether the caller may have it is asked before. False when there
   * is no such file; nothing has been written then.
   */
  async send(response: ServerResponse, file: ServedUpload): Promise<boolean> {
    const stream = isStoredName(file.fileName) ? await this.#store.open(file.fileName) : undefined
    if (!stream) return false
    response.setHeader('content-type', file.mediaType)
    response.setHeader('content-disposition', attachment(file.displayName))
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('content-security-policy', "default-src 'none'; sandbox")
    response.setHeader('cross-origin-resource-policy', 'same-origin')
    response.setHeader('cache-control', 'private, no-store')
    await pipeline(stream, response)
    return true
  }

  async #read(request: IncomingMessage, { deadline, most, reader }: Reading): Promise<void> {
    const chunks = request.iterator({ destroyOnReturn: false })
    let size = 0
    for (;;) {
      const next = await deadline
        .next(() => chunks.next())
        .catch((error: unknown) => Promise.reject(gone(request, error)))
      if (next.done) break
      size += (next.value as Buffer).byteLength
      if (size > most) throw uploadErrors.upload_too_large(unread)
      await reader
        .write(next.value as Buffer)
        .catch((error: unknown) => Promise.reject(withoutRest(error)))
    }
    reader.end()
  }

  async #keep(accepted: readonly AcceptedFile[]): Promise<readonly UploadedFile[]> {
    const kept: UploadedFile[] = []
    try {
      for (const { file, staged } of accepted) {
        await this.#store.keep(file, staged.path)
        kept.push(file)
      }
    } catch (error) {
      for (const { fileName } of kept) await this.#store.remove(fileName).catch(() => {})
      throw error
    }
    for (const { staged } of accepted) await staged.discard()
    return kept
  }

  /** Once a process: private directories, and the end of what a process before this one left half-done. */
  #prepare(): Promise<void> {
    this.#prepared ??= this.#makeReady().catch((error: unknown) => {
      this.#prepared = undefined
      throw error
    })
    return this.#prepared
  }

  async #makeReady(): Promise<void> {
    await privateDirectory(this.#parts.directory)
    await privateDirectory(this.#pending)
    const before = this.#parts.clock.now() - abandonedMs
    for (const name of await readdir(this.#pending)) {
      const path = join(this.#pending, name)
      const made = await stat(path).catch(() => undefined)
      if (made && made.mtimeMs < before) await rm(path, { force: true })
    }
  }

  #newId(): string {
    return uuidv7(this.#parts.clock.now(), this.#parts.random)
  }
}

function mostBytes({ maxBytes, maxFiles, textFields }: UploadRules): number {
  const texts = textFields.length * (textBytes + overheadBytes)
  return maxFiles * (maxBytes + overheadBytes) + texts + overheadBytes
}

/** A sender who has gone is told as one; whatever else broke stays what it is. */
function gone(request: IncomingMessage, error: unknown): unknown {
  return request.destroyed || request.errored ? bodyErrors.body_incomplete() : error
}
