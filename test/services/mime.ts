/** A received mail, read just far enough to follow its links and check its words. */
export interface ParsedMail {
  /** Lower-case names; unfolded; encoded words decoded. The last of a repeated header wins. */
  readonly headers: Readonly<Record<string, string>>
  readonly subject: string
  readonly text: string
  readonly html: string
}

interface Part {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Reads what nodemailer writes: multipart bodies, quoted-printable, base64, encoded words. */
export function parseMail(raw: Buffer): ParsedMail {
  const root = readPart(raw)
  const leaves = leavesOf(root)
  const textOf = (type: string) => leaves.find((part) => typeOf(part) === type)
  return {
    headers: root.headers,
    subject: root.headers.subject ?? '',
    text: decodeBody(textOf('text/plain')),
    html: decodeBody(textOf('text/html')),
  }
}

function readPart(raw: Buffer): Part {
  const end = raw.indexOf('\r\n\r\n')
  const head = (end < 0 ? raw : raw.subarray(0, end)).toString('latin1')
  const headers: Record<string, string> = {}
  for (const line of head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon < 1) continue
    headers[line.slice(0, colon).toLowerCase()] = decodeWords(line.slice(colon + 1).trim())
  }
  return { headers, body: end < 0 ? Buffer.alloc(0) : raw.subarray(end + 4) }
}

function leavesOf(part: Part): Part[] {
  const boundary = /^multipart\/.*boundary="?([^";]+)"?/i.exec(part.headers['content-type'] ?? '')
  if (boundary === null) return [part]
  const pieces = `\r\n${part.body.toString('latin1')}`.split(`\r\n--${boundary[1]}`)
  const inner = pieces.slice(1).filter((piece) => !piece.startsWith('--'))
  return inner.flatMap((piece) => leavesOf(readPart(Buffer.from(piece.slice(2), 'latin1'))))
}

function typeOf(part: Part): string {
  return (part.headers['content-type'] ?? 'text/plain').split(';')[0]?.trim().toLowerCase() ?? ''
}

function decodeBody(part: Part | undefined): string {
  if (part === undefined) return ''
  const encoding = (part.headers['content-transfer-encoding'] ?? '').toLowerCase()
  const text = part.body.toString('latin1')
  if (encoding === 'base64') return Buffer.from(text, 'base64').toString()
  if (encoding === 'quoted-printable') return unquote(text.replace(/=\r\n/g, '')).toString()
  return part.body.toString()
}

function decodeWords(text: string): string {
  const joined = text.replace(/\?=\s+=\?/g, '?==?')
  return joined.replace(/=\?utf-8\?([bq])\?(.*?)\?=/gi, (_, kind: string, word: string) =>
    kind.toLowerCase() === 'b'
      ? Buffer.from(word, 'base64').toString()
      : unquote(word.replaceAll('_', ' ')).toString(),
  )
}

function unquote(text: string): Buffer {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1')
}
