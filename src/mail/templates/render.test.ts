import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { english } from './english.ts'
import { type MailData, mailRenderer, renderMail } from './render.ts'
import type { MailTemplate } from './texts.ts'

const templates: readonly MailTemplate[] = [
  'verify-email',
  'verify-email-username-taken',
  'already-registered',
]
const data: MailData = { appName: 'Shop', link: 'https://shop.example/verify?token=abc' }

/** Everything a mail client would read as markup or as an address in the HTML part. */
function tagsOf(html: string): string[] {
  return (html.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""'))
}

describe.each(templates)('the mail %s', (template) => {
  it('says the same in its text and its HTML part, with the link in both', () => {
    const mail = renderMail(template, data)
    expect(mail.subject).toContain('Shop')
    expect(mail.text).toContain('\nhttps://shop.example/verify?token=abc\n')
    expect(mail.html).toContain('href="https://shop.example/verify?token=abc"')
    for (const paragraph of english.mails[template].paragraphs) {
      expect(mail.text).toContain(paragraph.replaceAll('{appName}', 'Shop'))
    }
  })

  it('leaves no place unfilled', () => {
    const mail = renderMail(template, data)
    expect(`${mail.subject}${mail.text}${mail.html}`).not.toMatch(/\{\w+\}/)
  })

  it('carries no user text as HTML, header or line of its own, whatever the name', () => {
    const plain = renderMail(template, data)
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (displayName) => {
        const mail = renderMail(template, { ...data, displayName })
        expect(mail.subject).toBe(plain.subject)
        expect(tagsOf(mail.html)).toEqual(tagsOf(plain.html))
        expect(mail.text.split('\n').slice(1)).toEqual(plain.text.split('\n').slice(1))
        expect(mail.text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\r]/)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps its structure whatever the product is called', () => {
    const tags = tagsOf(renderMail(template, data).html)
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (appName) => {
        const mail = renderMail(template, { ...data, appName })
        expect(tagsOf(mail.html)).toEqual(tags)
        expect(mail.subject).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      }),
      { numRuns: 200 },
    )
  })
})

describe('a name in a greeting', () => {
  const greet = (displayName: string) =>
    renderMail('verify-email', { ...data, displayName }).text.split('\n')[0]

  it.each([
    ['Ann Lee', 'Hello Ann Lee,'],
    ["Seán O'Brien", "Hello Seán O'Brien,"],
    ['J.R.R. Tolkien', 'Hello J.R.R. Tolkien,'],
    ['محمد', 'Hello محمد,'],
    ['李小龍', 'Hello 李小龍,'],
    ['{appName}', 'Hello {appName},'],
    ['Ann\r\nBcc: all@evil.example', 'Hello,'],
    ['Ann\nLee', 'Hello Ann Lee,'],
    ['\u202eeeL nnA', 'Hello eeL nnA,'],
    ['Ann\u200bLee', 'Hello Ann Lee,'],
  ])('%j reads %j', (name, greeting) => expect(greet(name)).toBe(greeting))

  it.each([
    'see evil.example',
    'EVIL.COM',
    'evil．com',
    'evil。com',
    'https://evil.example',
    'www evil',
    'ann@evil.example',
    '<a href="//evil.example">Ann</a>',
    'Call 0800 123 456 now',
    'Your account was locked, please write to us at once or lose all you have',
    '   ',
    '\u202e',
  ])('%j is left out', (name) => expect(greet(name)).toBe('Hello,'))

  it('is escaped in HTML', () => {
    const { html } = renderMail('verify-email', { ...data, displayName: 'A & "B" \'C\'' })
    expect(html).toContain('<p>Hello A &amp; &quot;B&quot; &#39;C&#39;,</p>')
  })
})

describe('the link of a mail', () => {
  it.each(['javascript:alert(1)', 'data:text/html,x', 'shop.example', '', '//shop.example'])(
    '%j is refused',
    (link) => {
      expect(() => renderMail('verify-email', { ...data, link })).toThrow(
        expect.objectContaining({ code: 'mail_malformed' }),
      )
    },
  )

  it('is escaped in HTML and whole in text', () => {
    const link = 'https://shop.example/verify?a=1&token=%22x%22'
    const mail = renderMail('verify-email', { ...data, link })
    expect(mail.text).toContain(`\n${link}\n`)
    expect(mail.html).toContain('href="https://shop.example/verify?a=1&amp;token=%22x%22"')
  })
})

describe('languages', () => {
  const german = {
    ...english,
    greetingWithoutName: 'Guten Tag,',
    direction: 'rtl' as const,
  }
  const render = mailRenderer({ de: german })

  it.each(['de', 'de-AT', 'DE_ch'])('%s takes the table of de', (locale) => {
    const mail = render('verify-email', data, locale)
    expect(mail.text).toMatch(/^Guten Tag,/)
    expect(mail.html).toContain('<html lang="de" dir="rtl">')
  })

  it.each(['fr', '', '../../etc', 'constructor'])('%j falls back to English', (locale) => {
    expect(render('verify-email', data, locale)).toEqual(renderMail('verify-email', data))
  })
})
