import type { ReadableFile } from './inspection.ts'

const pageBytes = 64 * 1_024

/**
 * A file to be read forwards in small pieces: a page is held, and read again from the disk only for what lies
 * outside of it. However many pieces there are, reading forwards costs about the file's size once.
 */
export class PagedFile implements ReadableFile {
  readonly #file: ReadableFile
  #page: Buffer = Buffer.alloc(0)
  #start = 0

  constructor(file: ReadableFile) {
    this.#file = file
  }

  get size(): number {
    return this.#file.size
  }

  async read(at: number, length: number): Promise<Buffer> {
    return (await this.from(at, length)).subarray(0, length)
  }

  /** What is held from `at`: at least `least` bytes, unless the file ends before. Empty at its end. */
  async from(at: number, least: number): Promise<Buffer> {
    const isHeld = at >= this.#start && at + least <= this.#start + this.#page.byteLength
    if (!isHeld) {
      this.#page = await this.#file.read(at, Math.max(least, pageBytes))
      this.#start = at
    }
    return this.#page.subarray(at - this.#start)
  }
}
