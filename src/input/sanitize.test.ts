import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { naughtyTexts } from '../../test/rules/legal-text-kit.ts'
import { describeBrowser, launchChromium } from '../../test/services/chromium.ts'
import { encodeHtml, type HtmlProfile, sanitizeHtml } from './index.ts'

const vectors: readonly { readonly title?: string; readonly payload: string }[] = JSON.parse(
  readFileSync(new URL('../../test/vectors/dompurify/expect.json', import.meta.url), 'utf8'),
)
const profiles: readonly HtmlProfile[] = ['text', 'basic', 'rich']

describe('sanitizeHtml', () => {
  it.each<[HtmlProfile, string, string]>([
    ['text', 'a <b>bold</b> word<br>', 'a bold word'],
    ['text', '1 < 2 & "x"', '1 &lt; 2 &amp; "x"'],
    ['text', '<script>alert(1)</script>x', 'x'],
    ['basic', '<p>a <b>b</b> <u>c</u></p>', '<p>a <b>b</b> c</p>'],
    ['basic', '<p onclick="x()" style="color:red" id="a" class="b">t</p>', '<p>t</p>'],
    [
      'basic',
      '<a href="https://x.org" target=_blank>x</a>',
      '<a href="https://x.org" rel="nofollow noopener ugc">x</a>',
    ],
    ['basic', '<a href="java\tscript:alert(1)">x</a>', '<a>x</a>'],
    ['basic', '<a href="//evil.example">x</a>', '<a>x</a>'],
    ['basic', '<img src=https://x.org/a.png>', ''],
    [
      'rich',
      '<h1>a</h1><img src="https://x.org/a.png" onerror=x width=10 height=9e9 alt="b">',
      '<h1>a</h1><img src="https://x.org/a.png" alt="b" width="10" loading="lazy" />',
    ],
    ['rich', '<img src="http://x.org/a.png">', '<img loading="lazy" />'],
    [
      'rich',
      '<table><tr><td colspan=2>a</td></tr></table>',
      '<table><tr><td colspan="2">a</td></tr></table>',
    ],
    ['rich', '<iframe src=https://x.org></iframe><svg><p>a</p></svg><form>b</form>', 'b'],
  ])('%s makes of %j what it names and no more', (profile, html, clean) => {
    expect(sanitizeHtml(html, profile)).toBe(clean)
  })

  it('leaves plain text readable as it was', () => {
    for (const text of naughtyTexts.filter((one) => one.isWellFormed() && !one.includes('\0'))) {
      const clean = sanitizeHtml(encodeHtml(text), 'basic')
      const read = clean
        .replace(/&lt;/g, '<')
        .replace(/&gt;/g, '>')
        .replace(/&quot;/g, '"')
        .replace(/&amp;/g, '&')
      expect(read).toBe(text)
    }
  })

  it('once more changes nothing, whatever was sent', () => {
    const pieces = fc.constantFrom(
      ...[
        '<b>',
        '</b>',
        '<a href="',
        '">',
        '<img src=x onerror=',
        '<!--',
        '-->',
        '<svg>',
        '</p>',
        '<p',
      ],
      ...[
        '&lt;',
        '&#x3c;script>',
        '<script>',
        '</script>',
        '"',
        "'",
        '`',
        'javascript:',
        '<math>',
        '=',
      ],
      ...[
        '\0',
        '<style>',
        '</style>',
        '<table><td>',
        'text',
        '<![CDATA[',
        ']]>',
        '<noscript>',
        '/',
        ' ',
      ],
    )
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 12 }),
        fc.constantFrom(...profiles),
        (parts, profile) => {
          const once = sanitizeHtml(parts.join(''), profile)
          expect(once).not.toMatch(/<(?:script|style|svg|math|iframe|form)|<[^>]*\son\w+\s*=/i)
          expect(sanitizeHtml(once, profile)).toBe(once)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('takes known profiles and texts of a bounded size', () => {
    for (const profile of ['html', 'constructor', '__proto__', undefined]) {
      expect(() => sanitizeHtml('x', profile as HtmlProfile)).toThrow(TypeError)
    }
    expect(() => sanitizeHtml(5 as unknown as string, 'text')).toThrow(TypeError)
    expect(() => sanitizeHtml('a'.repeat(1_000_001), 'text')).toThrow(RangeError)
  })
})

describeBrowser('in a browser', () => {
  let browser: Browser
  let page: Page
  let alerts = 0
  const requests: string[] = []
  beforeAll(async () => {
    browser = await launchChromium()
    page = await browser.newPage()
    page.on('dialog', (dialog) => {
      alerts += 1
      void dialog.dismiss()
    })
    await page.route('**/*', (route) => {
      requests.push(route.request().url())
      return route.fulfill({ status: 200, contentType: 'text/html', body: '' })
    })
  })
  afterAll(() => browser?.close())

  /** Shows each text in an element of its own, then does what a person might: every event on every element. */
  async function show(texts: readonly string[], cleaned = true): Promise<number> {
    alerts = 0
    const parts = texts.map((text) => `<div>${text}</div>`).join('\n')
    await page.setContent(`<!doctype html><title>x</title><body>${parts}`, { waitUntil: 'load' })
    await page.evaluate(() => {
      const ways = [
        'click',
        'mouseover',
        'focus',
        'error',
        'load',
        'animationend',
        'toggle',
        'paste',
      ]
      // A page that is not cleaned may have put something else under these names.
      const all = Document.prototype.querySelectorAll.call(document, 'body *')
      for (const element of all) {
        if (element instanceof HTMLAnchorElement) continue
        for (const way of ways) EventTarget.prototype.dispatchEvent.call(element, new Event(way))
      }
    })
    const links = await page.evaluate(() =>
      [...Document.prototype.querySelectorAll.call(document, 'a')].map(
        (a) => (a as HTMLAnchorElement).protocol,
      ),
    )
    if (cleaned)
      expect(links.filter((one) => /^(?:javascript|data|vbscript):/.test(one))).toEqual([])
    return alerts
  }

  it('what is not cleaned does run, so the test sees it', async () => {
    expect(await show(['<img src=x onerror="alert(1)">'], false)).toBeGreaterThan(0)
    expect(
      await show(
        vectors.slice(0, 60).map(({ payload }) => payload),
        false,
      ),
    ).toBeGreaterThan(0)
  })

  it.each(profiles)('no script of the 223 runs in what %s leaves', async (profile) => {
    expect(vectors).toHaveLength(223)
    for (let at = 0; at < vectors.length; at += 20) {
      const some = vectors.slice(at, at + 20).map(({ payload }) => sanitizeHtml(payload, profile))
      expect(await show(some), `from ${at}`).toBe(0)
    }
    for (const { payload } of vectors.filter((_, at) => at % 10 === 0)) {
      expect(await show([sanitizeHtml(payload, profile)])).toBe(0)
    }
    const shown = await page.evaluate(
      () => document.querySelectorAll('script,style,form,svg').length,
    )
    expect(shown).toBe(0)
  })
})
