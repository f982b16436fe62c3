import { pipeline } from 'node:stream/promises'
import { createInflateRaw } from 'node:zlib'
import type { ReadableFile } from './inspection.ts'

/** One file in an archive. */
export interface ZipEntry {
  readonly name: string
  readonly method: number
  readonly packedBytes: number
  readonly unpackedBytes: number
  /** Where its bytes begin. */
  readonly dataAt: number
}

const mostEntries = 2_000
const longestDirectory = 1_048_576
const [localHead, centralHead, endHead] = [0x04034b50, 0x02014b50, 0x06054b50]
/** Flags that change how an entry is read: encrypted, descriptor behind, strong, UTF-8, masked. */
const readingFlags = 0x2849
const descriptorFlag = 0x0008
const descriptorHead = 0x08074b50
const longestExtra = 4_096
/** Extra fields that tell another name, other sizes or a cipher (APPNOTE 4.6.9, 4.5.3; AE-x). */
const otherReading = [0x7075, 0x0001, 0x9901]
const pageBytes = 64 * 1_024

/**
 * The entries of an archive, in the order of the file. Undefined unless the directory at its end accounts for
 * every byte: no comment, nothing before, between or behind, no second reading by local heads, no ZIP64,
 * no encryption, plain names that are there once.
 */
export async function readZip(file: ReadableFile): Promise<readonly ZipEntry[] | undefined> {
  if (file.size < 22) return undefined
  const end = await file.read(file.size - 22, 22)
  if (end.byteLength < 22 || end.readUInt32LE(0) !== endHead || end.readUInt16LE(20) !== 0) {
    return undefined
  }
  const [count, size, start] = [end.readUInt16LE(10), end.readUInt32LE(12), end.readUInt32LE(16)]
  const oneDisk = end.readUInt32LE(4) === 0 && end.readUInt16LE(8) === count
  if (!oneDisk || count === 0 || count > mostEntries || size > longestDirectory) return undefined
  if (start + size !== file.size - 22) return undefined
  const central = readCentral(await file.read(start, size), count)
  return central && (await placed(file, central, start))
}

type Central = Omit<ZipEntry, 'dataAt'> & {
  readonly headAt: number
  readonly flags: number
  readonly crc: number
}

function readCentral(bytes: Buffer, count: number): readonly Central[] | undefined {
  const entries: Central[] = []
  let at = 0
  for (let n = 0; n < count; n += 1) {
    if (at + 46 > bytes.byteLength || bytes.readUInt32LE(at) !== centralHead) return undefined
    const nameLength = bytes.readUInt16LE(at + 28)
    const flags = bytes.readUInt16LE(at + 8)
    const extraAt = at + 46 + nameLength
    const extra = bytes.subarray(extraAt, extraAt + bytes.readUInt16LE(at + 30))
    if ((flags & 0x2041) !== 0 || !isPlainExtra(extra) || bytes.readUInt16LE(at + 32) > 0) {
      return undefined
    }
    entries.push({
      ...{ name: bytes.toString('utf8', at + 46, extraAt), flags },
      crc: bytes.readUInt32LE(at + 16),
      method: bytes.readUInt16LE(at + 10),
      packedBytes: bytes.readUInt32LE(at + 20),
      unpackedBytes: bytes.readUInt32LE(at + 24),
      headAt: bytes.readUInt32LE(at + 42),
    })
    at = extraAt + bytes.readUInt16LE(at + 30)
  }
  const names = new Set(entries.map(({ name }) => name.toLowerCase()))
  const plain = names.size === count && entries.every(({ name }) => isPlainName(name))
  return at === bytes.byteLength && plain ? entries : undefined
}

function isPlainName(name: string): boolean {
  if (name === '' || name.length > 300 || /[\\\p{Cc}:\ufffd]/u.test(name)) return false
  return !name.startsWith('/') && !name.split('/').includes('..')
}

/** Whether extra fields are whole, few, and none of them tells another name or size. */
function isPlainExtra(bytes: Buffer): boolean {
  if (bytes.byteLength > longestExtra) return false
  let at = 0
  while (at + 4 <= bytes.byteLength) {
    if (otherReading.includes(bytes.readUInt16LE(at))) return false
    at += 4 + bytes.readUInt16LE(at + 2)
  }
  return at === bytes.byteLength
}

/** Local heads say the same and follow each other without room for anything else. */
async function placed(
  file: ReadableFile,
  central: readonly Central[],
  directoryAt: number,
): Promise<readonly ZipEntry[] | undefined> {
  const sorted = [...central].sort((a, b) => a.headAt - b.headAt)
  const entries: ZipEntry[] = []
  if (sorted[0]?.headAt !== 0) return undefined
  for (const [index, entry] of sorted.entries()) {
    const dataAt = await readLocal(file, entry)
    if (dataAt === undefined) return undefined
    const { method, name, packedBytes, unpackedBytes } = entry
    entries.push({ name, method, packedBytes, unpackedBytes, dataAt })
    const end = dataAt + packedBytes
    const gap = (sorted[index + 1]?.headAt ?? directoryAt) - end
    if (!(await isDescriptor(file, { entry, at: end, length: gap }))) return undefined
  }
  return entries
}

/** Where the data of an entry begins; undefined unless its local head says what the directory says. */
async function readLocal(file: ReadableFile, entry: Central): Promise<number | undefined> {
  const head = await file.read(entry.headAt, 30)
  if (head.byteLength < 30 || head.readUInt32LE(0) !== localHead) return undefined
  if (((head.readUInt16LE(6) ^ entry.flags) & readingFlags) !== 0) return undefined
  if (head.readUInt16LE(8) !== entry.method) return undefined
  const told = [14, 18, 22].map((at) => head.readUInt32LE(at))
  const truth = [entry.crc, entry.packedBytes, entry.unpackedBytes]
  const mayBeLater = (entry.flags & descriptorFlag) !== 0
  if (!told.every((one, at) => one === truth[at] || (mayBeLater && one === 0))) return undefined
  const [nameLength, extraLength] = [head.readUInt16LE(26), head.readUInt16LE(28)]
  const rest = await file.read(entry.headAt + 30, nameLength + extraLength)
  if (rest.toString('utf8', 0, nameLength) !== entry.name) return undefined
  return isPlainExtra(rest.subarray(nameLength)) ? entry.headAt + 30 + rest.byteLength : undefined
}

/** What may stand behind an entry's data: nothing, or where its flag says so, its sum and sizes again. */
async function isDescriptor(
  file: ReadableFile,
  { at, entry, length }: { readonly entry: Central; readonly at: number; readonly length: number },
): Promise<boolean> {
  if ((entry.flags & descriptorFlag) === 0) return length === 0
  if (length !== 12 && length !== 16) return false
  const bytes = await file.read(at, length)
  if (length === 16 && bytes.readUInt32LE(0) !== descriptorHead) return false
  const truth = [entry.crc, entry.packedBytes, entry.unpackedBytes]
  return truth.every((one, n) => bytes.readUInt32LE(length - 12 + 4 * n) === one)
}

/**
 * Unpacks an entry to count what it holds, and keeps at most `keep` bytes. Undefined when it holds more or
 * less than it says, or cannot be unpacked: what it says is what others will believe.
 */
export async function unpack(
  file: ReadableFile,
  entry: ZipEntry,
  keep: number,
): Promise<Buffer | undefined> {
  if (entry.method === 0) {
    const whole = entry.packedBytes === entry.unpackedBytes
    return whole ? file.read(entry.dataAt, Math.min(keep, entry.packedBytes)) : undefined
  }
  if (entry.method !== 8) return undefined
  return inflate(file, entry, keep)
}

async function inflate(file: ReadableFile, entry: ZipEntry, keep: number) {
  const kept: Buffer[] = []
  let [unpacked, held] = [0, 0]
  const inflater = createInflateRaw()
  try {
    await pipeline(pagesOf(file, entry), inflater, async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        unpacked += chunk.byteLength
        if (unpacked > entry.unpackedBytes) throw new RangeError('holds more than it says')
        if (held < keep) kept.push(chunk.subarray(0, keep - held))
        held += Math.min(chunk.byteLength, keep - held)
      }
    })
  } catch (error) {
    if (unpacked > entry.unpackedBytes || isNotDeflated(error)) return undefined
    throw error
  }
  const isWhole = unpacked === entry.unpackedBytes && inflater.bytesWritten === entry.packedBytes
  return isWhole ? Buffer.concat(kept) : undefined
}

/** What the data itself is to blame for; a file that cannot be read, or a time that is over, is not. */
function isNotDeflated(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('Z_')
}

async function* pagesOf(file: ReadableFile, { dataAt, packedBytes }: ZipEntry) {
  for (let done = 0; done < packedBytes; done += pageBytes) {
    yield await file.read(dataAt + done, Math.min(pageBytes, packedBytes - done))
  }
}
