import { type Inspection, type InspectionBounds, type ReadableFile, unsafe } from './inspection.ts'
import { readZip, unpack, type ZipEntry } from './zip.ts'

const longestContentTypes = 1_048_576
const headLength = 64
const mainPart = 'wordprocessingml.document.main+xml'
/** Packed more than that, what is no bomb is not worth the trouble: XML reaches about a fiftieth. */
const mostRatio = 200
const ratioFrom = 1_048_576
const active = /(?:^|\/)(?:vbaproject\.bin|vbadata\.xml|activex)|oleobject[^/]*\.bin$/i
const archive = /\.(?:zip|jar|7z|rar|gz|tgz|docm|dotm|xlsm|pptm|exe|dll|js|vbs|hta|lnk)$/i

/**
 * A Word document: an archive that accounts for each of its bytes, holds a document without macros, nothing
 * that runs, no archive but embedded sheets, and unpacks to no more than the bounds. It is unpacked to be
 * sure, piece by piece, since what an archive says of itself is what a bomb lies about.
 */
export async function inspectDocx(
  file: ReadableFile,
  { maxUnpackedBytes }: InspectionBounds,
): Promise<Inspection> {
  const entries = await readZip(file)
  if (!entries) return unsafe('archive')
  const total = entries.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0)
  if (total > maxUnpackedBytes || entries.some(swells)) return unsafe('unpacks to too much')
  if (entries.some(({ name }) => active.test(name))) return unsafe('macros')
  if (entries.some(({ name }) => archive.test(name))) return unsafe('something that runs')
  return (await isDocument(file, entries)) ? lookInside(file, entries) : unsafe('no document')
}

function swells({ packedBytes, unpackedBytes }: ZipEntry): boolean {
  return unpackedBytes > ratioFrom && unpackedBytes > packedBytes * mostRatio
}

async function isDocument(file: ReadableFile, entries: readonly ZipEntry[]): Promise<boolean> {
  const types = entries.find(({ name }) => name === '[Content_Types].xml')
  const document = entries.some(({ name }) => name === 'word/document.xml')
  if (!types || !document || types.unpackedBytes > longestContentTypes) return false
  const text = (await unpack(file, types, longestContentTypes))?.toString('utf8') ?? ''
  return text.includes(mainPart) && !/macroenabled/i.test(text)
}

async function lookInside(file: ReadableFile, entries: readonly ZipEntry[]): Promise<Inspection> {
  for (const entry of entries) {
    const head = await unpack(file, entry, headLength)
    if (!head) return unsafe('an entry is not what it says')
    const nested = head.toString('latin1', 0, 4) === 'PK\x03\x04'
    if (nested && !/^word\/embeddings\/[^/]+\.xlsx$/.test(entry.name)) return unsafe('nested')
    if (/^MZ|^\x7fELF|^#!/.test(head.toString('latin1', 0, 4))) return unsafe('a program')
  }
  return { ok: true }
}
