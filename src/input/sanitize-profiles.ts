import type { IOptions } from 'sanitize-html'
import { safeUrl } from './safe-url.ts'

/** The profiles of `sanitizeHtml`. */
export type HtmlProfile = 'text' | 'basic' | 'rich'

const basicTags = ['a', 'b', 'br', 'em', 'i', 'li', 'ol', 'p', 'strong', 'ul']
const richTags = [
  ...[...basicTags, 'blockquote', 'code', 'pre', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'img'],
  ...['table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td'],
]

/** How deep elements stand inside each other; what lies deeper keeps its text alone. */
const nestingLimit = 50

const shared: IOptions = {
  nestingLimit,
  allowedStyles: {},
  parseStyleAttributes: false,
  allowedClasses: {},
  allowVulnerableTags: false,
  allowedSchemes: ['https', 'http', 'mailto'],
  allowedSchemesByTag: { img: ['https'] },
  allowedSchemesAppliedToAttributes: ['href', 'src'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  enforceHtmlBoundary: false,
  nonTextTags: [
    ...['script', 'style', 'textarea', 'option', 'noscript', 'template', 'title', 'xmp', 'iframe'],
    ...['noembed', 'noframes', 'plaintext', 'object', 'svg', 'math', 'select', 'button'],
  ],
  transformTags: { a: linkOf, img: pictureOf },
}

/**
 * What each profile lets through. Frozen: a profile means the same everywhere.
 * @internal its type is of a package that an app may not have
 */
export const htmlProfiles: Readonly<Record<HtmlProfile, IOptions>> = Object.freeze({
  text: { ...shared, allowedTags: [], allowedAttributes: {} },
  basic: {
    ...shared,
    allowedTags: basicTags,
    allowedAttributes: { a: ['href', 'rel'] },
  },
  rich: {
    ...shared,
    allowedTags: richTags,
    allowedAttributes: {
      a: ['href', 'rel'],
      img: ['src', 'alt', 'width', 'height', 'loading'],
      th: ['colspan', 'rowspan', 'scope'],
      td: ['colspan', 'rowspan'],
      ol: ['start'],
    },
  },
})

/** A link leads where a browser can only read it in one way, and tells search engines that it is a stranger's. */
function linkOf(tagName: string, attribs: Readonly<Record<string, string>>) {
  const href = safeUrl(attribs.href ?? '')
  return {
    tagName,
    attribs: href === undefined ? {} : { href, rel: 'nofollow noopener ugc' },
  }
}

function pictureOf(tagName: string, attribs: Readonly<Record<string, string>>) {
  const { alt, height, width } = attribs
  const src = safeUrl(attribs.src ?? '', { schemes: ['https'], relative: false })
  const size = (value: string | undefined) =>
    value !== undefined && /^\d{1,4}$/.test(value) ? value : undefined
  const kept = { src, alt, width: size(width), height: size(height), loading: 'lazy' }
  const entries = Object.entries(kept).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return { tagName, attribs: Object.fromEntries(entries) }
}
