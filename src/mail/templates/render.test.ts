import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { english } from './english.ts'
import type { MailFacts } from './facts.ts'
import { german } from './german.ts'
import { type MailData, mailRenderer, renderMail } from './render.ts'
import type { MailTemplate, MailTexts } from './texts.ts'

const minute = 60_000
const day = 1_440 * minute
const languages: Readonly<Record<string, MailTexts>> = { en: english, de: german }
const templates = Object.keys(english.mails) as MailTemplate[]
const mails = Object.keys(languages).flatMap((language) =>
  templates.map((template) => ({ language, template })),
)
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const facts: MailFacts = { at: Date.UTC(2026, 0, 15, 12), ip: '203.0.113.9', userAgent: firefox }
const data: MailData = {
  appName: 'Shop',
  link: 'https://shop.example/verify?token=abc',
  lifeMs: 7 * day,
  takeBackMs: 7 * day,
  left: 3,
  until: Date.UTC(2026, 0, 22, 12),
  taken: { totp: true, passkeys: 2, recoveryCodes: false },
  facts,
}
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constantFrom(
    '<a href="https://evil.example">x</a>',
    'Firefox/1 Windows https://evil.example <img src=x>',
    '\u202eFirefox/1\r\nBcc: all@evil.example',
    '{appName} {lifetime} {link}',
  ),
)

/** Everything a mail client would read as markup or as an address in the HTML part. */
function tagsOf(html: string): string[] {
  const [, body = ''] = html.split('</style>')
  return (body.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""'))
}

describe.each(mails)('the mail $template in $language', ({ language, template }) => {
  const render = (change: Partial<MailData> = {}) =>
    renderMail(template, { ...data, ...change }, language)
  const words = languages[language]?.mails[template] ?? english.mails[template]

  it('says the same in its text and its HTML part, with link and facts in both', () => {
    const mail = render()
    expect(mail.subject).toContain('Shop')
    expect(mail.text).toContain('\nhttps://shop.example/verify?token=abc\n')
    expect(mail.html).toContain('href="https://shop.example/verify?token=abc"')
    const lifetime = language === 'de' ? '7 Tage' : '7 days'
    const until =
      language === 'de' ? '22. Januar 2026 um 12:00 UTC' : '22 January 2026 at 12:00 UTC'
    const taken =
      language === 'de' ? 'Authenticator-App und 2 Passkeys' : 'authenticator app and 2 passkeys'
    const filled = [...words.paragraphs, ...words.closing].map((text) =>
      text
        .replaceAll('{appName}', 'Shop')
        .replaceAll('{lifetime}', lifetime)
        .replaceAll('{takeBack}', lifetime)
        .replaceAll('{left}', '3')
        .replaceAll('{until}', until)
        .replaceAll('{taken}', taken),
    )
    for (const part of [...filled, '203.0.113.9', '2026', '12:00', 'UTC', 'Firefox', 'Linux']) {
      expect(mail.text).toContain(part)
      expect(mail.html).toContain(part)
    }
  })

  it('has a short subject that fits a telephone', () => {
    expect(render({ appName: '' }).subject.length).toBeLessThanOrEqual(50)
  })

  it('leaves no place unfilled', () => {
    const mail = render()
    const [, body = ''] = mail.html.split('</style>')
    expect(`${mail.subject}${mail.text}${body}`).not.toMatch(/\{\w+\}/)
  })

  it('is told how long its link works, if it says so', () => {
    const says = words.closing.join().includes('{lifetime}')
    const write = () => renderMail(template, { appName: 'Shop', link: data.link }, language)
    if (says) expect(write).toThrow(expect.objectContaining({ code: 'mail_malformed' }))
    else expect(write().subject).toContain('Shop')
  })

  it('carries no user text as HTML, header or line of its own, whatever the name', () => {
    const plain = render()
    fc.assert(
      fc.property(anyText, (displayName) => {
        const mail = render({ displayName })
        expect(mail.subject).toBe(plain.subject)
        expect(tagsOf(mail.html)).toEqual(tagsOf(plain.html))
        expect(mail.text.split('\n').slice(1)).toEqual(plain.text.split('\n').slice(1))
        expect(mail.text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\r]/)
      }),
      { numRuns: 100 },
    )
  })

  it('takes over nothing of a user agent or an address, whatever they claim', () => {
    const plain = render()
    const value = /^(?:unknown|unbekannt|[A-Z][\w ]+(?: (?:on|auf) [\w ]+)?|iPhone|iPad|macOS)$/
    fc.assert(
      fc.property(anyText, anyText, (userAgent, ip) => {
        const mail = render({ facts: { at: facts.at, userAgent, ip } })
        expect(tagsOf(mail.html).filter((tag) => /^<(?!\/?t[rhd])/.test(tag))).toEqual(
          tagsOf(plain.html).filter((tag) => /^<(?!\/?t[rhd])/.test(tag)),
        )
        expect(`${mail.text}${mail.html}`).not.toMatch(/evil|Bcc|[\u202a-\u202e\r]/)
        const device = /(?:Device|Gerät): (.*)\n/.exec(mail.text)?.[1]
        expect(device).toMatch(value)
      }),
      { numRuns: 100 },
    )
  })

  it('keeps its structure whatever the product is called', () => {
    const tags = tagsOf(render().html)
    fc.assert(
      fc.property(anyText, (appName) => {
        const mail = render({ appName })
        expect(tagsOf(mail.html)).toEqual(tags)
        expect(mail.subject).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      }),
      { numRuns: 100 },
    )
  })
})

describe('what happened', () => {
  const linesOf = (given: MailFacts, language: string) =>
    renderMail('notice-password', { ...data, facts: given }, language).text.split('\n')

  it('is told in the language of the mail, with the zone of its time', () => {
    expect(linesOf(facts, 'en')).toEqual(
      expect.arrayContaining([
        'When: 15 January 2026 at 12:00 UTC',
        'IP address: 203.0.113.9',
        'Device: Firefox on Linux',
      ]),
    )
    expect(linesOf(facts, 'de')).toEqual(
      expect.arrayContaining([
        'Wann: 15. Januar 2026 um 12:00 UTC',
        'IP-Adresse: 203.0.113.9',
        'Gerät: Firefox auf Linux',
      ]),
    )
  })

  it.each([
    ['curl/8.5.0', 'Device: unknown'],
    ['', 'Device: unknown'],
    ['Mozilla/5.0 (Windows NT 10.0)', 'Device: Windows'],
    ['Firefox/140.0', 'Device: Firefox'],
  ])('a device says no more than we know: %j', (userAgent, line) => {
    expect(linesOf({ at: 0, userAgent }, 'en')).toContain(line)
  })

  it('leaves out what nobody knows', () => {
    expect(linesOf({ at: 0, ip: undefined }, 'en').join('\n')).not.toMatch(/IP address|Device/)
    expect(linesOf({ at: 0, ip: 'not an address' }, 'en').join('\n')).not.toMatch(/IP address/)
  })

  it('has no place in a mail that is given none', () => {
    const { facts: _, ...rest } = data
    const mail = renderMail('notice-password', rest)
    expect(mail.html).not.toContain('<table')
    expect(mail.text).not.toMatch(/When:|\n\n\n/)
  })
})

describe('how long a link works', () => {
  const lifetime = (lifeMs: number, language: string) =>
    /(?:once, for |einmal und )(.*?)(?: lang)?\. /.exec(
      renderMail('reset-password', { ...data, lifeMs }, language).text,
    )?.[1]

  it.each([
    [30 * minute, '30 minutes', '30 Minuten'],
    [60 * minute, '1 hour', '1 Stunde'],
    [90 * minute, '90 minutes', '90 Minuten'],
    [day, '24 hours', '24 Stunden'],
    [36 * 60 * minute, '36 hours', '36 Stunden'],
    [2 * day, '2 days', '2 Tage'],
    [7 * day, '7 days', '7 Tage'],
    [minute, '1 minute', '1 Minute'],
    [90_000, '1 minute', '1 Minute'],
    [1, '1 minute', '1 Minute'],
  ])('%i ms is %s, %s', (lifeMs, inEnglish, inGerman) => {
    expect(lifetime(lifeMs, 'en')).toBe(inEnglish)
    expect(lifetime(lifeMs, 'de')).toBe(inGerman)
  })
})

describe('a name in a greeting', () => {
  const greet = (displayName: string, language = 'en') =>
    renderMail('verify-email', { ...data, displayName }, language).text.split('\n')[0]

  it('is greeted in the language of the mail', () => {
    expect(greet('Ann Lee', 'de')).toBe('Guten Tag Ann Lee,')
  })

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
  const arabic = {
    ...english,
    greetingWithoutName: 'marhaba,',
    direction: 'rtl' as const,
  }
  const render = mailRenderer({ ar: arabic })

  it.each(['ar', 'ar-EG', 'AR_sa'])('%s takes the table of ar', (locale) => {
    const mail = render('verify-email', data, locale)
    expect(mail.text).toMatch(/^marhaba,/)
    expect(mail.html).toContain('<html lang="ar" dir="rtl">')
  })

  it.each(['fr', '', '../../etc', 'constructor'])('%j falls back to English', (locale) => {
    expect(render('verify-email', data, locale)).toEqual(renderMail('verify-email', data))
  })

  it('each says everything in words of its own', () => {
    for (const template of templates) {
      const [left, right] = [english.mails[template], german.mails[template]]
      expect(left.paragraphs).toHaveLength(right.paragraphs.length)
      expect(left.closing).toHaveLength(right.closing.length)
      const both = [...left.paragraphs, ...left.closing, left.action, left.subject]
      const mine = [...right.paragraphs, ...right.closing, right.action, right.subject]
      expect(mine.filter((text) => both.includes(text))).toEqual([])
    }
  })
})
