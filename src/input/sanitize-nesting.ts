/** How many elements may be open at once; parsers take time by the square of it. */
const mostOpen = 200

const holdNothing = new Set(
  ['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source'].concat([
    'track',
    'wbr',
  ]),
)

/** Elements that end open ones at the top by being opened, as the parser has it, and no more of them. */
const ends: Readonly<Record<string, readonly string[]>> = {
  ...{ p: ['p'], li: ['li'], a: ['a'], option: ['option'], dd: ['dd', 'dt'], dt: ['dd', 'dt'] },
  ...{ tr: ['tr', 'th', 'td'], th: ['th'], td: ['th', 'td'] },
}

/** Elements whose inside is text, up to their own end. */
const holdText = new Set(['script', 'style', 'title', 'textarea', 'xmp', 'iframe', 'noembed'])

/**
 * HTML in which at most 200 elements are open at once: tags that would open more become text. Whatever
 * comes out is cleaned afterwards, so this decides about time alone, never about safety. It keeps count as
 * the parser does, and where the two might differ it takes more for open. Linear.
 */
export function boundNesting(html: string): string {
  const open: string[] = []
  const parts: string[] = []
  let from = 0
  for (const tag of tagsOf(html)) {
    if (tag.closes) {
      const at = open.lastIndexOf(tag.name)
      if (at >= 0) open.length = at
      continue
    }
    const ended = ends[tag.name] ?? []
    while (open.length > 0 && ended.includes(open.at(-1) ?? '')) open.pop()
    if (holdNothing.has(tag.name)) continue
    if (open.length < mostOpen) open.push(tag.name)
    else {
      parts.push(html.slice(from, tag.at), '&lt;')
      from = tag.at + 1
    }
  }
  return parts.join('') + html.slice(from)
}

interface Tag {
  /** Where its `<` is. */
  readonly at: number
  /** In small letters. */
  readonly name: string
  readonly closes: boolean
}

/** The tags of a text as a parser meets them: none in comments, in values of attributes, in scripts. */
function* tagsOf(html: string): Generator<Tag> {
  const small = html.toLowerCase()
  const head = /<(?:(\/?)([a-z][^\s/>]*)|!--|[!?])/g
  for (let found = head.exec(small); found; found = head.exec(small)) {
    const [mark, slash, name] = found
    const at = found.index
    const after = at + mark.length
    if (name === undefined) {
      head.lastIndex = past(small, mark === '<!--' ? '-->' : '>', after)
      continue
    }
    const closes = slash !== ''
    yield { at, name, closes }
    head.lastIndex = endOfTag(small, after)
    if (!closes && holdText.has(name)) head.lastIndex = before(small, `</${name}`, head.lastIndex)
  }
}

/** Behind the `>` of a tag; one inside a quoted value is none. */
function endOfTag(text: string, from: number): number {
  const next = /=\s*(["'])|>/g
  next.lastIndex = from
  for (let found = next.exec(text); found; found = next.exec(text)) {
    const [, quote] = found
    if (quote === undefined) return next.lastIndex
    next.lastIndex = past(text, quote, next.lastIndex)
  }
  return text.length
}

function past(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  return at < 0 ? text.length : at + mark.length
}

function before(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  return at < 0 ? text.length : at
}
