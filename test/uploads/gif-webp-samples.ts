/** One picture of a GIF: its place, its size and four bytes of packed data. */
export function gifPicture(left: number, top: number, width: number, height: number): Buffer {
  const head = Buffer.alloc(10)
  head[0] = 0x2c
  for (const [at, value] of [left, top, width, height].entries()) {
    head.writeUInt16LE(value, 1 + 2 * at)
  }
  return Buffer.concat([head, Buffer.from([2, 2, 0x44, 1, 0])])
}

/** A note in a GIF, in pieces as long as its kind allows. */
export function gifNote(data: Buffer, label = 0xfe): Buffer {
  const pieces: Buffer[] = [Buffer.from([0x21, label])]
  for (let at = 0; at < data.byteLength; at += 255) {
    const piece = data.subarray(at, at + 255)
    pieces.push(Buffer.from([piece.byteLength]), piece)
  }
  return Buffer.concat([...pieces, Buffer.from([0])])
}

/** A GIF of two colours with a screen of this size and these blocks; one picture unless told. */
export function gif(width = 1, height = 1, blocks?: readonly Buffer[]): Buffer {
  const screen = Buffer.from([0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255])
  screen.writeUInt16LE(width, 0)
  screen.writeUInt16LE(height, 2)
  const all = blocks ?? [gifPicture(0, 0, width, height)]
  return Buffer.concat([Buffer.from('GIF89a'), screen, ...all, Buffer.from([0x3b])])
}

/** WebP files of one pixel, as encoders write them: lossy, lossless, with transparency, animated. */
export const smallWebps = {
  lossy: Buffer.from('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA', 'base64'),
  lossless: Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64'),
  alpha: Buffer.from(
    'UklGRkoAAABXRUJQVlA4WAoAAAAQAAAAAAAAAAAAQUxQSAwAAAARBxAR/Q9ERP8DAABWUDggGAAAABQBAJ0BKgEAAQAAAP4AAA3AAP7mtQAAAA==',
    'base64',
  ),
  animation: Buffer.from(
    'UklGRlIAAABXRUJQVlA4WAoAAAASAAAAAAAAAAAAQU5JTQYAAAD/////AABBTk1GJgAAAAAAAAAAAAAAAAAAAGQAAABWUDhMDQAAAC8AAAAQBxAREYiI/gcA',
    'base64',
  ),
} as const

/** A chunk of a RIFF, padded. */
export function webpChunk(type: string, content: Buffer, padding = 0): Buffer {
  const head = Buffer.from(`${type}....`)
  head.writeUInt32LE(content.byteLength, 4)
  const pad = Buffer.alloc(content.byteLength & 1, padding)
  return Buffer.concat([head, content, pad])
}

/** The head of a lossless picture of this size, and something behind it. */
export function webpPicture(width: number, height: number): Buffer {
  const head = Buffer.alloc(8)
  head[0] = 0x2f
  head.writeUInt32LE((width - 1) | ((height - 1) << 14), 1)
  return webpChunk('VP8L', head)
}

/** The head of an extended file. */
export function webpCanvas(width: number, height: number): Buffer {
  const head = Buffer.alloc(10)
  head.writeUIntLE(width - 1, 4, 3)
  head.writeUIntLE(height - 1, 7, 3)
  return webpChunk('VP8X', head)
}

/** A picture of an animation. */
export function webpFrame(left: number, width: number, height: number, inner?: Buffer): Buffer {
  const head = Buffer.alloc(16)
  head.writeUIntLE(left / 2, 0, 3)
  head.writeUIntLE(width - 1, 6, 3)
  head.writeUIntLE(height - 1, 9, 3)
  return webpChunk('ANMF', Buffer.concat([head, inner ?? webpPicture(width, height)]))
}

/** A WebP of these chunks. */
export function webp(...chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks])
  const head = Buffer.from('RIFF....')
  head.writeUInt32LE(body.byteLength, 4)
  return Buffer.concat([head, body])
}
