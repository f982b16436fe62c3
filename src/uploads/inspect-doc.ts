import { type Inspection, type InspectionBounds, type ReadableFile, unsafe } from './inspection.ts'

const mostDirectorySectors = 256
const freeSector = 0xfffffffa
const macros = /^(?:macros|vba|_vba_project|_vba_project_cur|dir)$/i
/** Flag `fEncrypted` of the FIB, [MS-DOC] section 2.5.2. */
const encryptedFlag = 0x0100

interface Layout {
  readonly file: ReadableFile
  readonly sectorBytes: number
  /** Sectors that hold the table of chains, as far as the header lists them. */
  readonly tableSectors: readonly number[]
  readonly directory: number
}

interface Entry {
  readonly name: string
  readonly start: number
}

/**
 * A Word document of before 2007: a compound file ([MS-CFB]) that holds a stream `WordDocument` and no
 * macros. Spreadsheets and installers begin alike, so the names within decide.
 */
export async function inspectDoc(
  file: ReadableFile,
  _bounds: InspectionBounds,
): Promise<Inspection> {
  const layout = await readLayout(file)
  const entries = layout && (await readDirectory(layout))
  if (!layout || !entries) return unsafe('compound file')
  if (entries.some(({ name }) => macros.test(name))) return unsafe('macros')
  const document = entries.find(({ name }) => name === 'WordDocument')
  if (!document) return unsafe('no document of Word')
  const fib = await file.read(offsetOf(layout, document.start), 12)
  if (fib.byteLength < 12 || fib.readUInt16LE(0) !== 0xa5ec) return unsafe('no document of Word')
  const encrypted = (fib.readUInt16LE(10) & encryptedFlag) !== 0
  return encrypted ? { ok: true, encrypted } : { ok: true }
}

async function readLayout(file: ReadableFile): Promise<Layout | undefined> {
  const header = await file.read(0, 512)
  if (header.byteLength < 512) return undefined
  const shift = header.readUInt16LE(30)
  if (shift !== 9 && shift !== 12) return undefined
  const listed = Array.from({ length: 109 }, (_, at) => header.readUInt32LE(76 + 4 * at))
  return {
    ...{ file, sectorBytes: 2 ** shift, directory: header.readUInt32LE(48) },
    tableSectors: listed.filter((sector) => sector < freeSector),
  }
}

async function readDirectory(layout: Layout): Promise<readonly Entry[] | undefined> {
  const { file, sectorBytes } = layout
  const entries: Entry[] = []
  let sector = layout.directory
  for (let count = 0; count < mostDirectorySectors; count += 1) {
    if (sector >= freeSector) return entries
    const bytes = await file.read(offsetOf(layout, sector), sectorBytes)
    if (bytes.byteLength < 128) return undefined
    for (let at = 0; at + 128 <= bytes.byteLength; at += 128) {
      entries.push(readEntry(bytes.subarray(at, at + 128)))
    }
    const next = await nextSector(layout, sector)
    if (next === undefined) return undefined
    sector = next
  }
  return undefined
}

function readEntry(bytes: Buffer): Entry {
  const length = Math.min(64, bytes.readUInt16LE(64))
  const name = bytes.toString('utf16le', 0, Math.max(0, length - 2))
  return { name: name.replace(/^\p{Cc}/u, ''), start: bytes.readUInt32LE(116) }
}

async function nextSector(layout: Layout, sector: number): Promise<number | undefined> {
  const { file, sectorBytes, tableSectors } = layout
  const perSector = sectorBytes / 4
  const table = tableSectors[Math.floor(sector / perSector)]
  if (table === undefined) return undefined
  const bytes = await file.read(offsetOf(layout, table) + 4 * (sector % perSector), 4)
  return bytes.byteLength < 4 ? undefined : bytes.readUInt32LE(0)
}

function offsetOf({ sectorBytes }: Layout, sector: number): number {
  return (sector + 1) * sectorBytes
}
