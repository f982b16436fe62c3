import { join } from 'node:path'
import { displayName } from './file-name.ts'
import type { InspectionBounds, ReadableFile } from './inspection.ts'
import type { PartHead, PartSink } from './multipart.ts'
import { fieldRefused, refusedAt } from './refusals.ts'
import { StagedFile } from './staged-file.ts'
import type { UploadedFile } from './store.ts'
import { headBytes, inspect, mediaTypeOf, typeOfHead, type UploadType } from './types.ts'

/** What a form may hold. */
export interface UploadRules extends InspectionBounds {
  /** The field of the files. */
  readonly field: string
  readonly types: readonly UploadType[]
  readonly maxBytes: number
  readonly maxFiles: number
  /** Fields of text beside them, by name. */
  readonly textFields: readonly string[]
  /** Whether a form without a file is refused. Default true. */
  readonly required?: boolean
}

/** A file that has been accepted and waits to be kept. */
export interface AcceptedFile {
  readonly file: UploadedFile
  readonly staged: StagedFile
}

export interface FormReceiverParts {
  /** The directory in which files wait. */
  readonly pending: string
  readonly newId: () => string
  readonly rules: UploadRules
  /** Throws once the time for the form is over. */
  readonly checkTime: () => void
}

const longestText = 10_000

/** Takes the parts of one form: files to the disk as they come, texts into memory. */
export class FormReceiver implements PartSink {
  readonly fields: Record<string, string> = Object.create(null)
  readonly #parts: FormReceiverParts
  readonly #accepted: AcceptedFile[] = []
  #head: PartHead | undefined
  #files = 0
  #staged: StagedFile | undefined
  #type: UploadType | undefined
  #start: Buffer = Buffer.alloc(0)

  constructor(parts: FormReceiverParts) {
    this.#parts = parts
  }

  get accepted(): readonly AcceptedFile[] {
    return this.#accepted
  }

  async begin(head: PartHead): Promise<void> {
    const { newId, pending, rules } = this.#parts
    this.#head = head
    this.#start = Buffer.alloc(0)
    this.#type = undefined
    if (head.filename === undefined) return this.#beginText(head.name)
    if (head.name !== rules.field) {
      const isText = rules.textFields.includes(head.name)
      throw fieldRefused(head.name, isText ? 'not_a_text' : 'unknown_field')
    }
    this.#files += 1
    if (this.#files > rules.maxFiles) throw refusedAt(head.name, 'upload_too_many')
    this.#staged = await StagedFile.create(join(pending, newId()))
  }

  #beginText(name: string): void {
    const { field, textFields } = this.#parts.rules
    if (Object.hasOwn(this.fields, name)) throw fieldRefused(name, 'duplicate_key')
    if (textFields.includes(name)) return
    throw fieldRefused(name, name === field ? 'not_a_file' : 'unknown_field')
  }

  async data(bytes: Buffer): Promise<void> {
    const staged = this.#staged
    if (!staged) return this.#text(bytes)
    if (staged.size + bytes.byteLength > this.#parts.rules.maxBytes) {
      throw refusedAt(this.#name, 'upload_too_large')
    }
    if (this.#start.byteLength < headBytes) {
      this.#start = Buffer.concat([this.#start, bytes.subarray(0, headBytes)])
      if (this.#start.byteLength >= headBytes) this.#type = this.#knownType()
    }
    await staged.write(bytes)
  }

  async end(): Promise<void> {
    const [head, staged] = [this.#head, this.#staged]
    if (!staged || !head) return this.#endText()
    if (head.filename === '' && staged.size === 0) return this.#forgetEmpty(staged)
    const { newId, rules } = this.#parts
    const type = this.#type ?? this.#knownType()
    const found = await inspect(type, this.#inTime(staged), rules)
    if (!found.ok) throw refusedAt(head.name, 'upload_unsafe', `${type}: ${found.reason}`)
    const { keep, ok: _ok, ...facts } = found
    if (keep !== undefined) await staged.cut(keep)
    const id = newId()
    const file: UploadedFile = Object.freeze({
      ...{ id, type, fileName: `${id}.${type}`, mediaType: mediaTypeOf(type) },
      ...{ size: staged.size, sha256: staged.digest(), field: head.name },
      displayName: displayName(head.filename ?? '', type),
      ...facts,
    })
    await staged.finish()
    this.#accepted.push({ file, staged })
    this.#staged = undefined
  }

  /** Browsers send the field of a file that nobody chose as one without a name and a byte: it is none. */
  async #forgetEmpty(staged: StagedFile): Promise<void> {
    this.#staged = undefined
    await staged.discard()
  }

  /** Said once the form is whole: whether it lacks what it needs. */
  requireFile(): void {
    const { field, required = true } = this.#parts.rules
    if (required && this.#accepted.length === 0) throw refusedAt(field, 'upload_missing')
  }

  /** Leaves nothing of what has not been kept. */
  async discard(): Promise<void> {
    const waiting = [this.#staged, ...this.#accepted.map(({ staged }) => staged)]
    for (const staged of waiting) await staged?.discard()
  }

  /** Looking through a file is work that its sender chooses: it ends with the time of the form. */
  #inTime(staged: StagedFile): ReadableFile {
    return {
      size: staged.size,
      read: async (at, length) => {
        const bytes = await staged.read(at, length)
        this.#parts.checkTime()
        return bytes
      },
    }
  }

  #knownType(): UploadType {
    const type = typeOfHead(this.#start)
    if (type && this.#parts.rules.types.includes(type)) return type
    throw refusedAt(this.#name, 'upload_type_refused')
  }

  get #name(): string {
    return this.#head?.name ?? ''
  }

  #text(bytes: Buffer): void {
    this.#start = Buffer.concat([this.#start, bytes])
    if (this.#start.byteLength > longestText) throw refusedAt(this.#name, 'upload_too_large')
  }

  #endText(): void {
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#start)
      if (!text.includes('\0')) {
        this.fields[this.#name] = text
        return
      }
    } catch {
      // Told below, as a NUL is.
    }
    throw fieldRefused(this.#name, 'forbidden_character')
  }
}
