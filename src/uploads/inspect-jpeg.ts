import {
  endsAsArchive,
  firstBytes,
  holdsMarkup,
  type Inspection,
  type InspectionBounds,
  ofSize,
  type ReadableFile,
  type Span,
  unsafe,
} from './inspection.ts'
import { PagedFile } from './paged-file.ts'
import { isCameraTrailer } from './trailer.ts'

/** Of the whole file: what one is made of costs its reader time, and no camera comes near. */
const mostSegments = 2_000
const mostImages = 8
/** Of an image. Each scan costs a decoder a walk through all of its pixels; encoders write about ten. */
const mostScans = 100
const [startOfImage, endOfImage, startOfScan] = [0xd8, 0xd9, 0xda]
/** Lines after the fact and frames within frames (ITU-T T.81, B.2.5 and B.3): sizes that the first head does not tell. */
const otherSizes = [0xdc, 0xde, 0xdf]

/** Segments of the app and comments begin here: notes, which hold no pixels. */
const firstNote = 0xe0

interface Walk {
  segments: number
  readonly notes: Span[]
}

/**
 * A JPEG: segments and scans up to the end of the image, which has one frame header, before its scans. Behind
 * it only zeros and further whole images may stand, as cameras add previews; what else a camera appends is not
 * kept. An archive or a page there is what makes a file two things.
 */
export async function inspectJpeg(
  given: ReadableFile,
  bounds: InspectionBounds,
): Promise<Inspection> {
  const file = new PagedFile(given)
  const walked: Walk = { segments: mostSegments, notes: [] }
  let [at, end] = [0, 0]
  let first: Inspection | undefined
  for (let images = 0; at < file.size; images += 1) {
    if (images >= mostImages) return unsafe('images')
    const image = await walk(file, at, walked)
    if (!image && first && (await isCameraTrailer(file, end))) break
    if (!image) return unsafe('segments')
    const size = ofSize(image.width, image.height, bounds)
    if (!size.ok) return size
    first ??= size
    end = image.end
    at = await afterZeros(file, end)
  }
  const keep = at < file.size ? { keep: end } : {}
  const kept = firstBytes(given, keep.keep ?? given.size)
  if (await endsAsArchive(kept)) return unsafe('an archive as well')
  if (await holdsMarkup(kept, walked.notes)) return unsafe('markup')
  return first?.ok ? { ...first, ...keep } : unsafe('empty')
}

interface Size {
  readonly width: number
  readonly height: number
}

interface Walked extends Size {
  /** The first byte behind the image. */
  readonly end: number
}

/** One image, or undefined where it is none that every decoder reads alike. */
async function walk(file: PagedFile, start: number, walked: Walk): Promise<Walked | undefined> {
  const head = await file.read(start, 2)
  if (head[0] !== 0xff || head[1] !== startOfImage) return undefined
  let at = start + 2
  let scans = 0
  let size: Size | undefined
  for (; walked.segments > 0; walked.segments -= 1) {
    const segment = await readSegment(file, at)
    if (!segment || otherSizes.includes(segment.marker)) return undefined
    if (segment.marker === endOfImage) return size && { ...size, end: segment.end }
    if (isFrame(segment.marker)) {
      if (size) return undefined
      size = await readFrame(file, segment)
      if (!size) return undefined
    }
    at = segment.end
    if (segment.marker >= firstNote) walked.notes.push({ from: segment.content, to: at })
    if (segment.marker !== startOfScan) continue
    scans += 1
    if (!size || scans > mostScans) return undefined
    at = await endOfScan(file, at)
  }
  return undefined
}

interface Segment {
  readonly marker: number
  /** Where its content begins. */
  readonly content: number
  /** The first byte behind it. */
  readonly end: number
}

/** The segment whose marker stands at `at`. Any number of FF may stand before one (T.81, B.1.1.2). */
async function readSegment(file: PagedFile, at: number): Promise<Segment | undefined> {
  if ((await file.read(at, 1))[0] !== 0xff) return undefined
  const behind = await after(file, at, 0xff)
  const head = await file.read(behind, 3)
  const marker = head[0] ?? 0
  if (marker < 0xc0 || (marker >= 0xd0 && marker <= startOfImage)) return undefined
  if (marker === endOfImage) return { marker, content: behind + 1, end: behind + 1 }
  if (head.byteLength < 3 || head.readUInt16BE(1) < 2) return undefined
  return { marker, content: behind + 3, end: behind + 1 + head.readUInt16BE(1) }
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}

async function readFrame(file: PagedFile, { content, end }: Segment): Promise<Size | undefined> {
  const frame = await file.read(content, 5)
  if (frame.byteLength < 5 || content + 5 > end) return undefined
  return { height: frame.readUInt16BE(1), width: frame.readUInt16BE(3) }
}

/** Where the next marker stands behind coded data, in which FF is followed by 00 or a restart. */
async function endOfScan(file: PagedFile, start: number): Promise<number> {
  for (let at = start; at < file.size - 1; ) {
    const page = await file.from(at, 2)
    const last = page.byteLength - 1
    for (let found = 0; found < last; found += 1) {
      if (page[found] !== 0xff) continue
      const next = page[found + 1] ?? 0
      const isData = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7)
      if (!isData) return at + found
    }
    if (last < 1) break
    at += last
  }
  return file.size
}

function afterZeros(file: PagedFile, start: number): Promise<number> {
  return after(file, start, 0)
}

/** The first place from `start` where another byte than this one stands. */
async function after(file: PagedFile, start: number, byte: number): Promise<number> {
  for (let at = start; at < file.size; ) {
    const page = await file.from(at, 1)
    const found = page.findIndex((one) => one !== byte)
    if (found >= 0) return at + found
    if (page.byteLength === 0) break
    at += page.byteLength
  }
  return file.size
}
