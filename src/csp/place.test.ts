import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeOf } from './place.ts'

const own = new Set(['https://app.example'])

describe('what is kept of an address', () => {
  it.each([
    ['inline', 'inline'],
    ['eval', 'eval'],
    ['', ''],
    ['data', 'data:'],
    ['data:image/png;base64,AAAA', 'data:'],
    ['blob:https://a.example/1', 'blob:'],
    ['database', '(other)'],
    ['chrome-extension://abcdef/x.js', 'extension'],
    ['moz-extension', 'extension'],
    ['safari-web-extension://x/', 'extension'],
    ['trusted-types-sink', 'trusted-types-sink'],
    ['https://app.example/x?y', 'self'],
    ['HTTPS://CDN.Example:443/x', 'https://cdn.example'],
    ['https://user:word@cdn.example:8443/x', 'https://cdn.example:8443'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example'],
    ['wss://live.example/socket', 'wss://live.example'],
    ['http://[2001:db8::1]:81/x', 'http://[2001:db8::1]:81'],
    ['javascript:alert(1)', '(other)'],
    ['<b>hello</b>', '(other)'],
    ['https://a b/', '(other)'],
    ['https://a;script-src/', '(other)'],
    ["https://'unsafe-inline'/", '(other)'],
    ['https://*/', '(other)'],
  ])('%j is told as %j', (sent, told) => {
    expect(placeOf(sent, own)).toBe(told)
  })

  it('ends where no host is longer', () => {
    expect(placeOf(`https://${'a'.repeat(300)}.example/`, own)).toBe('(other)')
  })

  it('is a word of ours, a scheme or a plain origin, whatever was sent', () => {
    const allowed =
      /^(?:|inline|eval|wasm-eval|self|trusted-types-(?:policy|sink)|extension|\(other\)|[a-z]+:|(?:https?|wss?):\/\/[a-z0-9._:[\]-]{1,280})$/
    const address = fc.tuple(
      fc.constantFrom('https://', 'http:', 'wss://', 'data:', ''),
      fc.string(),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          address.map((parts) => parts.join('')),
        ),
        (text) => allowed.test(placeOf(text, own)),
      ),
      { numRuns: 2_000 },
    )
  })
})
