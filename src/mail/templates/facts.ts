import { isIP } from 'node:net'
import { deviceOf } from '../../http/index.ts'
import { fill, nameForMail, plainLine } from './fill.ts'
import type { FactWords, MailTexts } from './texts.ts'

/** When something happened, from where, and with what. What is unknown is left out. */
export interface MailFacts {
  /** Epoch milliseconds. */
  readonly at: number
  readonly ip?: string | undefined
  /** As it was sent; of it only the names of known browsers and systems reach the mail. */
  readonly userAgent?: string | undefined
  /** Which account it is about, where the reader may not know; no free text. */
  readonly account?: string | undefined
  /** Name of the organisation it is about, as somebody entered it; left out where it could lure. */
  readonly organisation?: string | undefined
  /** Which API key it is about: its name and id, as an administrator wrote it. */
  readonly key?: string | undefined
}

/** One line of what happened, in words. */
export interface FactLine {
  readonly label: string
  readonly value: string
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** The facts in words. No value is taken over as it came: anyone can claim any user agent. */
export function factLines(facts: MailFacts | undefined, texts: MailTexts): readonly FactLine[] {
  if (!facts) return []
  const { account, at, device, ip, organisation } = texts.facts
  const named = nameForMail(facts.organisation)
  const known = facts.ip !== undefined && isIP(facts.ip) !== 0
  return [
    ...(facts.account === undefined
      ? []
      : [{ label: account, value: plainLine(facts.account, 300) }]),
    ...(named === undefined ? [] : [{ label: organisation, value: named }]),
    ...(facts.key === undefined
      ? []
      : [{ label: texts.facts.key, value: plainLine(facts.key, 200) }]),
    { label: at, value: instantText(facts.at, texts.locale) },
    ...(known ? [{ label: ip, value: facts.ip }] : []),
    ...(facts.userAgent === undefined
      ? []
      : [{ label: device, value: deviceText(facts.userAgent, texts.facts) }]),
  ]
}

/** How long something lasts: `30 minutes`, `24 hours`, `7 days`. Days from two on. */
export function durationText(ms: number, locale: string): string {
  const write = (value: number, unit: string) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value)
  if (ms >= 2 * dayMs && ms % dayMs === 0) return write(ms / dayMs, 'day')
  if (ms >= hourMs && ms % hourMs === 0) return write(ms / hourMs, 'hour')
  return write(Math.max(1, Math.floor(ms / minuteMs)), 'minute')
}

/** Date and time to the minute. In UTC, and saying so: where the reader is, nobody knows. */
export function instantText(at: number, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, {
    ...{ year: 'numeric', month: 'long', day: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', timeZone: 'UTC', timeZoneName: 'short' },
  })
  return format.format(at)
}

function deviceText(userAgent: string, words: FactWords): string {
  const { browser, system } = deviceOf(userAgent)
  if (browser && system) return fill(words.on, { browser, system })
  return browser ?? system ?? words.unknownDevice
}
