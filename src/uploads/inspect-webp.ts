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

/** Chunks of one file, those inside of frames included. */
const mostChunks = 5_000
/** What may stand in an extended file beside its pictures (RFC 9649, section 2.7). */
const extras: ReadonlySet<string> = new Set(['ICCP', 'ANIM', 'EXIF', 'XMP '])
const pictures: ReadonlySet<string> = new Set(['VP8 ', 'VP8L'])

/**
 * A WebP (RFC 9649): one RIFF whose chunks account for each byte, padding included, of kinds that the
 * specification names. The size is told by the pictures themselves and has to be that of the canvas; all of an
 * animation together have at most `maxPixels`, since a player draws each.
 */
export async function inspectWebp(
  given: ReadableFile,
  bounds: InspectionBounds,
): Promise<Inspection> {
  const file = new PagedFile(given)
  const head = await file.read(0, 12)
  if (head.readUInt32LE(4) + 8 !== file.size) return unsafe('length')
  const found = await readFile(file)
  if (!found) return unsafe('chunks')
  const size = ofSize(found.width, found.height, bounds)
  if (!size.ok) return size
  if (found.pixels > bounds.maxPixels) return unsafe('pixels')
  if (await endsAsArchive(given)) return unsafe('an archive as well')
  return (await holdsMarkup(given)) ? unsafe('markup') : size
}

interface Size {
  readonly width: number
  readonly height: number
}

interface Found extends Size {
  readonly pixels: number
}

interface Chunk {
  readonly type: string
  readonly content: number
  readonly length: number
  /** The first byte behind it and its padding. */
  readonly end: number
}

async function readFile(file: PagedFile): Promise<Found | undefined> {
  const chunks = await chunksOf(file, 12, file.size)
  const [first, ...others] = chunks ?? []
  if (!first) return undefined
  if (pictures.has(first.type)) {
    const size = others.length === 0 ? await sizeOf(file, first) : undefined
    return size && { ...size, pixels: size.width * size.height }
  }
  if (first.type !== 'VP8X' || first.length !== 10) return undefined
  const head = await file.read(first.content, 10)
  const canvas = { width: 1 + head.readUIntLE(4, 3), height: 1 + head.readUIntLE(7, 3) }
  const pixels = await pixelsOf(file, others, canvas)
  return pixels === undefined ? undefined : { ...canvas, pixels }
}

/** The pixels of one picture of the canvas's size, or of the frames of an animation within it. */
async function pixelsOf(
  file: PagedFile,
  chunks: readonly Chunk[],
  canvas: Size,
): Promise<number | undefined> {
  const still: Chunk[] = []
  const frames: Chunk[] = []
  for (const chunk of chunks) {
    if (chunk.type === 'ANMF') frames.push(chunk)
    else if (chunk.type === 'ALPH' || pictures.has(chunk.type)) still.push(chunk)
    else if (!extras.has(chunk.type)) return undefined
  }
  if (frames.length === 0) return picturePixels(file, still, canvas)
  if (still.length > 0) return undefined
  const budget = { chunks: mostChunks }
  let pixels = 0
  for (const frame of frames) {
    const own = await framePixels(file, frame, { canvas, budget })
    if (own === undefined) return undefined
    pixels += own
  }
  return pixels
}

async function framePixels(
  file: PagedFile,
  { content, length }: Chunk,
  { budget, canvas }: { readonly budget: { chunks: number }; readonly canvas: Size },
): Promise<number | undefined> {
  const head = await file.read(content, 16)
  if (length < 16 || head.byteLength < 16) return undefined
  const size = { width: 1 + head.readUIntLE(6, 3), height: 1 + head.readUIntLE(9, 3) }
  const fits =
    2 * head.readUIntLE(0, 3) + size.width <= canvas.width &&
    2 * head.readUIntLE(3, 3) + size.height <= canvas.height
  const chunks = fits ? await chunksOf(file, content + 16, content + length) : undefined
  budget.chunks -= chunks?.length ?? 0
  return chunks && budget.chunks >= 0 ? picturePixels(file, chunks, size) : undefined
}

/** One picture, before it perhaps its transparency, of exactly this size. */
async function picturePixels(
  file: PagedFile,
  chunks: readonly Chunk[],
  { height, width }: Size,
): Promise<number | undefined> {
  const picture = chunks.at(-1)
  const before = chunks.slice(0, -1)
  if (!picture || before.length > 1 || before.some(({ type }) => type !== 'ALPH')) return undefined
  const own = await sizeOf(file, picture)
  return own?.width === width && own.height === height ? width * height : undefined
}

/** The size that a picture tells itself (RFC 6386 section 9.1, RFC 9649 section 3.4). */
async function sizeOf(
  file: PagedFile,
  { content, length, type }: Chunk,
): Promise<Size | undefined> {
  const head = await file.read(content, Math.min(length, 10))
  if (type === 'VP8L') {
    if (head.byteLength < 5 || head[0] !== 0x2f || (head[4] ?? 0) >>> 5 !== 0) return undefined
    const bits = head.readUInt32LE(1)
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
  }
  const isKeyFrame = type === 'VP8 ' && head.byteLength === 10 && ((head[0] ?? 1) & 1) === 0
  if (!isKeyFrame || head.readUIntBE(3, 3) !== 0x9d012a) return undefined
  return { width: head.readUInt16LE(6) & 0x3fff, height: head.readUInt16LE(8) & 0x3fff }
}

/** All chunks from `start` to exactly `end`, or undefined where they do not fit. */
async function chunksOf(
  file: PagedFile,
  start: number,
  end: number,
): Promise<readonly Chunk[] | undefined> {
  const chunks: Chunk[] = []
  for (let at = start; at < end; ) {
    const chunk = await readChunk(file, at)
    if (chunk.end > end || chunks.length >= mostChunks) return undefined
    const padding = await file.read(chunk.content + chunk.length, chunk.length & 1)
    if (padding.some((byte) => byte !== 0)) return undefined
    chunks.push(chunk)
    at = chunk.end
  }
  return chunks
}

async function readChunk(file: PagedFile, at: number): Promise<Chunk> {
  const head = await file.read(at, 8)
  const length = head.readUInt32LE(4)
  const content = at + 8
  return {
    type: head.toString('latin1', 0, 4),
    content,
    length,
    end: content + length + (length & 1),
  }
}
