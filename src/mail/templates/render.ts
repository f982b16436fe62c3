import { mailErrors } from '../errors.ts'
import { english } from './english.ts'
import { durationText, factLines, instantText, type MailFacts } from './facts.ts'
import { fill, nameForMail, plainLine } from './fill.ts'
import { german } from './german.ts'
import { type MailDescription, renderHtml, renderText } from './layout.ts'
import { type TakenFactors, takenText } from './taken.ts'
import type { MailTemplate, MailTexts, MailWords } from './texts.ts'

/** What a mail is written from. */
export interface MailData {
  /** Name of the product, from the configuration. */
  readonly appName: string
  /** Where the button leads: an absolute http(s) address built from `baseUrl`. */
  readonly link: string
  /** How long the link works, for mails that say so: all but `already-registered`. */
  readonly lifeMs?: number
  /** How long a change of address can be undone, for `change-email`. */
  readonly takeBackMs?: number
  /** How many recovery codes still work, for `notice-code-used`. */
  readonly left?: number
  /** By when something is to be done, for `notice-factor-demanded`; epoch milliseconds. */
  readonly until?: number
  /** What a report has taken back, for `secure-account-factors`. */
  readonly taken?: TakenFactors
  /** When, from where, with what: lines of their own under the text. Values may be hostile. */
  readonly facts?: MailFacts
  /** As somebody entered it; it may be hostile. */
  readonly displayName?: string
}

export interface RenderedMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Writes a mail in the best language of `locale` (BCP 47), English where there is none. */
export type MailRenderer = (template: MailTemplate, data: MailData, locale?: string) => RenderedMail

/**
 * A renderer with languages of its own beside English, by lower-case language tag: `de`, `pt-br`.
 * Words are plain text; markup in them is shown, not obeyed.
 */
export function mailRenderer(languages: Readonly<Record<string, MailTexts>> = {}): MailRenderer {
  const known = new Map([['en', english], ...Object.entries(languages)])
  return (template, data, locale = 'en') => {
    const language = findLanguage(known, locale)
    const description = describe(template, data, {
      language,
      texts: known.get(language) ?? english,
    })
    return {
      subject: description.subject,
      text: renderText(description),
      html: renderHtml(description),
    }
  }
}

/**
 * Writes a mail in a language that ships with Holdfast: English or German. All values are plain
 * text: in HTML they are escaped, in the text part they cannot start a line, and the subject holds
 * nothing but the product's name. Throws `mail_malformed` when the link is not an http(s) address,
 * or when the mail tells how long it works and nobody said so.
 */
export const renderMail: MailRenderer = mailRenderer({ de: german })

function findLanguage(known: ReadonlyMap<string, MailTexts>, locale: string): string {
  const tag = locale.toLowerCase().replaceAll('_', '-')
  const primary = tag.split('-')[0] ?? ''
  return [tag, primary].find((candidate) => known.has(candidate)) ?? 'en'
}

function describe(
  template: MailTemplate,
  data: MailData,
  { language, texts }: { readonly language: string; readonly texts: MailTexts },
): MailDescription {
  const words = texts.mails[template]
  const lifetime = lifetimeOf(data, words, texts.locale)
  const takeBack = durationText(data.takeBackMs ?? 0, texts.locale)
  const values = {
    appName: plainLine(data.appName, 64),
    lifetime,
    takeBack,
    left: String(data.left ?? 0),
    until: instantText(data.until ?? 0, texts.locale),
    taken: takenText(data.taken, texts),
  }
  const filled = (text: string) => fill(text, values)
  const name = nameForMail(data.displayName)
  return {
    language,
    direction: texts.direction,
    subject: filled(words.subject),
    greeting: name === undefined ? texts.greetingWithoutName : fill(texts.greeting, { name }),
    paragraphs: words.paragraphs.map(filled),
    facts: factLines(data.facts, texts),
    action: { label: filled(words.action), url: checkLink(data.link) },
    orOpen: texts.orOpen,
    closing: words.closing.map(filled),
    footer: filled(texts.footer),
  }
}

/** A mail that says how long its link works has to be told. */
function lifetimeOf({ lifeMs }: MailData, words: MailWords, locale: string): string {
  if (lifeMs !== undefined) return durationText(lifeMs, locale)
  if (!words.closing.some((text) => text.includes('{lifetime}'))) return ''
  throw mailErrors.mail_malformed({ cause: new Error('the mail needs the life of its link') })
}

function checkLink(link: string): string {
  const url = URL.canParse(link) ? new URL(link) : undefined
  if (url && (url.protocol === 'https:' || url.protocol === 'http:')) return url.href
  throw mailErrors.mail_malformed({ cause: new Error('the link is not an http(s) address') })
}
