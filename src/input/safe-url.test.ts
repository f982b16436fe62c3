import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeUrl } from './index.ts'

describe('an address of somebody else', () => {
  it.each([
    ...[
      'https://example.com/a?b=c#d',
      'http://example.com',
      'mailto:a@example.com',
      'HTTPS://X.ORG',
    ],
    ...[
      '/orders?page=2',
      '#top',
      'page',
      './a',
      '../a',
      '?q=1',
      '/a:b',
      '/a/javascript:b',
      'a/b:c',
    ],
  ])('is taken as it is: %j', (text) => {
    expect(safeUrl(text)).toBe(text)
  })

  it.each([
    ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', ' javascript:alert(1)', '\tjavascript:x'],
    ...[
      'java\nscript:alert(1)',
      'java\tscript:x',
      '\u0001javascript:x',
      'javascript&colon;x\u0000',
    ],
    ...['data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'ftp://x', 'blob:https://x/y'],
    ...['//evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example', 'https:\\\\x'],
    ...['https://user@evil.example', 'https://a:b@evil.example', 'https://', 'http://[', ''],
    ...['javascript:', 'JAVASCRIPT://x%0aalert(1)', 'x:y', 'https:', '\ud800', 'https://a b'],
  ])('is refused: %j', (text) => {
    expect(safeUrl(text)).toBeUndefined()
  })

  it('may be of schemes that the program names, never of one that runs what follows', () => {
    expect(safeUrl('tel:+49301234', { schemes: ['tel'] })).toBe('tel:+49301234')
    expect(safeUrl('https://x.org', { schemes: ['tel'] })).toBeUndefined()
    expect(safeUrl('/a', { relative: false })).toBeUndefined()
    expect(safeUrl('javascript:alert(1)', { schemes: ['javascript'] })).toBeUndefined()
    expect(safeUrl('data:text/html,x', { schemes: ['data'] })).toBeUndefined()
  })

  it('is never one that a browser would run or that leads elsewhere by a trick', () => {
    const pieces = fc.constantFrom(
      ...[
        'java',
        'script',
        ':',
        '/',
        '\\',
        '\t',
        '\n',
        ' ',
        'https',
        '//',
        '@',
        'evil.example',
        '#',
      ],
      ...['?', '%0a', '&#x6a;', '\u0000', 'data', '.', 'x', '\u00a0', '\u2028', 'JAVASCRIPT'],
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = safeUrl(parts.join(''))
        if (text === undefined) return
        const url = new URL(text, 'https://own.example/a/b')
        expect(['https:', 'http:', 'mailto:']).toContain(url.protocol)
        const isAbsolute = /^[a-z]+:/i.test(text)
        if (!isAbsolute) expect(url.origin).toBe('https://own.example')
        expect(url.username + url.password).toBe('')
      }),
      { numRuns: 2_000 },
    )
  })
})
