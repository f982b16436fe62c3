import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'

const pageBytes = 64 * 1_024

/** A file that is being received. Nobody else can read it, and it has no name that anybody chose. */
export class StagedFile {
  readonly path: string
  readonly #handle: FileHandle
  #hash = createHash('sha256')
  #size = 0

  private constructor(path: string, handle: FileHandle) {
    this.path = path
    this.#handle = handle
  }

  /** Makes the file; it must not be there yet. */
  static async create(path: string): Promise<StagedFile> {
    return new StagedFile(path, await open(path, 'wx+', 0o600))
  }

  get size(): number {
    return this.#size
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    let done = 0
    while (done < bytes.byteLength) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        done,
        bytes.byteLength - done,
        this.#size + done,
      )
      done += bytesWritten
    }
    this.#size += bytes.byteLength
  }

  /** At most `length` bytes from `at`; fewer at the end. */
  async read(at: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.#size - at))
    const bytes = Buffer.alloc(wanted)
    let done = 0
    while (done < wanted) {
      const { bytesRead } = await this.#handle.read(bytes, done, wanted - done, at + done)
      if (bytesRead === 0) break
      done += bytesRead
    }
    return bytes.subarray(0, done)
  }

  /** Keeps the first `size` bytes alone. */
  async cut(size: number): Promise<void> {
    await this.#handle.truncate(size)
    this.#size = size
    this.#hash = createHash('sha256')
    for (let at = 0; at < size; at += pageBytes) this.#hash.update(await this.read(at, pageBytes))
  }

  /** SHA-256 of all of it, in hexadecimal; asked for once, when it is whole. */
  digest(): string {
    return this.#hash.digest('hex')
  }

  /** Puts it on the disk for good, so that no name can lead to half a file after a crash. */
  async finish(): Promise<void> {
    await this.#handle.sync()
    await this.#handle.close()
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {})
    await rm(this.path, { force: true })
  }
}
