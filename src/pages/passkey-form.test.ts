import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { qrSvg } from '../factors/qr.ts'
import { readCredential } from './passkey-form.ts'
import { passkeyScript } from './passkey-script.ts'
import { renderQr } from './qr.ts'

describe('what a passkey answered', () => {
  it('is read as the object it is', () => {
    expect(readCredential('{"id":"x","response":{"a":1}}')).toEqual({ id: 'x', response: { a: 1 } })
  })

  it('is an answer without content when it is anything else', () => {
    for (const text of ['', 'null', '1', '"x"', '[]', '{', '{"a":1}{', '{"a":1,"a":2}', '\ud800']) {
      expect(readCredential(text)).toEqual({})
    }
    expect(Object.keys(readCredential('{"__proto__":{"admin":true}}'))).toEqual([])
  })

  it('is an object, whatever was sent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => {
        const read = readCredential(text)
        expect(Object.prototype.toString.call(read)).toBe('[object Object]')
        expect(Array.isArray(read)).toBe(false)
      }),
    )
  })
})

describe('a QR code', () => {
  it('is drawn with its name, and holds no character of what it says', () => {
    const svg = String(renderQr(qrSvg('otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ'), 'A "name" <b>'))
    expect(svg).toContain('role="img" aria-label="A &quot;name&quot; &lt;b&gt;"')
    expect(svg).toMatch(/<path fill="#000" d="[Mhvz\d -]+"\/><\/svg>$/)
    expect(svg).not.toMatch(/GEZD|otpauth|script/)
  })

  it('is nothing else: no other SVG is written into a page', () => {
    const good = qrSvg('x')
    const bad = [
      '',
      '<svg onload="alert(1)"></svg>',
      good.replace('</svg>', '<script>alert(1)</script></svg>'),
      good.replace('d="M', 'd="x" onload="M'),
      `${good}<b>`,
      good.replace('#000"', '#000" onclick="x"'),
    ]
    for (const svg of bad) expect(() => renderQr(svg, 'x')).toThrow(TypeError)
  })
})

it('the script of passkeys is small, cannot end its element, and writes no markup', () => {
  expect(Buffer.byteLength(passkeyScript)).toBeLessThan(4_608)
  expect(passkeyScript).not.toMatch(/<\/?script|<!--|innerHTML|eval|document\.write|localStorage/i)
})
