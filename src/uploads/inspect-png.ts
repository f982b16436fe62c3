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

const signatureBytes = 8
const mostChunks = 20_000

/** A PNG: chunks from the signature to IEND, which is the end of the file, and nothing else. */
export async function inspectPng(
  file: ReadableFile,
  bounds: InspectionBounds,
): Promise<Inspection> {
  const header = await file.read(signatureBytes, 25)
  if (header.byteLength < 25 || header.toString('latin1', 4, 8) !== 'IHDR') return unsafe('header')
  const size = ofSize(header.readUInt32BE(8), header.readUInt32BE(12), bounds)
  if (!size.ok || header.readUInt32BE(0) !== 13) return size.ok ? unsafe('header') : size
  if (!(await endsWithItsLastChunk(new PagedFile(file)))) return unsafe('chunks')
  if (await endsAsArchive(file)) return unsafe('an archive as well')
  return (await holdsMarkup(file)) ? unsafe('markup') : size
}

async function endsWithItsLastChunk(file: PagedFile): Promise<boolean> {
  let at = signatureBytes
  for (let count = 0; count < mostChunks; count += 1) {
    const head = await file.read(at, 8)
    const type = head.toString('latin1', 4, 8)
    if (!/^[A-Za-z]{4}$/.test(type)) return false
    at += 12 + head.readUInt32BE(0)
    if (at > file.size || (type === 'IHDR') !== (count === 0)) return false
    if (type === 'IEND') return at === file.size
  }
  return false
}
