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

const signatureBytes = 8
const mostChunks = 20_000
/** Chunks of pixels and colours, and those whose text is packed. All others are notes. */
const coded: ReadonlySet<string> = new Set([
  ...['IDAT', 'fdAT', 'PLTE', 'tRNS', 'hIST', 'sPLT', 'iCCP', 'zTXt'],
])

/** A PNG: chunks from the signature to IEND, which is the end of the file but for what a phone appends. */
export async function inspectPng(
  file: ReadableFile,
  bounds: InspectionBounds,
): Promise<Inspection> {
  const header = await file.read(signatureBytes, 25)
  if (header.byteLength < 25 || header.toString('latin1', 4, 8) !== 'IHDR') return unsafe('header')
  const size = ofSize(header.readUInt32BE(8), header.readUInt32BE(12), bounds)
  if (!size.ok || header.readUInt32BE(0) !== 13) return size.ok ? unsafe('header') : size
  const chunks = await readChunks(new PagedFile(file))
  if (!chunks) return unsafe('chunks')
  const kept = firstBytes(file, chunks.end)
  if (await endsAsArchive(kept)) return unsafe('an archive as well')
  if (await holdsMarkup(kept, chunks.notes)) return unsafe('markup')
  return chunks.end < file.size ? { ...size, keep: chunks.end } : size
}

interface Chunks {
  readonly notes: readonly Span[]
  /** The first byte behind the last one. */
  readonly end: number
}

async function readChunks(file: PagedFile): Promise<Chunks | undefined> {
  const notes: Span[] = []
  let at = signatureBytes
  for (let count = 0; count < mostChunks; count += 1) {
    const head = await file.read(at, 8)
    const type = head.toString('latin1', 4, 8)
    if (!/^[A-Za-z]{4}$/.test(type)) return undefined
    const from = at + 8
    at += 12 + head.readUInt32BE(0)
    if (at > file.size || (type === 'IHDR') !== (count === 0)) return undefined
    if (!coded.has(type)) notes.push({ from, to: at - 4 })
    if (type !== 'IEND') continue
    return at === file.size || (await isCameraTrailer(file, at)) ? { notes, end: at } : undefined
  }
  return undefined
}
