/** An element's name without its prefix, and its attributes. */
export interface FlatElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

const tagStart = /\s*<(\/?)(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)/
const attribute = /\s+([A-Za-z_][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/
const tagEnd = /\s*(\/?)>/
/** Without an encoding, or with that one which the bytes are read in. */
const declaration =
  /^\ufeff?(?:<\?xml\s+version\s*=\s*(?:"1\.0"|'1\.0')(?:\s+encoding\s*=\s*(?:"utf-8"|'utf-8'))?(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>)?/i
const references: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" },
}

/**
 * The elements of a small XML file of a package: UTF-8, elements and attributes alone. Undefined for all else
 * (another encoding, comments, instructions, a DTD, text, unknown references), so that nobody reads something
 * else in it.
 */
export function readFlatXml(bytes: Uint8Array): readonly FlatElement[] | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return readElements(text.replace(declaration, ''))
  } catch {
    return undefined
  }
}

function readElements(text: string): readonly FlatElement[] | undefined {
  const elements: FlatElement[] = []
  const open: string[] = []
  let at = 0
  do {
    const start = matchAt(tagStart, text, at)
    if (!start) return undefined
    const [, closes, name = ''] = start
    const { attributes, end } = readAttributes(text, at + start[0].length)
    const tail = matchAt(tagEnd, text, end)
    if (!tail || (closes && (tail[1] || attributes.size > 0 || open.pop() !== name)))
      return undefined
    if (!closes) elements.push({ name, attributes })
    if (!closes && !tail[1]) open.push(name)
    at = end + tail[0].length
  } while (open.length > 0)
  return text.slice(at).trim() === '' ? elements : undefined
}

function readAttributes(text: string, start: number) {
  const attributes = new Map<string, string>()
  let end = start
  for (let one = matchAt(attribute, text, end); one; one = matchAt(attribute, text, end)) {
    const [whole, name = '', double, single] = one
    if (attributes.has(name)) throw new SyntaxError('twice')
    attributes.set(name, unescapeXml(double ?? single ?? ''))
    end += whole.length
  }
  return { attributes, end }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  const sticky = new RegExp(pattern, 'y')
  sticky.lastIndex = at
  return sticky.exec(text)
}

function unescapeXml(text: string): string {
  return text.replace(/&([^;&]{0,10});?/g, (whole, name: string) => {
    const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name)
    const known = number
      ? String.fromCodePoint(Number.parseInt(number[1] ?? number[2] ?? '', number[1] ? 16 : 10))
      : references[name]
    if (known === undefined || !whole.endsWith(';')) throw new SyntaxError('reference')
    return known
  })
}
