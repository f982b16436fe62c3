import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkAddress, checkSubject, parseSender } from './address.ts'

const malformed = expect.objectContaining({ code: 'mail_malformed' })

describe('a recipient', () => {
  it.each(['ann@shop.example', "o'brien+x@shop.example", 'ann@bücher.example'])(
    '%s is one plain address',
    (address) => expect(checkAddress(address)).toBe(address),
  )

  it.each([
    '',
    'ann',
    'a@x.example,b@y.example',
    'a@x.example;b@y.example',
    'a@x@y.example',
    'Ann <ann@shop.example>',
    '"ann b"@shop.example',
    'group:a@x.example',
    'ann@shop.example\r\nBcc: all@evil.example',
    'ann@shop.example\n',
    'ann\u0000@shop.example',
    'ann\u2028@shop.example',
    '\u202eann@shop.example',
    'ann @shop.example',
    `${'a'.repeat(65)}@shop.example`,
  ])('%j is refused', (address) => expect(() => checkAddress(address)).toThrow(malformed))
})

describe('a subject', () => {
  it.each([
    '',
    'a\r\nBcc: x',
    'a\nb',
    'a\u0085b',
    'a\u2029b',
    'a\u202eb',
    '\ud800',
    'a'.repeat(256),
  ])('%j is refused', (subject) => expect(() => checkSubject(subject)).toThrow(malformed))

  it('that is accepted holds no line break of any kind', () => {
    const accepted = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 40 })
      .filter((subject) => {
        try {
          return checkSubject(subject) === subject
        } catch {
          return false
        }
      })
    fc.assert(
      fc.property(accepted, (subject) => subject.split(/[\p{Cc}\u2028\u2029]/u).length === 1),
    )
  })
})

describe('a sender', () => {
  it.each([
    ['shop@shop.example', { name: '', address: 'shop@shop.example' }],
    ['The Shop <shop@shop.example>', { name: 'The Shop', address: 'shop@shop.example' }],
    ['"Shop, Inc." <shop@shop.example>', { name: 'Shop, Inc.', address: 'shop@shop.example' }],
    ['<shop@shop.example>', { name: '', address: 'shop@shop.example' }],
  ])('%s is understood', (text, sender) => expect(parseSender(text)).toEqual(sender))

  it.each([
    '',
    'Shop',
    'Shop <a@x.example> b',
    'Shop <a@x.example,b@y.example>',
    'S\nx: y <a@x.example>',
  ])('%j is refused', (text) => expect(() => parseSender(text)).toThrow(malformed))
})
