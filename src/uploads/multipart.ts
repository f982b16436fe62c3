import { uploadErrors } from './errors.ts'

/** What stands above a part. */
export interface PartHead {
  readonly name: string
  /** Absent for a field that holds text. */
  readonly filename?: string
}

/** Who takes the parts, one after the other. */
export interface PartSink {
  begin(head: PartHead): Promise<void> | void
  data(bytes: Buffer): Promise<void> | void
  end(): Promise<void> | void
}

const longestHead = 2_048
const headEnd = Buffer.from('\r\n\r\n')
const boundaryShape = /^[A-Za-z0-9'()+_,./:=? -]{0,69}[A-Za-z0-9'()+_,./:=?-]$/

/** The boundary that a Content-Type names; undefined unless it is multipart/form-data with one. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  const match =
    /^multipart\/form-data[ \t]*;[ \t]*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))$/i.exec(
      contentType?.trim() ?? '',
    )
  const boundary = match?.[1] ?? match?.[2]
  return boundary !== undefined && boundaryShape.test(boundary) ? boundary : undefined
}

type State = 'start' | 'head' | 'body' | 'after' | 'done'

/**
 * Reads multipart/form-data (RFC 7578) as it comes, and holds no more than one chunk and one boundary.
 * Strict where readers differ, so that nobody behind us can read another form: nothing before the first
 * boundary or behind the last, lines end in CRLF, one disposition a part, no transfer encodings.
 */
export class MultipartReader {
  readonly #delimiter: Buffer
  readonly #sink: PartSink
  #state: State = 'start'
  #rest: Buffer = Buffer.from('\r\n')
  /** Bytes of the head's last line end that still stand before the part. */
  #skip = 0

  constructor(boundary: string, sink: PartSink) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`)
    this.#sink = sink
  }

  /** Takes the next bytes. Rejects with `multipart_invalid`, or with what the sink throws. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#rest = Buffer.concat([this.#rest, chunk])
    while (await this.#step()) {
      // Each step takes something from the rest.
    }
  }

  /** Says that nothing follows. Throws unless the form was whole. */
  end(): void {
    if (this.#state !== 'done' || this.#rest.byteLength > 0) throw uploadErrors.multipart_invalid()
  }

  async #step(): Promise<boolean> {
    if (this.#state === 'start') return this.#start()
    if (this.#state === 'head') return this.#head()
    if (this.#state === 'body') return this.#body()
    return this.#state === 'after' ? this.#after() : this.#epilogue()
  }

  #start(): boolean {
    const length = this.#delimiter.byteLength
    const seen = this.#rest.subarray(0, length)
    if (!this.#delimiter.subarray(0, seen.byteLength).equals(seen)) throw invalid()
    if (seen.byteLength < length) return false
    return this.#advance(length, 'after')
  }

  #after(): boolean {
    if (this.#rest.byteLength < 2) return false
    const two = this.#rest.toString('latin1', 0, 2)
    if (two === '\r\n') return this.#advance(2, 'head')
    if (two !== '--') throw invalid()
    return this.#advance(2, 'done')
  }

  async #head(): Promise<boolean> {
    const end = this.#rest.indexOf(headEnd)
    if (end > longestHead || (end < 0 && this.#rest.byteLength > longestHead)) throw invalid()
    if (end < 0) return false
    const head = readHead(this.#rest.subarray(0, end))
    // The line end before a boundary may be that of the head, where the part is empty.
    this.#advance(end + headEnd.byteLength - 2, 'body')
    this.#skip = 2
    await this.#sink.begin(head)
    return true
  }

  async #body(): Promise<boolean> {
    const at = this.#rest.indexOf(this.#delimiter)
    const until = at >= 0 ? at : this.#rest.byteLength - this.#delimiter.byteLength + 1
    const bytes = this.#rest.subarray(this.#skip, Math.max(this.#skip, until))
    if (at < 0 && bytes.byteLength === 0) return false
    if (bytes.byteLength > 0) await this.#sink.data(bytes)
    this.#skip = 0
    if (at < 0) return this.#advance(until, 'body')
    await this.#sink.end()
    return this.#advance(at + this.#delimiter.byteLength, 'after')
  }

  #epilogue(): boolean {
    const tail = this.#rest.toString('latin1')
    if (tail !== '' && tail !== '\r' && tail !== '\r\n') throw invalid()
    if (tail === '\r\n') this.#rest = Buffer.alloc(0)
    return false
  }

  #advance(bytes: number, state: State): true {
    this.#rest = this.#rest.subarray(bytes)
    this.#state = state
    return true
  }
}

function readHead(bytes: Buffer): PartHead {
  const text = decode(bytes)
  let found: PartHead | undefined
  for (const line of text.split('\r\n')) {
    const [, name = '', value = ''] = /^([A-Za-z-]{1,40}):[ \t]*([^\r\n]*)$/.exec(line) ?? []
    const field = name.toLowerCase()
    if (field === 'content-type') continue
    if (field !== 'content-disposition' || found) throw invalid()
    found = readDisposition(value)
  }
  if (!found) throw invalid()
  return found
}

/** Browsers write `"`, CR and LF in names as %22, %0D and %0A (WHATWG HTML), and know no `filename*`. */
function readDisposition(value: string): PartHead {
  const match = /^form-data; name="([^"]{1,100})"(?:; filename="([^"]{0,1000})")?$/.exec(value)
  const [, name, filename] = match ?? []
  if (name === undefined) throw invalid()
  return filename === undefined ? { name } : { name, filename: unescapeName(filename) }
}

function unescapeName(name: string): string {
  return name.replace(/%(22|0D|0A)/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw invalid()
  }
}

function invalid(): Error {
  return uploadErrors.multipart_invalid()
}
