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
      /** Bytes from the start that are to be kept; absent where all are. */
      readonly keep?: number
      readonly encrypted?: true
      readonly width?: number
      readonly height?: number
    }
  | { readonly ok: false; readonly reason: string }

/** A place in a file: from its first byte to the one behind it. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** The first `size` bytes of a file, as if there were no others. */
export function firstBytes(file: ReadableFile, size: number): ReadableFile {
  const most = Math.min(size, file.size)
  return { size: most, read: (at, length) => file.read(at, Math.min(length, most - at)) }
}

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
    String.raw`<!doctype\s{1,8}(?:html|svg)\b|<\?php\s`,
    String.raw`<svg\s{1,8}(?:xmlns|viewbox|version|width|height|style|class|id|on[a-z]{3,12})\b`,
    String.raw`<%[@=!]?\s{0,8}(?:page|language|import|eval|execute|request|response|runtime|system|java)\b`,
    String.raw`<\?=[\s@(\x60]{0,8}(?:\$_(?:get|post|request|cookie|server|files)|system|eval|exec|passthru|shell_exec|include|require|file_get_contents)\b`,
  ].join('|'),
  'i',
)
/** Shorter ones, which coded pixels may hold by chance and notes beside them may not. */
const noteMarkup = new RegExp(
  [
    String.raw`<\?=[\x20-\x7e\s]{12}`,
    String.raw`<(?:img|svg|style|video|audio|math|frameset|applet|marquee)[\s/>]`,
    String.raw`<meta\s{1,8}(?:http-equiv|charset|name|content)\b`,
    String.raw`<(?:a|link|base|form|input|button)\s{1,8}(?:href|rel|target|action|method|type|name|id|class|style)\s{0,8}=`,
    String.raw`<[a-z][\w-]{0,15}\s{1,4}on[a-z]{3,20}\s{0,4}=`,
  ].join('|'),
  'i',
)

/**
 * Whether there is markup in the file that a browser or server might run: long tokens anywhere, short ones in
 * `notes`, the places that hold no coded pixels, in the order of the file.
 */
export async function holdsMarkup(
  file: ReadableFile,
  notes: readonly Span[] = [],
): Promise<boolean> {
  let passed = 0
  for (let at = 0; at < file.size; at += pageBytes) {
    const page = (await file.read(at, pageBytes + overlapBytes)).toString('latin1')
    if (markup.test(page)) return true
    while ((notes[passed]?.to ?? file.size) < at) passed += 1
    for (let n = passed; n < notes.length; n += 1) {
      const { from, to } = notes[n] as Span
      if (from >= at + page.length) break
      if (noteMarkup.test(page.slice(Math.max(0, from - at), to - at))) return true
    }
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
