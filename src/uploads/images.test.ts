import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReceiver } from '../../test/uploads/receiver.ts'
import {
  jpeg,
  jpegFrame,
  jpegOf,
  jpegScan,
  jpegSegment,
  noise,
  png,
  pngChunk,
} from '../../test/uploads/samples.ts'
import { inspect } from './types.ts'

let directory = ''
let receiver: ReturnType<typeof openReceiver>
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-images-'))
  receiver = openReceiver(directory)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const megabytes = 1_048_576
const bounds = { maxPixels: 50_000_000, maxUnpackedBytes: 1 }

/** How a file in memory is looked through, and what is read of it for that. */
async function look(bytes: Buffer) {
  const cost = { bytes: 0, reads: 0 }
  const read = async (at: number, length: number) => {
    const piece = bytes.subarray(at, at + length)
    cost.reads += 1
    cost.bytes += Math.max(piece.byteLength, length)
    return piece
  }
  return { found: await inspect('jpg', { size: bytes.byteLength, read }, bounds), ...cost }
}

const repeat = (count: number, piece: Buffer) => Array.from({ length: count }, () => piece)

describe('a photo', () => {
  it('of 3 MB is taken, whatever its compressed data looks like', async () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const photo = jpegOf(
        jpegSegment(0xe1, noise(60_000, 100 + seed)),
        jpegFrame(4_000, 3_000),
        jpegScan(noise(3 * megabytes, seed)),
      )
      expect((await look(photo)).found, `${seed}`).toEqual({
        ok: true,
        width: 4_000,
        height: 3_000,
      })
    }
    const data = jpegScan(noise(3 * megabytes, 77))
    expect(await receiver.receive(jpegOf(jpegFrame(4_000, 3_000), data))).toMatchObject({
      type: 'jpg',
    })
  })

  it('as a PNG of 3 MB is taken as well', async () => {
    for (let seed = 0; seed < 8; seed += 1) {
      const pixels = pngChunk('IDAT', noise(3 * megabytes, seed))
      expect(await receiver.receive(png(2_000, 1_500, [pixels]))).toMatchObject({ type: 'png' })
    }
  })

  it.each([
    '<script>alert(1)',
    '<SCRIPT src=x',
    '<?php system(1);',
    '<html><body>',
    '<!doctype html>',
    '<svg xmlns="x"',
    '<svg onload=x',
    '<iframe src=x>',
    '<%@ page import="x"%>',
    '<%eval request("x")%>',
    '<?=`$_GET[0]`?>',
    '<?= system($_GET[0])?>',
  ])(
    'that holds %s in a comment or among its data is refused, across pages as well',
    async (text) => {
      for (const before of [0, 65_500, 65_507]) {
        const coded = Buffer.concat([Buffer.alloc(before, 1), Buffer.from(text)])
        const among = jpegOf(jpegFrame(1, 1), jpegScan(coded))
        expect((await look(among)).found).toEqual({ ok: false, reason: 'markup' })
      }
      const comment = jpegSegment(0xfe, Buffer.from(text))
      expect((await look(jpegOf(comment, jpegFrame(1, 1), jpegScan()))).found.ok).toBe(false)
    },
  )
})

describe('the notes of a photo', () => {
  const ofNotes = (text: string) => {
    const notes = [0xe1, 0xed, 0xfe].map((mark) =>
      jpegOf(jpegSegment(mark, Buffer.from(`x${text}`)), jpegFrame(1, 1), jpegScan()),
    )
    const chunks = ['tEXt', 'iTXt', 'eXIf', 'prVt'].map((type) =>
      png(2, 2, [pngChunk(type, Buffer.from(`Comment\0${text}`))]),
    )
    return [...notes, ...chunks]
  }

  it.each([
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '<style>@import "x"</style>',
    '<meta http-equiv=refresh content=0>',
    '<a href=javascript:alert(1)>',
    '<link rel=stylesheet href=x>',
    '<form action=x>',
    '<x-y onclick = alert(1)>',
    '<?=$a="_GET";?>',
  ])('with %s are refused, across pages as well', async (text) => {
    for (const bytes of ofNotes(text)) {
      await expect(receiver.receive(bytes)).rejects.toMatchObject({ code: 'upload_unsafe' })
    }
    for (const before of [65_400, 65_500, 65_520]) {
      const long = Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
      const bytes = png(2, 2, [pngChunk('tEXt', long)])
      await expect(receiver.receive(bytes)).rejects.toMatchObject({ code: 'upload_unsafe' })
    }
  })

  it.each([
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><dc:title>a &lt;img></dc:title></rdf:RDF></x:xmpmeta>',
    '<?xml version="1.0"?>\n<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "x"><plist/>',
    'a < b, a <b, <3, <?> and 3 <?= 4',
    'CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90',
  ])('may be %s', async (text) => {
    for (const bytes of ofNotes(text)) expect(await receiver.receive(bytes)).toBeDefined()
  })

  it('are told from pixels, which may look like short tokens', async () => {
    const pixels = Buffer.from('<?=<?=>>>???@@@AAABBB <img ')
    const photo = jpegOf(jpegSegment(0xfe, noise(9, 1)), jpegFrame(1, 1), jpegScan(pixels))
    expect(await receiver.receive(photo)).toMatchObject({ type: 'jpg' })
    for (const type of ['IDAT', 'PLTE']) {
      const image = png(2, 2, [pngChunk('tEXt', noise(9, 1)), pngChunk(type, pixels)])
      expect(await receiver.receive(image)).toMatchObject({ type: 'png' })
    }
  })
})

describe('the size of a JPEG', () => {
  const [large, small, scan] = [jpegFrame(30_000, 30_000), jpegFrame(1, 1), jpegScan()]
  it.each<readonly [string, Buffer]>([
    ['a second frame behind the data', jpegOf(large, scan, small)],
    ['a second frame before the data', jpegOf(large, small, scan)],
    ['a second, larger one', jpegOf(small, large, scan)],
    ['the same one twice', jpegOf(small, small, scan)],
    ['a frame behind its data alone', jpegOf(scan, small)],
    ['no frame', jpegOf(scan)],
    ['a frame that is cut', jpegOf(jpegSegment(0xc0, Buffer.alloc(3, 1)), scan)],
    [
      'lines that are told behind the data',
      jpegOf(small, scan, jpegSegment(0xdc, Buffer.alloc(2, 9))),
    ],
    ['frames within a frame', jpegOf(jpegSegment(0xde, Buffer.alloc(9, 1)), small, scan)],
    ['too many pixels', jpegOf(large, scan)],
  ])('is told once: one with %s is refused', async (_what, bytes) => {
    await expect(receiver.receive(bytes)).rejects.toMatchObject({ code: 'upload_unsafe' })
  })

  it('may stand behind any number of filling bytes', async () => {
    const filled = jpegOf(Buffer.alloc(9, 0xff), jpegFrame(7, 5), scan)
    expect(await receiver.receive(filled)).toMatchObject({ width: 7, height: 5 })
  })
})

describe('looking through a JPEG', () => {
  const comment = jpegSegment(0xfe, Buffer.alloc(0))
  const [frame, bare] = [jpegFrame(1, 1), Buffer.from([0xff, 0xda, 0, 2])]

  it.each<readonly [string, Buffer]>([
    ['of many segments', jpegOf(...repeat(1_990, comment), frame, bare)],
    ['of many scans', jpegOf(frame, ...repeat(100, bare))],
    ['of many images', Buffer.concat(repeat(8, jpeg()))],
    [
      'of large segments',
      jpegOf(...repeat(40, jpegSegment(0xfe, Buffer.alloc(65_000, 1))), frame, bare),
    ],
    ['of 3 MB', jpegOf(frame, jpegScan(noise(3 * megabytes, 1)))],
    ['of FF alone', jpegOf(frame, bare, Buffer.alloc(megabytes, 0xff))],
    ['with zeros behind it', Buffer.concat([jpegOf(frame, bare), Buffer.alloc(megabytes)])],
  ])('%s reads it about twice, in pages', async (_what, bytes) => {
    const { found, reads, ...cost } = await look(bytes)
    expect(found.ok).toBe(true)
    expect(cost.bytes).toBeLessThan(2.2 * bytes.byteLength + 4 * 65_600)
    expect(reads).toBeLessThan((2.2 * bytes.byteLength) / 65_536 + 10)
  })

  it.each<readonly [string, Buffer]>([
    ['2,001 segments', jpegOf(...repeat(1_999, comment), frame, bare)],
    [
      '2,000 segments in several images',
      Buffer.concat(repeat(5, jpegOf(...repeat(398, comment), frame, bare))),
    ],
    ['101 scans', jpegOf(frame, ...repeat(101, bare))],
    ['nine images', Buffer.concat(repeat(9, jpeg()))],
  ])('ends at %s', async (_what, bytes) => {
    const { found, reads } = await look(bytes)
    expect(found.ok).toBe(false)
    expect(reads).toBeLessThan(5)
    await expect(receiver.receive(bytes)).rejects.toMatchObject({ code: 'upload_unsafe' })
  })
})
