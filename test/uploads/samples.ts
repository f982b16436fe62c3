import { createCipheriv } from 'node:crypto'
import { crc32, deflateRawSync, deflateSync } from 'node:zlib'

/** A PNG of this size, all black. */
export function png(width = 2, height = 2, extra: readonly Buffer[] = []): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const pixels = deflateSync(Buffer.alloc(Math.min(height, 8) * (Math.min(width, 8) + 1)))
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    ...[pngChunk('IHDR', header), ...extra, pngChunk('IDAT', pixels)],
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

export function pngChunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data])
  return Buffer.concat([uint32be(data.byteLength), named, uint32be(crc32(named))])
}

const smallestJpeg =
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxD/2Q=='

/** A progressive JPEG of one pixel; of more where its header is made to say so. */
export function jpeg(width = 1, height = 1): Buffer {
  const bytes = Buffer.from(smallestJpeg, 'base64')
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc2]))
  bytes.writeUInt16BE(height, frame + 5)
  bytes.writeUInt16BE(width, frame + 7)
  return bytes
}

/** A PDF of one empty page. */
export function pdf(trailer = ''): Buffer {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/MediaBox[0 0 3 3]/Parent 2 0 R>>',
  ]
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, at) => {
    const offset = text.length
    text += `${at + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const table = offsets.map((one) => `${String(one).padStart(10, '0')} 00000 n \n`).join('')
  const start = text.length
  text += `xref\n0 4\n0000000000 65535 f \n${table}trailer<</Root 1 0 R/Size 4${trailer}>>\n`
  return Buffer.from(`${text}startxref\n${start}\n%%EOF\n`, 'latin1')
}

export interface Zipped {
  readonly name: string
  readonly data: string | Buffer
  /** What the archive says it unpacks to, in place of the truth. */
  readonly claims?: number
  readonly flags?: number
  readonly method?: number
  /** In place of zeros, in both heads. */
  readonly extra?: Buffer
  /** Writes over the local head, where it says something else than the directory. */
  readonly local?: (head: Buffer) => void
}

const contentTypes = (main: string) =>
  `<?xml version="1.0"?><Types><Override PartName="/word/document.xml" ContentType="application/vnd.${main}"/></Types>`
const plainMain = 'openxmlformats-officedocument.wordprocessingml.document.main+xml'

/** The parts of a small Word document. */
export const documentParts: readonly Zipped[] = [
  { name: '[Content_Types].xml', data: contentTypes(plainMain) },
  { name: '_rels/.rels', data: '<Relationships/>' },
  { name: 'word/document.xml', data: '<w:document><w:body/></w:document>'.repeat(20) },
]

/** The parts of one that says it has macros. */
export const macroParts: readonly Zipped[] = [
  { name: '[Content_Types].xml', data: contentTypes('ms-word.document.macroEnabled.main+xml') },
  ...documentParts.slice(1),
]

/** An archive as Word writes it. */
export function zip(
  parts: readonly Zipped[],
  { comment = '', between = '', descriptors = false } = {},
): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let at = 0
  for (const { data, flags = descriptors ? 8 : 0, method = 8, name, ...part } of parts) {
    const plain = Buffer.from(data as string)
    const packed = method === 8 ? deflateRawSync(plain) : plain
    const claims = part.claims ?? plain.byteLength
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags, 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(crc32(plain), 10)
    common.writeUInt32LE(packed.byteLength, 14)
    common.writeUInt32LE(claims, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const { extra = Buffer.alloc(0) } = part
    common.writeUInt16LE(extra.byteLength, 24)
    const descriptor = Buffer.concat([Buffer.from('PK\x07\x08'), common.subarray(10, 22)])
    const head = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), extra])
    part.local?.(head)
    const gap = descriptors ? descriptor : Buffer.from(between)
    const local = Buffer.concat([head, packed, gap])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(at, 10)
    centrals.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, tail, Buffer.from(name), extra]),
    )
    locals.push(local)
    at += local.byteLength
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(directory.byteLength, 12)
  end.writeUInt32LE(at, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...locals, directory, end, Buffer.from(comment)])
}

export const docx = (more: readonly Zipped[] = [], how = {}): Buffer =>
  zip([...documentParts, ...more], how)

/** A compound file with streams of these names; the first one's bytes begin as a document of Word's. */
export function doc(names: readonly string[] = ['WordDocument', '1Table'], fib = 0): Buffer {
  const sectors = Buffer.alloc(512 * 4)
  sectors.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
  sectors.writeUInt16LE(3, 26)
  sectors.writeUInt16LE(9, 30)
  sectors.writeUInt32LE(1, 48)
  sectors.fill(0xff, 76, 512)
  sectors.writeUInt32LE(0, 76)
  sectors.fill(0xff, 512, 1_024)
  sectors.writeUInt32LE(0xfffffffd, 512)
  for (const [at, name] of ['Root Entry', ...names].slice(0, 4).entries()) {
    const entry = 1_024 + 128 * at
    sectors.write(name, entry, 'utf16le')
    sectors.writeUInt16LE(2 * name.length + 2, entry + 64)
    sectors.writeUInt32LE(2, entry + 116)
  }
  sectors.writeUInt16LE(0xa5ec, 1_536)
  sectors.writeUInt16LE(fib, 1_546)
  return sectors
}

export interface Part {
  readonly name: string
  readonly filename?: string
  readonly data: string | Buffer
  readonly type?: string
}

export const boundary = '----holdfast-test-7d1'

/** A form as browsers send it. */
export function form(parts: readonly Part[]): Buffer {
  const bodies = parts.map(({ data, filename, name, type }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`
    const media = filename === undefined ? '' : `\r\nContent-Type: ${type ?? 'image/png'}`
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}${media}\r\n\r\n`
    return Buffer.concat([Buffer.from(head), Buffer.from(data as string), Buffer.from('\r\n')])
  })
  return Buffer.concat([...bodies, Buffer.from(`--${boundary}--\r\n`)])
}

function uint32be(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Bytes as evenly spread as those of compressed data, the same for the same `seed`. */
export function noise(bytes: number, seed: number): Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16))
  return cipher.update(Buffer.alloc(bytes))
}

const marker = { start: Buffer.from([0xff, 0xd8]), end: Buffer.from([0xff, 0xd9]) }

/** The head of a frame of this size: that of a plain JPEG of one colour. */
export function jpegFrame(width: number, height: number): Buffer {
  const frame = Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 0, 0, 0, 1, 1, 0x11, 0])
  frame.writeUInt16BE(height, 5)
  frame.writeUInt16BE(width, 7)
  return frame
}

/** A scan of such coded data, in which each FF is followed by 00. */
export function jpegScan(coded: Buffer = Buffer.from([0x3f])): Buffer {
  const data = Buffer.from(coded)
  for (let at = data.indexOf(0xff); at >= 0; at = data.indexOf(0xff, at + 2)) {
    if (at + 1 < data.byteLength) data[at + 1] = 0
    else data[at] = 0
  }
  return Buffer.concat([Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]), data])
}

/** A segment of this marker. */
export function jpegSegment(mark: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, mark, 0, 0])
  head.writeUInt16BE(content.byteLength + 2, 2)
  return Buffer.concat([head, content])
}

/** A JPEG made of these pieces, between its start and its end. */
export function jpegOf(...pieces: readonly Buffer[]): Buffer {
  return Buffer.concat([marker.start, ...pieces, marker.end])
}
