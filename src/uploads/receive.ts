import { join } from 'node:path'
import { uploadErrors } from './errors.ts'
import { displayName } from './file-name.ts'
import type { InspectionBounds, ReadableFile } from './inspection.ts'
import type { PartHead, PartSink } from './multipart.ts'
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
  readonly refused: (reason: string) => void
}

const longestText = 10_000

/** Takes the parts of one form: files to the disk as they come, texts into memory. */
export class FormReceiver implements PartSink {
  readonly fields: Record<string, string> = Object.create(null)
  readonly #parts: FormReceiverParts
  readonly #accepted: AcceptedFile[] = []
  #head: PartHead | undefined
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
    if (head.filename === undefined) {
      const known = rules.textFields.includes(head.name) && !Object.hasOwn(this.fields, head.name)
      if (!known) throw uploadErrors.multipart_invalid()
      return
    }
    if (head.name !== rules.field) throw uploadErrors.multipart_invalid()
    if (this.#accepted.length >= rules.maxFiles) throw uploadErrors.upload_too_many()
    this.#staged = await StagedFile.create(join(pending, newId()))
  }

  async data(bytes: Buffer): Promise<void> {
    const staged = this.#staged
    if (!staged) return this.#text(bytes)
    if (staged.size + bytes.byteLength > this.#parts.rules.maxBytes) {
      throw uploadErrors.upload_too_large()
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
    const { newId, refused, rules } = this.#parts
    const type = this.#type ?? this.#knownType()
    const found = await inspect(type, this.#inTime(staged), rules)
    if (!found.ok) {
      refused(`${type}: ${found.reason}`)
      throw uploadErrors.upload_unsafe()
    }
    const { ok: _ok, ...facts } = found
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
    if (!type || !this.#parts.rules.types.includes(type)) throw uploadErrors.upload_type_refused()
    return type
  }

  #text(bytes: Buffer): void {
    this.#start = Buffer.concat([this.#start, bytes])
    if (this.#start.byteLength > longestText) throw uploadErrors.upload_too_large()
  }

  #endText(): void {
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#start)
      if (text.includes('\0')) throw uploadErrors.multipart_invalid()
      this.fields[this.#head?.name ?? ''] = text
    } catch {
      throw uploadErrors.multipart_invalid()
    }
  }
}
