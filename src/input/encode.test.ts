import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { naughtyTexts } from '../../test/rules/legal-text-kit.ts'
import {
  decodeCsvCell,
  encodeAttribute,
  encodeCsvCell,
  encodeHeaderParameter,
  encodeHeaderValue,
  encodeHtml,
  encodeLogLine,
  encodeUrlComponent,
  html,
} from './index.ts'

/** Character references as browsers read them. */
function decodeHtml(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, name) => {
    if (name !== undefined) return named[name] ?? whole
    return String.fromCodePoint(Number.parseInt(hex ?? decimal, hex === undefined ? 10 : 16))
  })
}

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...naughtyTexts))
/** What a browser can be told at all. */
const held = (text: string) => text.toWellFormed().replaceAll('\0', '\ufffd')

describe('text in HTML', () => {
  it('is read back by a browser exactly as it was given', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(decodeHtml(encodeHtml(text))).toBe(held(text))
        expect(decodeHtml(encodeAttribute(text))).toBe(held(text))
        expect(decodeHtml(String(html`${text}`))).toBe(held(text))
      }),
    )
  })

  it('opens no element and closes no attribute', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(encodeHtml(text)).not.toMatch(/[<>"'`]/)
        expect(encodeAttribute(text)).toMatch(/^[A-Za-z0-9&#;]*$/)
      }),
    )
  })
})

describe('text in a URL', () => {
  it('is one component, whatever it holds', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const component = encodeUrlComponent(text)
        expect(component).toMatch(/^[A-Za-z0-9\-._~%]*$/)
        expect(decodeURIComponent(component)).toBe(text.toWellFormed())
        const url = new URL(`https://example.com/x?q=${component}`)
        expect(url.searchParams.get('q')).toBe(text.toWellFormed())
      }),
    )
  })
})

describe('text in a response header', () => {
  it.each(['', 'a', 'text/html; charset=utf-8', 'a\tb'])('%j is a value', (text) => {
    expect(encodeHeaderValue(text)).toBe(text)
  })

  it.each([
    'a\r\nset-cookie: x=1',
    'a\n',
    '\ra',
    'a\0',
    'é',
    ' a',
    'a ',
    '\u010a',
    'a\u2028b',
    '\x7f',
  ])('%j is none', (text) => {
    expect(() => encodeHeaderValue(text)).toThrowError(
      expect.objectContaining({ code: 'header_value_invalid' }),
    )
  })

  it('is a parameter, whatever it holds', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const value = encodeHeaderValue(`attachment; ${encodeHeaderParameter('filename', text)}`)
        expect(value).toMatch(/^attachment; filename\*=UTF-8''[A-Za-z0-9\-._~%]*$/)
      }),
    )
    expect(() => encodeHeaderParameter('x; y', 'z')).toThrow()
  })
})

describe('rule 32: a cell of a CSV file', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '=cmd|"/C calc"!A0', '＝1'])(
    'that begins like a formula is text: %j',
    (text) => {
      expect(encodeCsvCell(text)).toMatch(/^"'/)
    },
  )

  it('ends where it ends, and is read back as it was', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const cell = encodeCsvCell(text)
        const inner = cell.slice(1, -1)
        expect([cell[0], cell.at(-1)]).toEqual(['"', '"'])
        expect(inner.replaceAll('""', '')).not.toContain('"')
        expect(inner).not.toMatch(/^[=+\-@\t\r\n]/)
        expect(decodeCsvCell(inner.replaceAll('""', '"'))).toBe(text)
      }),
    )
  })

  it('of a number is a number', () => {
    expect([encodeCsvCell(-5), encodeCsvCell(1.5)]).toEqual(['-5', '1.5'])
  })
})

describe('rule 32: text in a log line', () => {
  it('stays on its line, moves no cursor and turns no direction', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(encodeLogLine(text)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/)
      }),
    )
    expect(encodeLogLine('a\nINFO root signed in\u001b[2J')).toBe(
      'a\\nINFO root signed in\\u001b[2J',
    )
  })

  it('is still told apart from every other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = encodeLogLine(text).replaceAll('"', '\\"')
        expect(JSON.parse(`"${line}"`)).toBe(text.toWellFormed())
      }),
    )
  })
})
