import { createRequire } from 'node:module'
import type SanitizeHtml from 'sanitize-html'
import { inputErrors } from './errors.ts'
import { boundNesting, type NestingParserClass } from './sanitize-nesting.ts'
import { type HtmlProfile, htmlProfiles } from './sanitize-profiles.ts'

/** Most characters that are cleaned; more is no text that people wrote. */
const mostCharacters = 1_000_000

/**
 * HTML that others wrote, with everything taken out that a profile does not name: `text` keeps no
 * element, `basic` simple formatting and links, `rich` headings, lists, tables and pictures as well. No
 * profile lets a script, a style, an id or a form through, and profiles cannot be changed: every option
 * of a sanitizer is a way to open it. Clean when the text is shown, and keep what was sent. It takes a
 * string and gives one; texts over a million characters throw a RangeError, a profile that is none a
 * TypeError. Needs the package `sanitize-html`; without it, `sanitizer_missing`.
 */
export function sanitizeHtml(html: string, profile: HtmlProfile): string {
  const options = Object.hasOwn(htmlProfiles, profile) ? htmlProfiles[profile] : undefined
  if (!options) {
    const names = Object.keys(htmlProfiles).join(', ')
    throw new TypeError(`sanitizeHtml(html, profile) takes one of the profiles ${names}`)
  }
  if (typeof html !== 'string') throw new TypeError('sanitizeHtml(html, profile) takes a text')
  if (html.length > mostCharacters) throw new RangeError('The HTML is too long to be cleaned.')
  const text = html.toWellFormed().replaceAll('\0', '\ufffd')
  const { clean, Parser } = sanitizer()
  return clean(boundNesting(text, Parser), options)
}

interface Sanitizer {
  readonly clean: typeof SanitizeHtml
  /** The parser of that sanitizer. */
  readonly Parser: NestingParserClass
}

/** Loaded when the first text is cleaned, so that nobody else needs the package. */
function sanitizer(): Sanitizer {
  const require = createRequire(import.meta.url)
  try {
    const clean = require('sanitize-html') as typeof SanitizeHtml
    const below = createRequire(require.resolve('sanitize-html'))
    const { Parser } = below('htmlparser2') as { readonly Parser: NestingParserClass }
    return { clean, Parser }
  } catch (cause) {
    const explanation = 'sanitizeHtml needs a package: npm install sanitize-html'
    throw inputErrors.sanitizer_missing({ explanation, cause })
  }
}
