import { mkdtemp, readdir, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  boundary,
  doc,
  documentParts,
  docx,
  form,
  jpeg,
  macroParts,
  pdf,
  png,
  pngChunk,
  zip,
} from '../../test/uploads/samples.ts'
import { silentLogger, systemRandom } from '../ports/index.ts'
import { type UploadRules, Uploads, uploadTypes } from './index.ts'

let directory = ''
let uploads: Uploads
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-uploads-'))
  uploads = new Uploads({
    ...{ directory, clock: new ManualClock(), random: systemRandom, logger: silentLogger },
    ...{ idleMs: 10_000, timeoutMs: 60_000 },
  })
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const rules: UploadRules = {
  ...{ field: 'file', types: uploadTypes, maxFiles: 1, textFields: [] },
  ...{ maxBytes: 1_000_000, maxPixels: 1_000_000, maxUnpackedBytes: 3_000_000 },
}

async function receive(data: Buffer, filename = 'any.png', own: Partial<UploadRules> = {}) {
  const body = form([{ name: 'file', filename, data }])
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  const request = Object.assign(Readable.from([body]), { headers }) as unknown as IncomingMessage
  const { files } = await uploads.receive(request, { ...rules, ...own })
  return files[0]
}

const kept = async () => (await readdir(directory)).filter((name) => name !== 'pending')
const pending = () => readdir(join(directory, 'pending'))

type Good = readonly [what: string, data: Buffer, type: string, facts?: object]
const good: readonly Good[] = [
  ['a PNG', png(), 'png', { width: 2, height: 2 }],
  ['a PNG as large as allowed', png(1_000, 1_000), 'png', { width: 1_000 }],
  ['a PNG with a note', png(2, 2, [pngChunk('tEXt', Buffer.from('Title\0a < b'))]), 'png'],
  ['a JPEG', jpeg(), 'jpg', { width: 1, height: 1 }],
  ['a JPEG with a preview behind it', Buffer.concat([jpeg(9, 9), jpeg()]), 'jpg', { width: 9 }],
  ['a JPEG with zeros behind it', Buffer.concat([jpeg(), Buffer.alloc(300)]), 'jpg'],
  ['a PDF', pdf(), 'pdf'],
  ['a PDF that needs a password', pdf('/Encrypt 4 0 R'), 'pdf', { encrypted: true }],
  ['a PDF with blanks at its end', Buffer.concat([pdf(), Buffer.from('\r\n\n')]), 'pdf'],
  ['a Word document', docx(), 'docx'],
  ['one with a picture', docx([{ name: 'word/media/image1.png', data: png(), method: 0 }]), 'docx'],
  ['one with data descriptors', docx([], { descriptors: true }), 'docx'],
  ['one with an embedded sheet', docx([{ name: 'word/embeddings/a.xlsx', data: docx() }]), 'docx'],
  ['a Word document of 1997', doc(), 'doc'],
  ['one of 1997 that needs a password', doc(undefined, 0x0100), 'doc', { encrypted: true }],
]

const html = '<!doctype html><script>alert(1)</script>'
const wrongType: readonly (readonly [string, Buffer])[] = [
  ['a page', Buffer.from(html)],
  ['a drawing that runs scripts', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['a program', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)])],
  ['a script', Buffer.from('#!/bin/sh\nrm -rf /\n')],
  ['PHP', Buffer.from('<?php system($_GET["c"]);')],
  ['a bitmap', Buffer.concat([Buffer.from('BM'), Buffer.alloc(60)])],
  ['a sound', Buffer.from('RIFF\x24\0\0\0WAVEfmt ')],
  ['nothing', Buffer.alloc(0)],
  ['seven bytes', png().subarray(0, 7)],
  ['a PDF behind a line', Buffer.concat([Buffer.from('\n'), pdf()])],
  ['a PDF behind an archive', Buffer.concat([Buffer.from('PK\x05\x06'), pdf()])],
  ['an empty archive', zip([])],
  ['UTF-16 text', Buffer.from(html, 'utf16le')],
]

const bomb = 'a'.repeat(2_500_000)
const unsafe: readonly (readonly [string, Buffer])[] = [
  ['a PNG with an archive behind it', Buffer.concat([png(), docx()])],
  ['a PNG with a page behind it', Buffer.concat([png(), Buffer.from(html)])],
  ['a PNG with a script in a note', png(2, 2, [pngChunk('tEXt', Buffer.from(`x\0${html}`))])],
  ['a PNG with PHP in it', png(2, 2, [pngChunk('tEXt', Buffer.from('x\0<?php eval(1);'))])],
  ['a PNG that is cut', png().subarray(0, 40)],
  ['a PNG without an end', png().subarray(0, -12)],
  ['a PNG of too many pixels', png(1_001, 1_000)],
  ['a PNG of no pixels', png(0, 5)],
  ['a PNG wider than anybody needs', png(4_000_000_000, 1)],
  ['a JPEG with an archive behind it', Buffer.concat([jpeg(), docx()])],
  ['a JPEG with a script behind it', Buffer.concat([jpeg(), Buffer.from(html)])],
  ['a JPEG that is cut', jpeg().subarray(0, 100)],
  ['a JPEG of too many pixels', jpeg(60_000, 60_000)],
  ['a JPEG whose second image is too large', Buffer.concat([jpeg(), jpeg(9_000, 9_000)])],
  ['three bytes of a JPEG', Buffer.concat([jpeg().subarray(0, 4), Buffer.from(html)])],
  ['a PDF with a page behind it', Buffer.concat([pdf(), Buffer.from(html)])],
  ['a PDF with an archive behind it', Buffer.concat([pdf(), docx()])],
  ['a PDF in the comment of an archive', Buffer.concat([pdf(), zip(documentParts), pdf()])],
  ['a PDF that is cut', pdf().subarray(0, 100)],
  ['a PDF by its first bytes alone', Buffer.from(`%PDF-1.4\n${html}`)],
  ['a PDF with a page in its head', Buffer.concat([Buffer.from(`%PDF-1.4\n${html}\n`), pdf()])],
  ['a document of eight bytes', docx().subarray(0, 8)],
  ['a document of 21 bytes', docx().subarray(0, 21)],
  ['the end of an archive alone', Buffer.concat([docx().subarray(0, 4), docx().subarray(-22)])],
  ['an archive that is no document', zip([{ name: 'a.txt', data: 'hello' }])],
  ['a sheet', zip([{ name: '[Content_Types].xml', data: '<Types/>' }])],
  ['a document that says it has macros', zip(macroParts)],
  ['a document with macros', docx([{ name: 'word/vbaProject.bin', data: 'x' }])],
  ['one that hides them by case', docx([{ name: 'word/VBAPROJECT.BIN', data: 'x' }])],
  ['one with controls that run', docx([{ name: 'word/activeX/activeX1.xml', data: 'x' }])],
  ['one with a package that runs', docx([{ name: 'word/embeddings/oleObject1.bin', data: 'x' }])],
  ['one with a program', docx([{ name: 'word/media/image1.png', data: 'MZ..' }])],
  ['one with an archive in it', docx([{ name: 'word/media/a.bin', data: docx() }])],
  ['one with an archive by name', docx([{ name: 'a.zip', data: 'x' }])],
  ['one that leads out', docx([{ name: '../../etc/passwd', data: 'x' }])],
  ['one that leads to the root', docx([{ name: '/etc/passwd', data: 'x' }])],
  ['one with a name twice', docx([{ name: 'WORD/document.xml', data: 'x' }])],
  ['one behind a password', docx([{ name: 'a.xml', data: 'x', flags: 1 }])],
  ['one packed in another way', docx([{ name: 'a.xml', data: 'x', method: 12 }])],
  ['one with a comment', docx([], { comment: html })],
  ['one with a page between its parts', docx([], { between: html })],
  ['one behind a page', Buffer.concat([docx().subarray(0, 4), Buffer.from(html), docx()])],
  ['one with bytes between its parts', docx([], { between: '0123456789abcdef' })],
  ['a bomb', docx([{ name: 'word/a.xml', data: bomb }])],
  ['a bomb of many', docx([1, 2].map((n) => ({ name: `word/${n}.xml`, data: bomb })))],
  ['a bomb that lies', docx([{ name: 'word/a.xml', data: bomb, claims: 10 }])],
  ['one that holds less than it says', docx([{ name: 'a.xml', data: 'x', claims: 10 }])],
  ['too many parts', docx(Array.from({ length: 2_001 }, (_, n) => ({ name: `${n}`, data: '' })))],
  ['a document of 1997 with macros', doc(['WordDocument', 'Macros'])],
  ['one with a project of them', doc(['WordDocument', '_VBA_PROJECT'])],
  ['a sheet of 1997', doc(['Workbook'])],
  ['an installer', doc(['!_StringPool'])],
  ['a compound file that is cut', doc().subarray(0, 600)],
  ['one of eight bytes', doc().subarray(0, 8)],
]

const openings: readonly (readonly [string, Buffer])[] = [
  ...[['PNG', png()] as const, ['JPEG', jpeg()] as const, ['PDF', pdf()] as const],
  ...[['Word document', docx()] as const, ['Word document of 1997', doc()] as const],
]

describe('an upload', () => {
  it.each(openings)(
    'that is a %s cut or broken anywhere is refused or kept, and nothing else',
    async (_what, whole) => {
      for (let at = 8; at < whole.byteLength; at += whole.byteLength > 1_500 ? 17 : 3) {
        const broken = Buffer.from(whole)
        broken.fill(0xff, at, Math.min(at + 4, whole.byteLength))
        for (const data of [whole.subarray(0, at), broken]) {
          const outcome = await receive(data).catch((error) => error.code)
          if (typeof outcome === 'string') expect(outcome, `${at}`).toBe('upload_unsafe')
        }
      }
      expect(await pending()).toEqual([])
    },
  )

  it.each(good)(
    'that is %s is kept by its content, whatever its name',
    async (...row: unknown[]) => {
      const [, data, type, facts] = row as unknown as Good
      const file = await receive(data, 'shell.php')
      expect(file).toMatchObject({
        type,
        size: data.byteLength,
        displayName: `shell.php.${type}`,
        ...facts,
      })
      expect(file?.fileName).toBe(`${file?.id}.${type}`)
      expect(await kept()).toContain(file?.fileName)
      expect(await pending()).toEqual([])
    },
  )

  it.each(wrongType)('that is %s is refused, whatever its name', async (_what, data) => {
    for (const name of ['photo.png', 'a.pdf', 'b.docx', 'c.jpg']) {
      await expect(receive(data, name)).rejects.toMatchObject({ code: 'upload_type_refused' })
    }
    expect(await pending()).toEqual([])
  })

  it.each(unsafe)('that is %s is refused as unsafe', async (_what, data) => {
    const before = await kept()
    await expect(receive(data)).rejects.toMatchObject({ code: 'upload_unsafe', status: 400 })
    expect([await kept(), await pending()]).toEqual([before, []])
  })

  it('of a type that the route does not take is refused', async () => {
    const images = { types: ['png', 'jpg'] } as const
    await expect(receive(pdf(), 'a.png', images)).rejects.toMatchObject({ status: 415 })
    expect((await receive(png(), 'a.pdf', images))?.type).toBe('png')
  })

  it('may have as many bytes as allowed, and not one more', async () => {
    const bytes = png().byteLength
    expect((await receive(png(), 'a', { maxBytes: bytes }))?.size).toBe(bytes)
    const less = receive(png(), 'a', { maxBytes: bytes - 1 })
    await expect(less).rejects.toMatchObject({ code: 'upload_too_large', status: 413 })
  })
})
