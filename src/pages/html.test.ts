import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HtmlValue, html } from './html.ts'

const decoded: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#96;': '`',
  '&#13;': '\r',
}

/** What a parser makes of escaped text. */
const decode = (text: string) => text.replace(/&[a-z0-9#]+;/g, (entity) => decoded[entity] ?? '?')

const units = fc.string({ unit: 'binary' })
const hostile = fc.oneof(
  units,
  fc.constantFrom('"', "'", '<', '>', '&', '&amp;', '\0', '\r', '\ud800', '${', '`', '</style>'),
  fc.array(fc.constantFrom(...'<>"\'`&/= x;'), { maxLength: 30 }).map((list) => list.join('')),
)

describe('what is interpolated', () => {
  it.each<[HtmlValue, string]>([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['" autofocus onfocus="alert(1)', '&quot; autofocus onfocus=&quot;alert(1)'],
    ["' onload='x", '&#39; onload=&#39;x'],
    ['`', '&#96;'],
    ['&lt;', '&amp;lt;'],
    ['a\r\nb', 'a&#13;\nb'],
    ['a\0b', 'a\ufffdb'],
    ['\ud83d', '\ufffd'],
    ["O'Brien & Söhne 👩‍🚀", 'O&#39;Brien &amp; Söhne 👩‍🚀'],
    [0, '0'],
    ['', ''],
    [undefined, ''],
    [false, ''],
    [[], ''],
  ])('%j is written as %s', (value, written) => {
    expect(String(html`${value}`)).toBe(written)
  })

  it('cannot leave its place, and is read again as it was', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const written = String(html`${text}`)
        expect(written).not.toMatch(/[<>"'`\0\r]|&(?!(?:amp|lt|gt|quot|#39|#96|#13);)/)
        expect(decode(written)).toBe(text.toWellFormed().replaceAll('\0', '\ufffd'))
      }),
      { numRuns: 2_000 },
    )
  })

  it('leaves the elements around it as they are', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, two) => {
        const written = String(html`<p title="${one}">${two}</p>`)
        expect(written.match(/[<>"]/g)?.join('')).toBe('<"">' + '<>')
      }),
    )
  })
})

describe('markup', () => {
  it('is not escaped twice', () => {
    expect(String(html`<ul>${[html`<li>${'<'}</li>`, html`<li>2</li>`]}</ul>`)).toBe(
      '<ul><li>&lt;</li><li>2</li></ul>',
    )
  })

  it('cannot be made of something that only looks like it', () => {
    const forged = { toString: () => '<b>', text: '<b>' } as unknown as HtmlValue
    expect(String(html`${forged}`)).toBe('&lt;b&gt;')
    expect(String(html`${['<b>'] as unknown as HtmlValue}`)).toBe('&lt;b&gt;')
  })
})
