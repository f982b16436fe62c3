/** What readers may make of the bytes of a text. */
export interface Readings {
  /** Each that differs; never none. */
  readonly texts: readonly string[]
  /** Something says that it is written in a way that is not read here. */
  readonly isStrange: boolean
}

/** What is said about the bytes beside them. */
export interface AboutBytes {
  /** The header `content-type`. */
  readonly type: string
  readonly isXml: boolean
}

// In each of these a byte below 0x80 is that character, or a pair of bytes is one.
const known =
  /^(?:utf-?8|us-ascii|ascii|latin1|iso[-_]8859[-_]\d{1,2}|windows-125\d|utf-?16(?:le|be)?)$/
const longestDeclaration = 300

/**
 * Reads bytes as their own beginning says (a byte order mark, `<` in UTF-16), as `charset` of the header says
 * and as their XML declaration does (RFC 7303 section 3, XML 1.0 appendix F): readers of XML go by one or the
 * other. Without a word they are UTF-8. Nothing is refused as malformed, since what can be read of it is.
 */
export function readingsOf(bytes: Uint8Array, about: AboutBytes): Readings {
  const own = ownEncoding(bytes)
  const said = [own, charsetOf(about.type), about.isXml ? declared(bytes) : undefined]
  const named = said.flatMap((each) => (each === undefined ? [] : encodingsOf(each, own)))
  const labels = named.filter((each) => each !== strange)
  const texts = (labels.length > 0 ? labels : ['utf-8']).map((label) =>
    new TextDecoder(label).decode(bytes),
  )
  return { texts: [...new Set(texts)], isStrange: named.includes(strange) }
}

const strange = 'strange'

/** What the first bytes alone say. */
function ownEncoding(bytes: Uint8Array): string | undefined {
  const first = Buffer.from(bytes.subarray(0, 4)).toString('hex')
  if (/^(?:fffe0000|0000feff|3c000000|0000003c|4c6fa794)/.test(first)) return strange
  if (first.startsWith('efbbbf')) return 'utf-8'
  if (/^(?:fffe|3c00)/.test(first)) return 'utf-16le'
  return /^(?:feff|003c)/.test(first) ? 'utf-16be' : undefined
}

function charsetOf(type: string): string | undefined {
  return /;\s{0,20}charset\s{0,20}=\s{0,20}"?([^\s";,]{1,60})/i.exec(type)?.[1]?.toLowerCase()
}

/** What can be read by bytes is in no UTF-16, whatever programs write there. */
function declared(bytes: Uint8Array): string | undefined {
  const begin = Buffer.from(bytes.subarray(0, longestDeclaration)).toString('latin1')
  const found = /^[^<]{0,3}<\?xml\s[^>]{0,200}?\bencoding\s{0,9}=\s{0,9}["']([^"']{1,60})/.exec(
    begin,
  )
  const name = found?.[1]?.toLowerCase()
  return name !== undefined && /^(?:utf-?16|ucs-?2|iso-10646-ucs-2)/.test(name) ? undefined : name
}

/** The labels of a name. UTF-16 of no order has that of its own beginning, or either. */
function encodingsOf(name: string, own: string | undefined): readonly string[] {
  if (!known.test(name)) return [strange]
  if (!/^utf-?16$/.test(name)) {
    const label = name.replace(/^utf-?(8|16)/, 'utf-$1')
    return [exists(label) ? label : strange]
  }
  return own?.startsWith('utf-16') ? [own] : ['utf-16le', 'utf-16be']
}

/** Whether there is such an encoding: ISO 8859 has no part 12. */
function exists(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== ''
  } catch {
    return false
  }
}
