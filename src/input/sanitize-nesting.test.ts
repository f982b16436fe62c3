import { Parser } from 'htmlparser2'
import { expect, it } from 'vitest'
import { sanitizeHtml } from './index.ts'
import { boundNesting } from './sanitize-nesting.ts'

/** Most elements that a parser has open at once. */
function depthOf(html: string): number {
  let open = 0
  let most = 0
  const parser = new Parser({
    onopentag: () => {
      open += 1
      most = Math.max(most, open)
    },
    onclosetag: () => {
      open -= 1
    },
  })
  parser.end(html)
  return most
}

const units = [
  ...['<b>', '<ul><li>', '<table><tr><td>', '<svg>', '<a href="https://x.org">', '<b/>'],
  ...['<li><p>', '<td><p>', '<dd><li>', '<option><p>', '<p><a>', '<th><td><li>', '<LI><P>'],
  ...['<b title="</b>">', "<b title = '</b>'>", '<b><!-- </b> -->', '<b></b x="', '<b "></b>'],
  ...['<b><script></b></script>', '<b><style></b></style>', '<b><textarea></b></textarea>'],
  ...['<b><!x </b>>', '<b><?</b>?>', '<svg><b></svg', '<b></i>', '<b><img></img>', '<p></b><li>'],
]

it.each(units)('rule 30: 100 KB of %j keep no more open than a page does', (unit) => {
  const html = unit.repeat(Math.floor(100_000 / unit.length))
  const bounded = boundNesting(html)
  expect(depthOf(bounded)).toBeLessThanOrEqual(201)
  expect(typeof sanitizeHtml(bounded, 'rich')).toBe('string')
})

it('what people write stays as it is', () => {
  const rows = '<tr><td>a<td>b<th>c'.repeat(1_000)
  const html = [
    `<ul>${'<li>a <b>b</b>'.repeat(1_000)}</ul>${'<p>x<br>'.repeat(1_000)}`,
    `<table>${rows}</table><dl>${'<dt>a<dd>b'.repeat(1_000)}</dl>1 < 2, a<b`,
  ].join('')
  expect(boundNesting(html)).toBe(html)
})
