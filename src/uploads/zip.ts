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
/** A data descriptor is up to 16 bytes, 24 with sizes of 64 bits. */
const mostGap = 24
const pageBytes = 64 * 1_024

/**
 * The entries of an archive, in the order of the file. Undefined unless the directory at its end accounts for
 * every byte: no comment, nothing before, between or behind, no second reading by local heads, no ZIP64,
 * no encryption, plain names that are there once.
 */
export async function readZip(file: ReadableFile): Promise<readonly ZipEntry[] | undefined> {
  if (file.size < 22) return undefined
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

type Central = Omit<ZipEntry, 'dataAt'> & { readonly headAt: number }

function readCentral(bytes: Buffer, count: number): readonly Central[] | undefined {
  const entries: Central[] = []
  let at = 0
  for (let n = 0; n < count; n += 1) {
    if (at + 46 > bytes.byteLength || bytes.readUInt32LE(at) !== centralHead) return undefined
    const nameLength = bytes.readUInt16LE(at + 28)
    const encrypted = (bytes.readUInt16LE(at + 8) & 0x2041) !== 0
    if (encrypted) return undefined
    entries.push({
      name: bytes.toString('utf8', at + 46, at + 46 + nameLength),
      method: bytes.readUInt16LE(at + 10),
      packedBytes: bytes.readUInt32LE(at + 20),
      unpackedBytes: bytes.readUInt32LE(at + 24),
      headAt: bytes.readUInt32LE(at + 42),
    })
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  const names = new Set(entries.map(({ name }) => name.toLowerCase()))
  const plain = names.size === count && entries.every(({ name }) => isPlainName(name))
  return at === bytes.byteLength && plain ? entries : undefined
}

function isPlainName(name: string): boolean {
  if (name === '' || name.length > 300 || /[\\\p{Cc}:\ufffd]/u.test(name)) return false
  return !name.startsWith('/') && !name.split('/').includes('..')
}

/** Local heads say the same and follow each other without room for anything else. */
async function placed(
  file: ReadableFile,
  central: readonly Central[],
  directoryAt: number,
): Promise<readonly ZipEntry[] | undefined> {
  const sorted = [...central].sort((a, b) => a.headAt - b.headAt)
  const entries: ZipEntry[] = []
  let free = 0
  for (const { headAt, ...entry } of sorted) {
    const gap = headAt - free
    const head = await file.read(headAt, 30)
    if (gap < 0 || gap > (free === 0 ? 0 : mostGap) || head.byteLength < 30) return undefined
    if (head.readUInt32LE(0) !== localHead || head.readUInt16LE(8) !== entry.method)
      return undefined
    const nameLength = head.readUInt16LE(26)
    const name = await file.read(headAt + 30, nameLength)
    if (name.toString('utf8') !== entry.name) return undefined
    const dataAt = headAt + 30 + nameLength + head.readUInt16LE(28)
    entries.push({ ...entry, dataAt })
    free = dataAt + entry.packedBytes
  }
  const gap = directoryAt - free
  return gap >= 0 && gap <= mostGap ? entries : undefined
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
  const feeding = feed(file, entry, inflater)
  try {
    for await (const chunk of inflater as AsyncIterable<Buffer>) {
      unpacked += chunk.byteLength
      if (unpacked > entry.unpackedBytes) return undefined
      if (held < keep) kept.push(chunk.subarray(0, keep - held))
      held += Math.min(chunk.byteLength, keep - held)
    }
    await feeding
    return unpacked === entry.unpackedBytes ? Buffer.concat(kept) : undefined
  } catch {
    return undefined
  } finally {
    inflater.destroy()
    await feeding.catch(() => {})
  }
}

async function feed(
  file: ReadableFile,
  { dataAt, packedBytes }: ZipEntry,
  inflater: ReturnType<typeof createInflateRaw>,
): Promise<void> {
  for (let done = 0; done < packedBytes && !inflater.destroyed; done += pageBytes) {
    const page = await file.read(dataAt + done, Math.min(pageBytes, packedBytes - done))
    await new Promise<void>((resolve) => {
      inflater.once('close', () => resolve())
      inflater.write(page, () => resolve())
    })
  }
  if (!inflater.destroyed) inflater.end()
}
