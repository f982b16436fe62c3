/** A whole file, to be read at any place. */
export interface ReadableFile {
  readonly size: number
  read(at: number, length: number): Promise<Buffer>
}

/** How much a file may unfold to. */
export interface InspectionBounds {
  /** Width times height. */
  readonly maxPixels: number
  /** Bytes of a compressed document once everything in it is unpacked. */
  readonly maxUnpackedBytes: number
}

/** What was found: nothing wrong, or why the file is refused. The reason is for logs alone. */
export type Inspection =
  | {
      readonly ok: true
      readonly encrypted?: true
      readonly width?: number
      readonly height?: number
    }
  | { readonly ok: false; readonly reason: string }

export function unsafe(reason: string): Inspection {
  return { ok: false, reason }
}

const mostSide = 30_000

/** An image of this size, or why it is refused: its pixels cost memory that its bytes do not tell. */
export function ofSize(width: number, height: number, { maxPixels }: InspectionBounds): Inspection {
  if (width < 1 || height < 1) return unsafe('no pixels')
  if (width > mostSide || height > mostSide || width * height > maxPixels) return unsafe('pixels')
  return { ok: true, width, height }
}

const pageBytes = 64 * 1_024
/**
 * Longer than any match. Each alternative is so long that compressed data, of which a photo is made, holds one
 * by chance about once in a million megabytes: none may be shortened to a few bytes and a class.
 */
const overlapBytes = 64
const markup = new RegExp(
  [
    String.raw`<(?:script|html|body|iframe|object|embed)[\s/>]`,
    String.raw`<!doctype\s|<\?php\s`,
    String.raw`<svg\s{1,8}(?:xmlns|viewbox|version|width|height|style|class|id|on[a-z]{3,12})\b`,
    String.raw`<%[@=!]?\s{0,8}(?:page|language|import|eval|execute|request|response|runtime|system|java)\b`,
  ].join('|'),
  'i',
)

/** Whether there is markup anywhere in the file that a browser or server might run. */
export async function holdsMarkup(file: ReadableFile): Promise<boolean> {
  for (let at = 0; at < file.size; at += pageBytes) {
    const page = await file.read(at, pageBytes + overlapBytes)
    if (markup.test(page.toString('latin1'))) return true
  }
  return false
}

/** As far back as the end of an archive can stand: its record and the longest comment. */
const tailBytes = 66_000
const archiveEnd = Buffer.from('PK\x05\x06\0\0\0\0', 'latin1')

/**
 * Whether the file is a ZIP as well, which is read from its end: the record there, of one disk, stands behind
 * something that its type skips. So long a token stands in compressed data by chance hardly ever.
 */
export async function endsAsArchive(file: ReadableFile): Promise<boolean> {
  const tail = await file.read(Math.max(0, file.size - tailBytes), tailBytes)
  return tail.includes(archiveEnd)
}
