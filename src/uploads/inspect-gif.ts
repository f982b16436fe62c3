import {
  endsAsArchive,
  holdsMarkup,
  type Inspection,
  type InspectionBounds,
  ofSize,
  type ReadableFile,
  unsafe,
} from './inspection.ts'
import { PagedFile } from './paged-file.ts'

const [imageMark, extensionMark, trailer] = [0x2c, 0x21, 0x3b]
/** What a file is made of costs its reader time: pictures, notes and pauses together. */
const mostBlocks = 20_000

/**
 * A GIF (GIF89a specification): header, screen and blocks up to the trailer, which is the last byte. Each
 * picture lies within the screen; all of them together have at most `maxPixels`, since a player draws each.
 */
export async function inspectGif(
  given: ReadableFile,
  bounds: InspectionBounds,
): Promise<Inspection> {
  const file = new PagedFile(given)
  const head = await file.read(0, 13)
  if (head.byteLength < 13 || !/^GIF8[79]a$/.test(head.toString('latin1', 0, 6))) {
    return unsafe('header')
  }
  const screen = { width: head.readUInt16LE(6), height: head.readUInt16LE(8) }
  const size = ofSize(screen.width, screen.height, bounds)
  if (!size.ok) return size
  const drawn = await pixelsOf(file, 13 + tableBytes(head[10] ?? 0), screen)
  if (drawn === undefined) return unsafe('blocks')
  if (drawn > bounds.maxPixels) return unsafe('pixels')
  if (await endsAsArchive(given)) return unsafe('an archive as well')
  return (await holdsMarkup(given)) ? unsafe('markup') : size
}

interface Screen {
  readonly width: number
  readonly height: number
}

/** The pixels of all pictures; undefined where the blocks are not whole, or do not end with the file. */
async function pixelsOf(
  file: PagedFile,
  start: number,
  screen: Screen,
): Promise<number | undefined> {
  let at = start
  let pixels = 0
  for (let blocks = 0; blocks < mostBlocks; blocks += 1) {
    const mark = (await file.read(at, 1))[0]
    if (mark === trailer) return at + 1 === file.size && pixels > 0 ? pixels : undefined
    if (mark === extensionMark) {
      at = await endOfPieces(file, at + 2)
      continue
    }
    const picture = mark === imageMark ? await readPicture(file, at, screen) : undefined
    if (!picture) return undefined
    pixels += picture.pixels
    at = await endOfPieces(file, picture.data)
  }
  return undefined
}

interface Picture {
  readonly pixels: number
  /** Where its packed data begins. */
  readonly data: number
}

async function readPicture(
  file: PagedFile,
  at: number,
  { height, width }: Screen,
): Promise<Picture | undefined> {
  const head = await file.read(at, 10)
  if (head.byteLength < 10) return undefined
  const [across, down] = [head.readUInt16LE(5), head.readUInt16LE(7)]
  const fits = head.readUInt16LE(1) + across <= width && head.readUInt16LE(3) + down <= height
  if (!fits || across === 0 || down === 0) return undefined
  const packed = at + 10 + tableBytes(head[9] ?? 0)
  const codeSize = (await file.read(packed, 1))[0] ?? 0
  if (codeSize < 2 || codeSize > 8) return undefined
  return { pixels: across * down, data: packed + 1 }
}

/** A table of colours, where the flags say that there is one. */
function tableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
}

/** The first byte behind pieces of data, of which each tells its length and the last has none. */
async function endOfPieces(file: PagedFile, start: number): Promise<number> {
  let at = start
  for (;;) {
    const length = (await file.read(at, 1))[0]
    if (length === undefined) throw new RangeError('the file ends within a block')
    at += 1 + length
    if (length === 0) return at
  }
}
