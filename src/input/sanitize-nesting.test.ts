import { expect, it } from 'vitest'
import { sanitizeHtml } from './index.ts'
import { boundNesting } from './sanitize-nesting.ts'

const opened = (html: string) => html.match(/<[a-z]/gi)?.length ?? 0

it.each(['<b>', '<ul><li>', '<table><tr><td>', '<svg>', '<a href="https://x.org">', '<b/>'])(
  'rule 30: a parser of 100 KB of %j has no more to keep open than of a page',
  (unit) => {
    const html = unit.repeat(Math.floor(100_000 / unit.length))
    const bounded = boundNesting(html)
    const outer = /^<(?:ul|table)/.test(unit) ? unit.split('<').length - 1 : 1
    const nested = outer === 1 ? opened(bounded) : opened(bounded.replace(/<(?:li|tr|td)/g, ''))
    expect(nested).toBeLessThanOrEqual(200)
    expect(opened(sanitizeHtml(html, 'rich'))).toBeLessThanOrEqual(opened(bounded))
  },
)

it('what people write stays as it is', () => {
  const list = `<ul>${'<li>a <b>b</b>'.repeat(1_000)}</ul>${'<p>x<br>'.repeat(1_000)}`
  expect(boundNesting(list)).toBe(list)
})
