import { type Inspection, type InspectionBounds, type ReadableFile, unsafe } from './inspection.ts'
import { type FlatElement, readFlatXml } from './open-xml.ts'
import { readZip, unpack, type ZipEntry } from './zip.ts'

const longestList = 1_048_576
const headLength = 64
const mainPart = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'
/** What parts may be: the families of Office's own parts, which grow by the year, pictures and fonts. */
const takenTypes = [
  /^application\/vnd\.openxmlformats-(?:officedocument|package)\.[\w.+-]+$/,
  /^application\/vnd\.ms-(?:word|office|excel|powerpoint|printing)\.[\w.+-]+\+xml$/,
  /^(?:application|text)\/xml$/,
  /^application\/(?:inkml\+xml|x-fontdata|x-font-ttf|octet-stream)$/,
  /^(?:image|font)\/[\w.+-]+$/,
]
/** What they may not be, whatever family it is of: macros, controls, objects, add-ins. */
const activeType = /macro|vba|oleobject|activex|toolbar|keymap|webextension|customization/
/** Relations that make a reader run or load something, wherever it is. */
const activeRelation =
  /\/(?:\w*vba\w*|control|activex\w*|oleobject|afchunk|attachedtoolbars|keymapcustomizations|webextension\w*|frame|subdocument)$/i
const template = /\/attachedtemplate$/i
/** A template on the reader's own disk, which no sender chooses the content of; never one on a network. */
const onOwnDisk = /^file:\/\/\/[a-z]:[\\/](?![\\/])[^:*?"<>|\p{Cc}]+$/iu
const link =
  /^http:\/\/(?:schemas\.openxmlformats\.org\/officeDocument\/2006|purl\.oclc\.org\/ooxml\/officeDocument)\/relationships\/hyperlink$/
/** A place in the same package: no scheme, no host, nothing that one reader takes for either. */
const within = /^(?!\s*\/\/)[^:\\#\p{Cc}]*(?:#\P{Cc}*)?$/u
/** What may stand in brackets; all else is a part in pieces (ECMA-376-2), which few put together. */
const bracketed = /^\[(?:Content_Types\]\.xml|trash\]\/[\da-f]{4}\.dat)$/i
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
  if (entries.some(isPiece)) return unsafe('parts in pieces')
  if (!(await isDocument(file, entries))) return unsafe('no document, or one with active parts')
  if (!(await staysWithin(file, entries))) return unsafe('relations that lead out or run')
  return lookInside(file, entries)
}

function swells({ packedBytes, unpackedBytes }: ZipEntry): boolean {
  return unpackedBytes > ratioFrom && unpackedBytes > packedBytes * mostRatio
}

function isPiece({ name }: ZipEntry): boolean {
  return name.includes('[') && !bracketed.test(name)
}

async function isDocument(file: ReadableFile, entries: readonly ZipEntry[]): Promise<boolean> {
  const types = entries.find(({ name }) => name === '[Content_Types].xml')
  const document = entries.some(({ name }) => name === 'word/document.xml')
  const listed = types && document ? await readList(file, types) : undefined
  if (listed?.[0]?.name !== 'Types') return false
  const rows = listed.slice(1)
  const main = rows.filter(
    (row) => attributeOf(row, 'PartName').toLowerCase() === '/word/document.xml',
  )
  const isMain =
    main.length === 1 && main.every((row) => attributeOf(row, 'ContentType') === mainPart)
  return isMain && rows.every(isTakenType)
}

function isTakenType(row: FlatElement): boolean {
  const type = attributeOf(row, 'ContentType').toLowerCase()
  if (!/^(?:Default|Override)$/.test(row.name) || activeType.test(type)) return false
  return takenTypes.some((one) => one.test(type))
}

/** Whether all that the parts refer to is within, but links that a person may follow and one's own template. */
async function staysWithin(file: ReadableFile, entries: readonly ZipEntry[]): Promise<boolean> {
  for (const entry of entries) {
    if (!/\.rels$/i.test(entry.name)) continue
    const listed = await readList(file, entry)
    if (listed?.[0]?.name !== 'Relationships') return false
    if (!listed.slice(1).every(isQuietRelation)) return false
  }
  return true
}

function isQuietRelation(row: FlatElement): boolean {
  const [mode, type] = [attributeOf(row, 'TargetMode'), attributeOf(row, 'Type')]
  const target = attributeOf(row, 'Target')
  if (row.name !== 'Relationship' || activeRelation.test(type)) return false
  if (template.test(type)) return mode === 'External' && onOwnDisk.test(target)
  if (mode === '' || mode === 'Internal') return within.test(target)
  return mode === 'External' && link.test(type)
}

async function readList(file: ReadableFile, entry: ZipEntry) {
  const bytes =
    entry.unpackedBytes > longestList ? undefined : await unpack(file, entry, longestList)
  return bytes && readFlatXml(bytes)
}

function attributeOf({ attributes }: FlatElement, name: string): string {
  return attributes.get(name) ?? ''
}

async function lookInside(file: ReadableFile, entries: readonly ZipEntry[]): Promise<Inspection> {
  for (const entry of entries) {
    const head = await unpack(file, entry, headLength)
    if (!head) return unsafe('an entry is not what it says')
    const nested = head.toString('latin1', 0, 4) === 'PK\x03\x04'
    if (nested && !/^word\/embeddings\/[^/]+\.xlsx$/.test(entry.name)) return unsafe('nested')
    if (head.toString('hex', 0, 4) === 'd0cf11e0') return unsafe('an object')
    if (/^MZ|^\x7fELF|^#!/.test(head.toString('latin1', 0, 4))) return unsafe('a program')
  }
  return { ok: true }
}
