import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CsvParser, csvLine, readCsv } from './csv.ts'
import { scratchDirectory } from './testdata/scratch.ts'

function parse(...pieces: string[]): string[][] {
  const parser = new CsvParser()
  const records = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()]
  return records.map((record) => [...record.fields])
}

describe('CSV is read by RFC 4180', () => {
  test.each([
    ['the last line break may be missing', 'a,b', [['a', 'b']]],
    [
      'lines end in CRLF',
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['lines may end in LF', 'a\nb\n', [['a'], ['b']]],
    ['fields may be empty', ',\r\n', [['', '']]],
    ['quoted fields hold commas', '"a,b",c\r\n', [['a,b', 'c']]],
    ['quoted fields hold line breaks', '"a\r\nb"\r\n', [['a\r\nb']]],
    ['a doubled quote is one quote', '"say ""hi"""\r\n', [['say "hi"']]],
    ['a quoted field may be empty', '"",""\r\n', [['', '']]],
    ['spaces belong to their field', ' a , b \r\n', [[' a ', ' b ']]],
    ['an empty file has no records', '', []],
  ])('%s', (_, text, records) => {
    expect(parse(text)).toEqual(records)
  })

  test('any records survive writing and reading, cut anywhere', () => {
    const field = fc.oneof(
      fc.string(),
      fc.constantFrom('"', '""', ',', '\r\n', '\n', '\r', "O'Brien", 'Köln'),
    )
    const records = fc.array(fc.array(field, { minLength: 1, maxLength: 5 }), { maxLength: 6 })
    fc.assert(
      fc.property(records, fc.nat(), (rows, cut) => {
        const text = rows.map(csvLine).join('')
        const at = text.length === 0 ? 0 : cut % text.length
        expect(parse(text.slice(0, at), text.slice(at))).toEqual(rows)
      }),
    )
  })

  test('no text whatever crashes or hangs it: records or an error with a line', () => {
    const sign = fc.constantFrom('a', '"', ',', '\r', '\n', '\u0000', '😀')
    fc.assert(
      fc.property(fc.array(sign), (signs) => {
        try {
          parse(signs.join(''))
        } catch (error) {
          expect(error).toMatchObject({ name: 'CsvError', line: expect.any(Number) })
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('what is not CSV is refused with its line', () => {
  test.each([
    ['a quote inside a bare field', 'a\r\nb"c\r\n', 2],
    ['text after a closing quote', 'a\r\n\r\n"b"c\r\n', 3],
    ['a lone carriage return', 'a\rb', 1],
    ['a carriage return at the end', 'a\r', 1],
    ['a quote never closed, by the line that opened it', 'a\r\n"b\r\nc\r\nd', 2],
    ['a field without end', `"${'x'.repeat(10_001)}`, 1],
  ])('%s', (_, text, line) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'CsvError', line }))
  })
})

describe('a file', () => {
  async function fileOf(bytes: Uint8Array | string): Promise<string> {
    const path = join(await scratchDirectory(), 'file.csv')
    await writeFile(path, bytes)
    return path
  }

  async function linesOf(path: string): Promise<(number | string)[][]> {
    const lines = []
    for await (const { line, fields } of readCsv(path)) lines.push([line, ...fields])
    return lines
  }

  test('gives each record the line on which it begins', async () => {
    const path = await fileOf('a\r\n"b\r\nb"\r\nc\r\n')
    expect(await linesOf(path)).toEqual([
      [1, 'a'],
      [2, 'b\r\nb'],
      [4, 'c'],
    ])
  })

  test('may begin with a byte order mark', async () => {
    expect(await linesOf(await fileOf('\ufeffa,ä\r\n'))).toEqual([[1, 'a', 'ä']])
  })

  test('is refused when it is not UTF-8', async () => {
    const path = await fileOf(Buffer.from('a\r\nK\xf6ln\r\n', 'latin1'))
    await expect(linesOf(path)).rejects.toMatchObject({ name: 'CsvError' })
  })

  test('is read the same when signs of several bytes lie across its chunks', async () => {
    const text = 'ü😀'.repeat(1500)
    const path = await fileOf(Array.from({ length: 20 }, () => csvLine([text, 'x'])).join(''))
    const lines = await linesOf(path)
    expect(lines.map((line) => line[1])).toEqual(Array.from({ length: 20 }, () => text))
  })
})
