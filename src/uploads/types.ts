import { inspectDoc } from './inspect-doc.ts'
import { inspectDocx } from './inspect-docx.ts'
import { inspectGif } from './inspect-gif.ts'
import { inspectJpeg } from './inspect-jpeg.ts'
import { inspectPdf } from './inspect-pdf.ts'
import { inspectPng } from './inspect-png.ts'
import { inspectWebp } from './inspect-webp.ts'
import { type Inspection, type InspectionBounds, type ReadableFile, unsafe } from './inspection.ts'

/** Types of files that can be told by their content. The name is the extension. */
export type UploadType = 'pdf' | 'png' | 'jpg' | 'doc' | 'docx' | 'gif' | 'webp'

interface TypeRule {
  readonly mediaType: string
  /** Bytes from the first; undefined stands for any. */
  readonly begins: readonly (number | undefined)[]
  readonly inspect: (file: ReadableFile, bounds: InspectionBounds) => Promise<Inspection>
}

const anyLength = [undefined, undefined, undefined, undefined] as const

/** How each type begins, and who looks into it. No two begin alike, so a file has one type or none. */
const types: Readonly<Record<UploadType, TypeRule>> = Object.freeze({
  pdf: { mediaType: 'application/pdf', begins: [...Buffer.from('%PDF-')], inspect: inspectPdf },
  png: {
    mediaType: 'image/png',
    begins: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    inspect: inspectPng,
  },
  jpg: { mediaType: 'image/jpeg', begins: [0xff, 0xd8, 0xff], inspect: inspectJpeg },
  doc: {
    mediaType: 'application/msword',
    begins: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1],
    inspect: inspectDoc,
  },
  docx: {
    mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    begins: [0x50, 0x4b, 0x03, 0x04],
    inspect: inspectDocx,
  },
  gif: {
    mediaType: 'image/gif',
    begins: [...Buffer.from('GIF8')],
    inspect: inspectGif,
  },
  webp: {
    mediaType: 'image/webp',
    begins: [...Buffer.from('RIFF'), ...anyLength, ...Buffer.from('WEBP')],
    inspect: inspectWebp,
  },
})

/** Every type that can be told by content. */
export const uploadTypes = Object.freeze(Object.keys(types)) as readonly UploadType[]

/** Most bytes that tell a type. */
export const headBytes = 12

/** The type that a file begins as; undefined for any other. Its name is never asked. */
export function typeOfHead(head: Uint8Array): UploadType | undefined {
  return uploadTypes.find((type) => begins(head, types[type].begins))
}

function begins(head: Uint8Array, signature: TypeRule['begins']): boolean {
  return signature.every((byte, at) => at < head.byteLength && (byte ?? head[at]) === head[at])
}

export function mediaTypeOf(type: UploadType): string {
  return types[type].mediaType
}

/** Looks through a whole file of `type`. One that ends where its own numbers say it goes on is damaged. */
export async function inspect(
  type: UploadType,
  file: ReadableFile,
  bounds: InspectionBounds,
): Promise<Inspection> {
  try {
    return await types[type].inspect(file, bounds)
  } catch (error) {
    if (error instanceof RangeError) return unsafe('ends too early')
    throw error
  }
}
