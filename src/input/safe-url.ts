/** What an address may be. */
export interface SafeUrlOptions {
  /** Without colon; default `https`, `http` and `mailto`. */
  readonly schemes?: readonly string[]
  /** Whether an address of our own site, `/orders?page=2`, `#top` or `page`, is one; default yes. */
  readonly relative?: boolean
}

const usual: readonly string[] = ['https', 'http', 'mailto']

/**
 * The text when it is an address that is safe in `href` or `src`, else undefined. It is judged as browsers
 * read it (URL standard, section 4.4): they drop tabs and line breaks wherever they stand and control
 * characters at the ends, so a text that holds any is none. Neither are `//host` and `/\host`, which lead
 * to another site. It still has to be encoded for the place where it is written, by `encodeHtml` or `html`.
 * Where somebody is sent to, the origin has to be compared as well.
 */
export function safeUrl(text: string, options: SafeUrlOptions = {}): string | undefined {
  const { relative = true, schemes = usual } = options
  if (text.length > 8_192 || !text.isWellFormed()) return undefined
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop them, so they hide a scheme
  if (/[\x00-\x20\x7f-\x9f\\]/.test(text) || text === '') return undefined
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]
  if (scheme !== undefined) return isTaken(text, scheme.toLowerCase(), schemes) ? text : undefined
  const isOwn = relative && !text.startsWith('//') && isOwnAddress(text)
  return isOwn ? text : undefined
}

/** `javascript:` and its kin run what follows, so that no list of schemes makes them safe. */
const running: readonly string[] = ['javascript', 'vbscript', 'data', 'blob', 'filesystem']

function isTaken(text: string, scheme: string, schemes: readonly string[]): boolean {
  const asked = schemes.some((one) => one.toLowerCase() === scheme)
  if (!asked || running.includes(scheme) || !URL.canParse(text)) return false
  const url = new URL(text)
  return url.protocol === `${scheme}:` && url.username === '' && url.password === ''
}

/** Whether a browser finds the address on the site of the page, whichever that is. */
function isOwnAddress(text: string): boolean {
  const base = 'https://own.invalid/a/b'
  return URL.canParse(text, base) && new URL(text, base).origin === 'https://own.invalid'
}
