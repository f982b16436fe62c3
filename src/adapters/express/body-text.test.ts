import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readingsOf } from './body-text.ts'

const attack = "<a>' union select password from users--</a>"
const le = (text: string) => Buffer.from(text, 'utf16le')
const be = (text: string) => le(text).swap16()
const latin = (text: string) => Buffer.from(text, 'latin1')
const xml = (type = 'application/xml') => ({ type, isXml: true })

describe('bytes are read as any of their readers may', () => {
  it.each([
    ['UTF-8', Buffer.from(attack), 'application/xml'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${attack}`), 'application/xml'],
    ['UTF-16LE with a mark', le(`\ufeff${attack}`), 'application/xml'],
    ['UTF-16BE with a mark', be(`\ufeff${attack}`), 'application/xml; charset=utf-8'],
    ['UTF-16LE by its first character', le(attack), 'application/xml'],
    ['UTF-16BE by its first character', be(attack), 'application/xml'],
    ['UTF-16 by the header', le(` ${attack}`), 'application/xml; charset="UTF-16LE"'],
    ['UTF-16 of either order', be(` ${attack}`), 'application/xml;charset=utf-16'],
    ['Latin-1 by the header', latin(`é${attack}`), 'text/xml; charset=iso-8859-1'],
    [
      'what says two things',
      latin(`<?xml version="1.0" encoding="windows-1252"?>é${attack}`),
      'text/xml; charset=utf-8',
    ],
    [
      'what says UTF-16 in single bytes',
      latin(`<?xml version="1.0" encoding="utf-16"?>${attack}`),
      'text/xml',
    ],
  ])('%s', (_, bytes, type) => {
    const { isStrange, texts } = readingsOf(bytes, xml(type))
    expect(isStrange).toBe(false)
    expect(texts.some((text) => text.includes(attack))).toBe(true)
  })

  it.each([
    ['UTF-7 by the header', Buffer.from('+ADw-a+AD4-'), 'text/xml; charset=utf-7'],
    ['UTF-7 by the declaration', latin('<?xml version="1.0" encoding="UTF-7"?><a/>'), 'text/xml'],
    ['UTF-32LE', Buffer.from('fffe00003c000000', 'hex'), 'text/xml'],
    ['UTF-32BE', Buffer.from('0000003c0000003f', 'hex'), 'text/xml'],
    ['EBCDIC', Buffer.from('4c6fa79493', 'hex'), 'text/xml'],
    ['a word that nobody knows', Buffer.from('<a/>'), 'text/xml; charset=x-user-defined'],
    ['a pair of bytes may hide a sign', Buffer.from('<a/>'), 'text/xml; charset=shift_jis'],
  ])('%s is not read', (_, bytes, type) => {
    expect(readingsOf(bytes, xml(type)).isStrange).toBe(true)
  })

  it('whatever a header names is read or is not, and breaks nothing', () => {
    const bytes = Buffer.from(attack)
    const family = fc.constantFrom('iso-8859-', 'iso_8859-', 'windows-125', 'utf-', 'utf', 'latin')
    const name = fc.oneof(
      fc.string(),
      fc.tuple(family, fc.nat(99)).map((two) => two.join('')),
    )
    fc.assert(
      fc.property(name, (charset) => {
        const { texts } = readingsOf(bytes, xml(`text/xml; charset=${charset}`))
        expect(texts.length).toBeGreaterThan(0)
      }),
    )
    const strange = readingsOf(bytes, xml('text/xml; charset=iso-8859-12'))
    expect(strange).toEqual({ texts: [attack], isStrange: true })
  })

  it('a declaration counts in XML alone', () => {
    const bytes = latin('<?xml version="1.0" encoding="utf-7"?>')
    expect(readingsOf(bytes, { type: 'text/plain', isXml: false }).isStrange).toBe(false)
  })

  it('text of one encoding is read once, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const bytes = Buffer.from(`<a>${text}`)
        const whole = bytes.toString('utf8')
        expect(readingsOf(bytes, xml('text/xml; charset=utf-8')).texts).toEqual([whole])
        expect(readingsOf(bytes, xml('text/xml')).texts).toEqual([whole])
      }),
    )
  })
})
