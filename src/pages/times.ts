import { type Html, html } from './html.ts'
import { fill, type PageTexts } from './texts.ts'

/** A sentence about an instant, with the exact time for machines and on demand. */
export function timed(
  sentence: string,
  at: number,
  { now, texts }: { readonly now: number; readonly texts: PageTexts },
): Html {
  const iso = new Date(at).toISOString()
  const words = fill(sentence, { time: agoText(now - at, texts.language) })
  return html`<time datetime="${iso}" title="${iso}">${words}</time>`
}

/** `now`, `5 minutes ago`, `yesterday`: whole units, the larger the longer ago. */
export function agoText(elapsedMs: number, language: string): string {
  const minutes = Math.max(0, Math.floor(elapsedMs / 60_000))
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  if (minutes < 1) return format.format(0, 'second')
  if (minutes < 60) return format.format(-minutes, 'minute')
  if (minutes < 1_440) return format.format(-Math.floor(minutes / 60), 'hour')
  return format.format(-Math.floor(minutes / 1_440), 'day')
}

/** `22 November 2026`, as in mails, for what ends in the future: its exact time is nobody's concern. */
export function dayText(at: number, language: string): string {
  const locale = language === 'en' ? 'en-GB' : language
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(at)
}
