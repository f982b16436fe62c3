import { english, type PageTexts } from './english.ts'
import { german } from './german.ts'

export { english, type PageTexts } from './english.ts'

/** Languages of the pages. */
export type PageLanguage = 'en' | 'de'

const languages: Readonly<Record<PageLanguage, PageTexts>> = { en: english, de: german }

/** Every word of the pages in one language. `{names}` are filled in. */
export function textsOf(language: PageLanguage): PageTexts {
  return languages[language]
}

/** Puts values in the places of `{names}`; a value that holds braces is not read again. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? place) : place,
  )
}

/** A span in the largest unit that says it whole: `30 days`, `12 hours`. Never less than it is. */
export function spanText(ms: number, language: string): string {
  const [unit, size] = spanUnits.find(([, size]) => ms >= size && ms % size === 0) ?? lastUnit
  const format = { style: 'unit', unit, unitDisplay: 'long' } as Intl.NumberFormatOptions
  return new Intl.NumberFormat(language, format).format(Math.ceil(ms / size))
}

const lastUnit = ['minute', 60_000] as const
const spanUnits = [['day', 86_400_000], ['hour', 3_600_000], lastUnit] as const
