import {
  holdsMarkup,
  type Inspection,
  type InspectionBounds,
  ofSize,
  type ReadableFile,
  unsafe,
} from './inspection.ts'

const pageBytes = 64 * 1_024
const mostSegments = 10_000
const [startOfImage, endOfImage, startOfScan] = [0xd8, 0xd9, 0xda]

/**
 * A JPEG: segments and scans up to the end of the image. Behind it only zeros and further whole images
 * may stand, as cameras add previews; an archive or a page there is what makes a file two things.
 */
export async function inspectJpeg(
  file: ReadableFile,
  bounds: InspectionBounds,
): Promise<Inspection> {
  let at = 0
  let first: Inspection | undefined
  while (at < file.size) {
    const image = await walk(file, at)
    if (!image) return unsafe('segments')
    const size = ofSize(image.width, image.height, bounds)
    if (!size.ok) return size
    first ??= size
    at = await afterZeros(file, image.end)
  }
  return (await holdsMarkup(file)) ? unsafe('markup') : (first ?? unsafe('empty'))
}

interface Walked {
  readonly width: number
  readonly height: number
  /** The first byte behind the image. */
  readonly end: number
}

async function walk(file: ReadableFile, start: number): Promise<Walked | undefined> {
  const head = await file.read(start, 2)
  if (head[0] !== 0xff || head[1] !== startOfImage) return undefined
  let at = start + 2
  let size: { readonly width: number; readonly height: number } | undefined
  for (let count = 0; count < mostSegments; count += 1) {
    const segment = await readSegment(file, at)
    if (!segment) return undefined
    const { length, marker } = segment
    if (marker === endOfImage) return size && { ...size, end: at + 2 }
    if (isFrame(marker)) size = await readFrame(file, at)
    at += 2 + length
    if (marker === startOfScan) at = await endOfScan(file, at)
  }
  return undefined
}

async function readSegment(file: ReadableFile, at: number) {
  const head = await file.read(at, 4)
  const marker = head[1] ?? 0
  if (head[0] !== 0xff || marker < 0xc0 || marker === startOfImage) return undefined
  if (marker === endOfImage) return { marker, length: 0 }
  if (head.byteLength < 4 || head.readUInt16BE(2) < 2) return undefined
  return { marker, length: head.readUInt16BE(2) }
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}

async function readFrame(file: ReadableFile, at: number) {
  const frame = await file.read(at, 9)
  if (frame.byteLength < 9) return undefined
  return { height: frame.readUInt16BE(5), width: frame.readUInt16BE(7) }
}

/** Where the next marker stands behind coded data, in which FF is followed by 00 or a restart. */
async function endOfScan(file: ReadableFile, start: number): Promise<number> {
  for (let at = start; at < file.size; at += pageBytes) {
    const page = await file.read(at, pageBytes + 1)
    for (let found = page.indexOf(0xff); found >= 0; found = page.indexOf(0xff, found + 1)) {
      const next = page[found + 1]
      if (next === undefined || found >= pageBytes) break
      const isData = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7)
      if (!isData) return at + found
    }
  }
  return file.size
}

async function afterZeros(file: ReadableFile, start: number): Promise<number> {
  for (let at = start; at < file.size; at += pageBytes) {
    const page = await file.read(at, pageBytes)
    const found = page.findIndex((byte) => byte !== 0)
    if (found >= 0) return at + found
  }
  return file.size
}
