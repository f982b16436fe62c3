import fc from 'fast-check'
import { Parser } from 'htmlparser2'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sanitizeHtml } from './index.ts'
import { boundNesting } from './sanitize-nesting.ts'

/** Most elements that a parser has open at once. */
function depthOf(html: string): number {
  let open = 0
  let most = 0
  const calls = {
    onopentagname: () => {
      open += 1
      most = Math.max(most, open)
    },
    onclosetag: () => {
      open -= 1
    },
  }
  new Parser(calls, { decodeEntities: true }).end(html)
  return most
}

/** Most elements that any parser has open while `run` lasts. */
function depthWhile(run: () => unknown): number {
  let most = 0
  const above = Parser.prototype.onopentagname
  vi.spyOn(Parser.prototype, 'onopentagname').mockImplementation(function (this: Parser, ...at) {
    above.apply(this, at)
    const { stack } = this as unknown as { readonly stack: readonly string[] }
    most = Math.max(most, stack.length)
  })
  run()
  return most
}

afterEach(() => {
  vi.restoreAllMocks()
})

const units = [
  ...['<b>', '<ul><li>', '<table><tr><td>', '<svg>', '<a href="https://x.org">', '<b/>'],
  ...['<li><p>', '<td><p>', '<dd><li>', '<option><p>', '<p><a>', '<th><td><li>', '<LI><P>'],
  ...['<b title="</b>">', "<b title = '</b>'>", '<b><!-- </b> -->', '<b></b x="', '<b "></b>'],
  ...['<b><script></b></script>', '<b><style></b></style>', '<b><textarea></b></textarea>'],
  ...['<b><!x </b>>', '<b><?</b>?>', '<svg><b></svg', '<b></i>', '<b><img></img>', '<p></b><li>'],
  ...['<b><noscript></b>', '<svg><noscript/>', '<iframe><b>', '<b  >', '<image>', '<b<i>'],
]
const heads = [
  ...['', '<!-->', '<!--->', '<!-- --!>', '<svg><style>', '<svg><title/>', '<math><xmp>'],
  ...['\u0130\u0130\u0130', '<svg><![CDATA[>]]>', '<svg><foreignObject>', '<iframe>', '<noembed>'],
]
const filled = (head: string, unit: string, length: number) =>
  head + unit.repeat(Math.floor(length / unit.length))

describe('rule 30: HTML costs no more than its length, as nothing opens more than 200 elements', () => {
  it.each(units)('6 KB of %j', (unit) => {
    for (const head of heads) {
      const html = filled(head, unit, 6_000)
      expect([head, depthOf(boundNesting(html, Parser)) <= 200]).toEqual([head, true])
      expect([head, depthWhile(() => sanitizeHtml(html, 'rich')) <= 201]).toEqual([head, true])
      vi.restoreAllMocks()
    }
  })

  it('what is counted is what is read: without the bound there are thousands', () => {
    const html = filled('<!-->', '<b>', 6_000)
    expect(depthOf(html)).toBe(2_000)
    expect(depthWhile(() => new Parser({}).end(html))).toBe(2_000)
  })

  it('whatever is written, and what stays within the bound stays as it is', () => {
    const piece = fc.constantFrom(
      ...[...units, ...heads, '</b>', '</svg>', '</style>', '-->', ']]>', '<', '>', '/', '"', "'"],
      ...[
        '=',
        ' ',
        '&lt;',
        '&',
        'a',
        '\u0130',
        '</p>',
        '</br>',
        '<form>',
        '<frame>',
        '<plaintext>',
      ],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const html = pieces.join('')
        const bounded = boundNesting(html, Parser, 5)
        expect(depthOf(bounded)).toBeLessThanOrEqual(5)
        if (depthOf(html) <= 5) expect(bounded).toBe(html)
        expect(bounded.replaceAll('&lt;', '<')).toBe(html.replaceAll('&lt;', '<'))
      }),
      { numRuns: 2_000 },
    )
  })
})

it('what people write stays as it is', () => {
  const rows = '<tr><td>a<td>b<th>c'.repeat(1_000)
  const html = [
    `<ul>${'<li>a <b>b</b>'.repeat(1_000)}</ul>${'<p>x<br>'.repeat(1_000)}`,
    `<table>${rows}</table><dl>${'<dt>a<dd>b'.repeat(1_000)}</dl>1 < 2, a<b`,
  ].join('')
  expect(boundNesting(html, Parser)).toBe(html)
  const deep = `\u0130${'<i>'.repeat(150)}I\u0307${'</i>'.repeat(150)}`
  expect(boundNesting(deep, Parser)).toBe(deep)
})

it('what would be too deep is shown as it was written', () => {
  const cut = boundNesting(`\u0130${'<b>'.repeat(201)}x</b>`, Parser)
  expect(cut).toBe(`\u0130${'<b>'.repeat(200)}&lt;b>x&lt;/b>`)
})
