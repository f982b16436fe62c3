import { type Field, plainName } from './fields.ts'
import type { FieldKind } from './rule.ts'

/** A body of plain text: one text. */
export function* fieldsOfText(raw: string): Generator<Field, void> {
  if (raw.trim() !== '') yield field(raw)
}

/**
 * The texts of XML as its reader would hand them out: what stands between two tags, with sections of CDATA
 * and without comments; attributes; names. Markup that is no XML (a tag that never ends, an attribute
 * without quotes) or that runs something (a declaration, an instruction, a script, a frame of HTML) is a text
 * of its own, and what does not begin with a tag is plain text. Made one after the other: no more are made
 * ahead than a tag has.
 */
export function* fieldsOfXml(raw: string): Generator<Field, void> {
  if (!/^[\s\ufeff]{0,100}</.test(raw)) return yield* fieldsOfText(raw)
  const found = new Texts()
  let at = 0
  while (at < raw.length) {
    const open = raw.indexOf('<', at)
    found.text += raw.slice(at, open < 0 ? raw.length : open)
    if (open < 0) break
    at = readMarkup(raw, open, found)
    yield* found.take()
  }
  found.close()
  yield* found.take()
}

class Texts {
  #fields: Field[] = []
  /** Since the last tag. */
  text = ''

  /** What was found since the last time. */
  take(): readonly Field[] {
    const taken = this.#fields
    this.#fields = []
    return taken
  }

  add(text: string, kind: FieldKind = 'text'): void {
    if (text.trim() !== '') this.#fields.push(field(text, kind))
  }

  close(): void {
    this.add(this.text)
    this.text = ''
  }
}

/** Reads what begins with `<`; returns where it ends. */
function readMarkup(raw: string, open: number, found: Texts): number {
  const section = /^(?:!\[cdata\[|!--|[!?])/i.exec(raw.slice(open + 1, open + 10))?.[0]
  if (section === undefined) return readTag(raw, open, found)
  const begin = open + 1 + section.length
  const sign = section === '!--' ? '-->' : section.length > 1 ? ']]>' : '>'
  const close = raw.indexOf(sign, begin)
  if (close < 0) return unclosed(raw, open, found)
  if (section === '!--') found.add(raw.slice(begin, close))
  else if (section.length > 1) found.text += raw.slice(begin, close)
  else if (!/^xml\s/i.test(raw.slice(begin, begin + 4))) found.add(raw.slice(open, close + 1))
  return close + sign.length
}

/** What never ends belongs to the text before it: `a' union<select b from c` is no tag. */
function unclosed(raw: string, open: number, found: Texts): number {
  found.text += raw.slice(open)
  return raw.length
}

function readTag(raw: string, open: number, found: Texts): number {
  const close = tagEnd(raw, open + 1)
  if (close < 0) return unclosed(raw, open, found)
  const tag = raw.slice(open + 1, close)
  if (!/^\/?[^\s/"'=<>]/.test(tag)) found.text += raw.slice(open, close + 1)
  else {
    found.close()
    attributes(tag, found)
  }
  return close + 1
}

/** A tag ends at the first `>` that stands in no quotes. */
function tagEnd(raw: string, from: number): number {
  const sign = /["'<>]/g
  sign.lastIndex = from
  for (let found = sign.exec(raw); found; found = sign.exec(raw)) {
    if (found[0] === '>') return found.index
    if (found[0] === '<') return -1
    const end = raw.indexOf(found[0], found.index + 1)
    if (end < 0) return -1
    sign.lastIndex = end + 1
  }
  return -1
}

function attributes(tag: string, found: Texts): void {
  const parts = tag.split(/("[^"]*"|'[^']*')/)
  const bare = parts.filter((_, at) => at % 2 === 0)
  const values = parts.filter((_, at) => at % 2 === 1).map((value) => value.slice(1, -1))
  for (const value of values) found.add(value)
  const [name = '', ...others] = bare
    .join(' ')
    .split(/[\s=/]+/)
    .filter((one) => one !== '')
  const names = [name, ...others]
  for (const each of names) if (!plainName.test(each)) found.add(each, 'name')
  const unquoted = bare.some(
    (part, at) => /=\s*[^\s]/.test(part) || (/=\s*$/.test(part) && at === bare.length - 1),
  )
  const handles = names.some((each) => /^on[a-z]{3,25}$/i.test(each))
  // Once, however many reasons there are: each time costs as much as the tag is long.
  if (handles || unquoted || runs(name, others, values)) found.add(`<${tag}>`)
}

/** Elements that HTML runs or loads by an attribute; other languages have elements of the same names without. */
const loads: ReadonlyMap<string, RegExp> = new Map([
  ['object', /^(?:data|classid|codebase)$/i],
  ['embed', /^(?:src|code)$/i],
  ['frame', /^src$/i],
  ['base', /^href$/i],
  ['meta', /^http-equiv$/i],
])

/** Whether a page runs or loads something where it stands. Feeds have links, books have `meta`. */
function runs(name: string, attributes: readonly string[], values: readonly string[]): boolean {
  const local = name.replace(/^\w+:/, '').toLowerCase()
  if (/^(?:script|iframe|applet)$/.test(local)) return true
  if (local === 'link') {
    return values.some((value) => /\b(?:stylesheet|modulepreload|import)\b/i.test(value))
  }
  const sign = loads.get(local)
  return sign !== undefined && attributes.some((each) => sign.test(each))
}

function field(text: string, kind: FieldKind = 'text'): Field {
  return { kind, name: kind === 'name' ? 'body name' : 'body', text }
}
