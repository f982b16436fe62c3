import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  gif,
  gifNote,
  gifPicture,
  smallWebps,
  webp,
  webpCanvas,
  webpChunk,
  webpFrame,
  webpPicture,
} from '../../test/uploads/gif-webp-samples.ts'
import { openReceiver } from '../../test/uploads/receiver.ts'
import {
  docx,
  jpegFrame,
  jpegOf,
  jpegScan,
  jpegSegment,
  noise,
  png,
  pngChunk,
  zip,
} from '../../test/uploads/samples.ts'

let directory = ''
let receiver: ReturnType<typeof openReceiver>
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-gif-webp-'))
  receiver = openReceiver(directory)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const types = ['gif', 'webp', 'png', 'jpg'] as const
const receive = (data: Buffer) => receiver.receive(data, { types, maxPixels: 1_000_000 })
const many = (count: number, block: Buffer) => Array.from({ length: count }, () => block)
const page = Buffer.from('<html><script>alert(1)</script>')
const packed = noise(40_000, 3)
/** A picture of an odd number of bytes. */
const oddPicture = Buffer.concat([webpPicture(9, 9).subarray(8), Buffer.from([1])])

type Good = readonly [what: string, data: Buffer, facts: object]
const good: readonly Good[] = [
  ['a GIF', gif(), { type: 'gif', mediaType: 'image/gif', width: 1, height: 1 }],
  ['an older GIF', Buffer.concat([Buffer.from('GIF87a'), gif().subarray(6)]), { type: 'gif' }],
  [
    'an animated GIF with a note and pauses',
    gif(300, 200, [
      gifNote(Buffer.from('NETSCAPE2.0'), 0xff),
      gifNote(Buffer.from([0, 0, 0, 0]), 0xf9),
      gifPicture(0, 0, 300, 200),
      gifNote(Buffer.from('a < b')),
      gifPicture(100, 50, 200, 150),
    ]),
    { type: 'gif', width: 300, height: 200 },
  ],
  ['a GIF of noise', gif(9, 9, [gifPicture(0, 0, 9, 9), gifNote(packed)]), { type: 'gif' }],
  ...Object.entries(smallWebps).map(
    ([what, data]): Good => [`a WebP, ${what}`, data, { type: 'webp', width: 1, height: 1 }],
  ),
  ['a WebP of an odd length', webp(webpChunk('VP8L', oddPicture)), { type: 'webp', width: 9 }],
  ['a WebP of 1,000', webp(webpPicture(1_000, 1_000)), { mediaType: 'image/webp', width: 1_000 }],
  [
    'a WebP with notes',
    webp(
      ...[webpCanvas(30, 20), webpChunk('ICCP', packed), webpPicture(30, 20)],
      ...[webpChunk('EXIF', Buffer.from('a')), webpChunk('XMP ', Buffer.from('<x:xmpmeta/>'))],
    ),
    { type: 'webp', width: 30, height: 20 },
  ],
  [
    'an animated WebP',
    webp(webpCanvas(300, 200), webpFrame(0, 300, 200), webpFrame(100, 200, 100)),
    { type: 'webp', width: 300 },
  ],
]

const unsafe: readonly (readonly [string, Buffer])[] = [
  ['a GIF with an archive behind it', Buffer.concat([gif(), docx()])],
  ['a GIF with a page behind it', Buffer.concat([gif(), page])],
  ['a GIF with zeros behind it', Buffer.concat([gif(), Buffer.alloc(4)])],
  ['a GIF with a page in a note', gif(1, 1, [gifPicture(0, 0, 1, 1), gifNote(page)])],
  ['a GIF that is a script', Buffer.from('GIF89a/*<script>*/=alert(1)//;')],
  [
    'a GIF that ends as an archive, within a note',
    gif(1, 1, [gifPicture(0, 0, 1, 1), gifNote(zip([{ name: 'a', data: 'b' }]))]),
  ],
  ['a GIF without a picture', gif(1, 1, [])],
  ['a GIF without an end', gif().subarray(0, -1)],
  ['a GIF that is cut', gif().subarray(0, 20)],
  ['a GIF of another version', Buffer.concat([Buffer.from('GIF88a'), gif().subarray(6)])],
  ['a GIF of no pixels', gif(0, 5)],
  ['a GIF of too many pixels', gif(1_001, 1_000)],
  ['a GIF whose picture is larger than its screen', gif(1, 1, [gifPicture(0, 0, 9_000, 9_000)])],
  ['a GIF whose picture stands outside', gif(9, 9, [gifPicture(5, 0, 5, 5)])],
  ['a GIF of many pictures', gif(500, 500, many(5, gifPicture(0, 0, 500, 500)))],
  ['a GIF of endless notes', gif(1, 1, many(20_001, gifNote(Buffer.alloc(0))))],
  ['a WebP with an archive behind it', Buffer.concat([smallWebps.lossy, docx()])],
  ['a WebP with a page behind it', Buffer.concat([smallWebps.lossless, page])],
  ['a WebP that tells another length', Buffer.concat([smallWebps.lossy, Buffer.alloc(2)])],
  [
    'a WebP with a page in a note',
    webp(webpCanvas(9, 9), webpPicture(9, 9), webpChunk('XMP ', page)),
  ],
  [
    'a WebP that ends as an archive, within a note',
    webp(
      ...[webpCanvas(9, 9), webpPicture(9, 9)],
      webpChunk('EXIF', zip([{ name: 'a', data: 'b' }])),
    ),
  ],
  [
    'a WebP with a chunk of no kind',
    webp(webpCanvas(9, 9), webpPicture(9, 9), webpChunk('EVIL', packed)),
  ],
  ['a WebP with something in its padding', webp(webpChunk('VP8L', oddPicture, 7))],
  ['a simple WebP with a second chunk', webp(webpPicture(9, 9), webpChunk('EXIF', packed))],
  ['a WebP without a picture', webp(webpCanvas(9, 9))],
  ['a WebP with two pictures', webp(webpCanvas(9, 9), webpPicture(9, 9), webpPicture(9, 9))],
  ['a WebP of another size than its canvas', webp(webpCanvas(9, 9), webpPicture(900, 900))],
  ['a WebP of too many pixels', webp(webpPicture(1_001, 1_000))],
  ['a WebP that is wider than anybody needs', webp(webpCanvas(16_000_000, 1))],
  ['a WebP that is cut', smallWebps.animation.subarray(0, 40)],
  ['a WebP of twelve bytes', smallWebps.lossy.subarray(0, 12)],
  ['a WebP whose frame stands outside', webp(webpCanvas(9, 9), webpFrame(4, 9, 9))],
  [
    'a WebP whose frame holds another size',
    webp(webpCanvas(9, 9), webpFrame(0, 9, 9, webpPicture(900, 900))),
  ],
  ['a WebP of many frames', webp(webpCanvas(500, 500), ...many(5, webpFrame(0, 500, 500)))],
  [
    'a WebP of a frame and a picture',
    webp(webpCanvas(9, 9), webpFrame(0, 9, 9), webpPicture(9, 9)),
  ],
  [
    'a PNG that ends as an archive, within a chunk',
    png(2, 2, [pngChunk('teSt', zip([{ name: 'a', data: 'b' }]))]),
  ],
  [
    'a JPEG that ends as an archive, within a segment',
    jpegOf(...[jpegFrame(9, 9), jpegScan()], jpegSegment(0xfe, zip([{ name: 'a', data: 'b' }]))),
  ],
]

describe('GIF and WebP', () => {
  it.each(good)(
    '%s is kept with its size, where the route takes it',
    async (_what, data, facts) => {
      expect(await receive(data)).toMatchObject({ size: data.byteLength, ...facts })
    },
  )

  it.each(unsafe)('%s is refused as unsafe', async (_what, data) => {
    const before = (await readdir(directory)).length
    await expect(receive(data)).rejects.toMatchObject({ code: 'upload_unsafe' })
    expect((await readdir(directory)).length).toBe(before)
  })

  it.each([gif(), smallWebps.lossy, smallWebps.lossless])(
    'are taken where they are asked for, and nowhere by default',
    async (data) => {
      await expect(receiver.receive(data)).rejects.toMatchObject({ code: 'upload_type_refused' })
    },
  )

  it.each([
    ['GIF', gif(9, 9, [gifNote(Buffer.from('a note')), gifPicture(0, 0, 9, 9)])],
    ...Object.entries(smallWebps),
  ])('cut or broken anywhere are refused or kept, and nothing else: %s', async (_what, whole) => {
    for (let at = 12; at < whole.byteLength; at += 1) {
      const broken = Buffer.from(whole)
      broken.fill(0xff, at, Math.min(at + 4, whole.byteLength))
      for (const data of [whole.subarray(0, at), broken]) {
        const outcome = await receive(data).catch((error) => error.code)
        if (typeof outcome === 'string') expect(outcome, `${at}`).toBe('upload_unsafe')
      }
    }
  })
})
