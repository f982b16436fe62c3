import { createReadStream } from 'node:fs'

/** One record of a CSV file and the line on which it begins (the first line is 1). */
export interface CsvRecord {
  readonly line: number
  readonly fields: readonly string[]
}

/** A file that is not CSV by RFC 4180. The message is for the person who made the file. */
export class CsvError extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.name = 'CsvError'
    this.line = line
  }
}

/** Longest field, in UTF-16 units: a forgotten quote must not swallow the file into memory. */
const MAX_FIELD = 10_000

type State = 'start' | 'bare' | 'quoted' | 'closed'

/**
 * Reads CSV by RFC 4180, piece by piece: commas, fields in double quotes that may hold commas, line
 * breaks and doubled quotes. Lines end in CRLF or LF. Everything else is an error with its line: a
 * quote inside a bare field, text after a closing quote, a lone CR, a quote never closed.
 */
export class CsvParser {
  #state: State = 'start'
  #field = ''
  #fields: string[] = []
  #line = 1
  #recordLine = 1
  #quoteLine = 1
  #pendingCr = false

  /** Takes the next piece of text; gives the records that it completed. */
  push(text: string): CsvRecord[] {
    const records: CsvRecord[] = []
    for (let at = 0; at < text.length; at++) {
      at = this.#takeRun(text, at)
      if (at < text.length) this.#takeSign(text.charAt(at), records)
    }
    return records
  }

  /** Ends the file; gives the last record when no line break followed it. */
  end(): CsvRecord[] {
    if (this.#pendingCr) throw this.#error('a carriage return without a line feed')
    if (this.#state === 'quoted') {
      throw new CsvError(this.#quoteLine, 'the quote opened here is never closed')
    }
    if (this.#state === 'start' && this.#fields.length === 0) return []
    return [this.#endRecord()]
  }

  /** Copies a run of ordinary text into the field in one step; returns where the run ends. */
  #takeRun(text: string, from: number): number {
    if (this.#state === 'closed' || this.#pendingCr) return from
    const special = this.#state === 'quoted' ? /["\n]/g : /[",\r\n]/g
    special.lastIndex = from
    const end = special.exec(text)?.index ?? text.length
    if (end === from) return from
    this.#field += text.slice(from, end)
    if (this.#field.length > MAX_FIELD) throw this.#error('a field is longer than 10,000 signs')
    if (this.#state === 'start') this.#state = 'bare'
    return end
  }

  #takeSign(sign: string, records: CsvRecord[]): void {
    if (this.#pendingCr && sign !== '\n') {
      throw this.#error('a carriage return without a line feed')
    }
    if (this.#state === 'quoted') this.#takeQuoted(sign)
    else if (sign === ',') this.#endField()
    else if (sign === '\n') records.push(this.#endRecord())
    else if (sign === '\r') this.#pendingCr = true
    else if (sign === '"') this.#takeQuote()
    else throw this.#error('text after a closing quote')
  }

  #takeQuoted(sign: string): void {
    if (sign === '"') {
      this.#state = 'closed'
      return
    }
    this.#line++
    this.#field += sign
  }

  #takeQuote(): void {
    if (this.#state === 'bare') throw this.#error('a quote inside a field that is not quoted')
    if (this.#state === 'closed') this.#field += '"'
    else this.#quoteLine = this.#line
    this.#state = 'quoted'
  }

  #endField(): void {
    this.#fields.push(this.#field)
    this.#field = ''
    this.#state = 'start'
  }

  #endRecord(): CsvRecord {
    this.#endField()
    const record = { line: this.#recordLine, fields: this.#fields }
    this.#fields = []
    this.#pendingCr = false
    this.#recordLine = ++this.#line
    return record
  }

  #error(message: string): CsvError {
    return new CsvError(this.#line, message)
  }
}

/**
 * Streams the records of a UTF-8 file; a byte order mark is skipped, bytes that are not UTF-8 are
 * refused. `onChunk` hears of every piece read, for progress and checksums.
 */
export async function* readCsv(
  path: string,
  onChunk: (chunk: Buffer) => void = () => {},
): AsyncGenerator<CsvRecord> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const parser = new CsvParser()
  let line = 1
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    onChunk(chunk)
    for (const record of parser.push(decode(decoder, line, chunk))) {
      line = record.line
      yield record
    }
  }
  yield* parser.push(decode(decoder, line))
  yield* parser.end()
}

function decode(decoder: TextDecoder, line: number, chunk?: Buffer): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
  } catch {
    throw new CsvError(line, 'the text after this line is not UTF-8')
  }
}

/** One record as a line of CSV with its CRLF; quotes stand only where they are needed. */
export function csvLine(fields: readonly (string | number)[]): string {
  return `${fields.map((field) => quote(String(field))).join(',')}\r\n`
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
