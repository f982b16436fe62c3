const lineEnd = 0x0a
const carriageReturn = 0x0d

/** The longest line that is read: an account with 8 KB of metadata needs a fraction of it. */
export const longestLine = 65_536

/** One line as it stands in the file, without its end. */
export interface RawLine {
  /** Counted from 1. */
  readonly number: number
  /** Undefined for a line that is too long; it was skipped. */
  readonly bytes: Buffer | undefined
  /** Bytes of the file up to its end. */
  readonly end: number
}

/** Splits chunks into lines. Empty ones are counted and left out; what is held is bounded. */
export async function* linesOf(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<RawLine> {
  const splitter = new Splitter()
  for await (const chunk of source) yield* splitter.push(chunk).filter(isFull)
  yield* splitter.finish().filter(isFull)
}

class Splitter {
  #held: Buffer[] = []
  #length = 0
  #number = 1
  #read = 0

  push(chunk: Uint8Array): readonly RawLine[] {
    const lines: RawLine[] = []
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let at = rest.indexOf(lineEnd); at !== -1; at = rest.indexOf(lineEnd)) {
      this.#hold(rest.subarray(0, at))
      this.#read += 1
      lines.push(this.#take())
      rest = rest.subarray(at + 1)
    }
    // Copied: the caller may use its buffer again.
    this.#hold(Buffer.from(rest))
    return lines
  }

  finish(): readonly RawLine[] {
    return this.#length > 0 ? [this.#take()] : []
  }

  #hold(piece: Buffer): void {
    this.#read += piece.byteLength
    this.#length += piece.byteLength
    if (this.#length <= longestLine) this.#held.push(piece)
    else this.#held = []
  }

  #take(): RawLine {
    const isLong = this.#length > longestLine
    const bytes = isLong ? undefined : withoutReturn(Buffer.concat(this.#held))
    this.#held = []
    this.#length = 0
    this.#number += 1
    return { number: this.#number - 1, bytes, end: this.#read }
  }
}

function isFull({ bytes }: RawLine): boolean {
  return bytes === undefined || bytes.byteLength > 0
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line
}
