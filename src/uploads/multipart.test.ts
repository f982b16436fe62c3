import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundary, form, type Part } from '../../test/uploads/samples.ts'
import { displayName } from './file-name.ts'
import { boundaryOf, MultipartReader, type PartHead } from './multipart.ts'

/** What a reader makes of a body that comes in these pieces. */
async function read(chunks: readonly Uint8Array[], marker = boundary) {
  const parts: (PartHead & { data: Buffer })[] = []
  const reader = new MultipartReader(marker, {
    begin: (head) => void parts.push({ ...head, data: Buffer.alloc(0) }),
    data: (bytes) => {
      const part = parts.at(-1)
      if (part) part.data = Buffer.concat([part.data, bytes])
    },
    end: () => {},
  })
  for (const chunk of chunks) await reader.write(chunk)
  reader.end()
  return parts
}

function pieces(body: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (let n = 0; at < body.byteLength; n += 1) {
    const size = sizes[n % sizes.length] ?? 1
    chunks.push(body.subarray(at, at + size))
    at += size
  }
  return chunks
}

const refused = { code: 'multipart_invalid' }

describe('a form', () => {
  it('is the same in whatever pieces it comes', async () => {
    const part = fc.record({
      name: fc.stringMatching(/^[a-z]{1,5}$/),
      filename: fc.stringMatching(/^[a-zäß .]{0,8}$/),
      data: fc.oneof(
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
        fc.constantFrom(
          '',
          '\r\n',
          '\r',
          `\r\n--${boundary.slice(0, -1)}`,
          '--',
          '\r\n\r\n',
          'ab\r',
        ),
      ),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        async (parts: Part[], sizes) => {
          const expected = parts.map(({ data, filename, name }) => ({
            ...{ name, filename, data: Buffer.from(data as string) },
          }))
          expect(await read(pieces(form(parts), sizes))).toEqual(expected)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('of any bytes is read or refused, and nothing else is thrown', async () => {
    const piece = fc.constantFrom(
      ...[
        `--${boundary}`,
        '\r\n',
        '--',
        'Content-Disposition: form-data; name="a"',
        'x',
        '\n',
        '"',
      ],
      ...['; filename="b"', 'Content-Type: a/b', `\r\n--${boundary}--\r\n`, `--${boundary}\r\n`],
      form([{ name: 'a', data: 'x' }]).toString(),
    )
    let whole = 0
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 14 }), async (parts) => {
        const outcome = await read([Buffer.from(parts.join(''))]).catch((error) => error)
        if (Array.isArray(outcome)) whole += 1
        else expect(outcome).toMatchObject(refused)
      }),
      { numRuns: 3_000 },
    )
    expect(whole).toBeGreaterThan(0)
  })

  const one = (head: string, tail = `\r\n--${boundary}--\r\n`) =>
    Buffer.from(`--${boundary}\r\n${head}\r\n\r\ndata${tail}`)
  const plain = 'Content-Disposition: form-data; name="a"'

  it.each([
    ['something before it', Buffer.concat([Buffer.from('x\r\n'), one(plain)])],
    ['something behind it', Buffer.concat([one(plain), Buffer.from('x')])],
    ['no end', one(plain, '')],
    ['half an end', one(plain, `\r\n--${boundary}-`)],
    ['line ends of another kind', Buffer.from(one(plain).toString().replaceAll('\r\n', '\n'))],
    ['no disposition', one('Content-Type: a/b')],
    ['two dispositions', one(`${plain}\r\n${plain}`)],
    ['a transfer encoding', one(`${plain}\r\nContent-Transfer-Encoding: base64`)],
    ['a second name', one(`${plain}; name="b"`)],
    ['a name in another spelling', one(`${plain}; filename*=UTF-8''b`)],
    ['no name', one('Content-Disposition: form-data')],
    ['a name without quotes', one('Content-Disposition: form-data; name=a')],
    ['another disposition', one('Content-Disposition: attachment; name="a"')],
    ['a head that is no text', one(`${plain}; filename="\u0000"`.replace('\u0000', '\r'))],
    ['a head too long', one(`${plain}\r\nContent-Type: ${'a'.repeat(3_000)}`)],
    ['a boundary alone', Buffer.from(`--${boundary}`)],
    ['nothing', Buffer.alloc(0)],
  ])('with %s is refused', async (_what, body) => {
    await expect(read([body])).rejects.toMatchObject(refused)
    await expect(read(pieces(body, [1]))).rejects.toMatchObject(refused)
  })

  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data;boundary="a b"', 'a b'],
    ['multipart/form-data', undefined],
    ['multipart/mixed; boundary=abc', undefined],
    ['multipart/form-data; boundary=a; boundary=b', undefined],
    [`multipart/form-data; boundary=${'a'.repeat(71)}`, undefined],
    ['multipart/form-data; boundary="a "', undefined],
    [undefined, undefined],
  ])('has the boundary that %s names', (type, expected) => {
    expect(boundaryOf(type)).toBe(expected)
  })
})

describe('a name to be shown', () => {
  it.each([
    ['photo.JPEG', 'jpg', 'photo.jpg'],
    ['C:\\temp\\Plan 1.pdf', 'pdf', 'Plan 1.pdf'],
    ['../../etc/passwd', 'pdf', 'passwd.pdf'],
    ['invoice\u202efdp.exe', 'pdf', 'invoicefdp.exe.pdf'],
    ['a\r\nSet-Cookie: x.pdf', 'pdf', 'aSet-Cookie x.pdf'],
    ['CON', 'pdf', 'file CON.pdf'],
    ['com1.pdf', 'pdf', 'file com1.pdf'],
    ['.htaccess', 'png', 'htaccess.png'],
    ['  ..  ', 'png', 'file.png'],
    ['', 'png', 'file.png'],
    ['Müller & Söhne’s.docx', 'docx', 'Müller & Söhne’s.docx'],
    ['a\u0000.php', 'png', 'a.php.png'],
  ])('%j of type %s is %j', (given, type, expected) => {
    expect(displayName(given, type)).toBe(expected)
  })

  it('is never a path, never turns text round, and has at most 255 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (given) => {
        const name = displayName(given, 'pdf')
        expect(name).toMatch(/^[^/\\\p{Cc}\u202a-\u202e\u2066-\u2069]+\.pdf$/u)
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
        expect(name.startsWith('.')).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })
})
