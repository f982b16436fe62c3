/** What makes a path be read in two ways. */
export type PathFault =
  | 'control_character'
  | 'not_ascii'
  | 'backslash'
  | 'encoded_slash'
  | 'dot_segment'
  | 'bad_encoding'

export interface PathRules {
  /** `allow` where an app takes parameters with `%2F`. */
  readonly encodedSlash: 'refuse' | 'allow'
}

/**
 * Finds what lets a router, a proxy, a file system and a guard read one path differently: dot segments in
 * any spelling, backslashes, `%2F`, control characters and NUL, half escapes, bytes that are no UTF-8
 * (RFC 3986 sections 2.1, 3.3 and 6.2.2). Case, `//`, `;` and a dot at the end are no fault: they have one
 * reading here, and rules about paths know their others. Linear in the length of the path.
 */
export function findPathFault(path: string, rules: PathRules): PathFault | undefined {
  if (/^\/(?:[A-Za-z0-9\-_~!$&'()*+,;=:@]+\/)*[A-Za-z0-9\-_~!$&'()*+,;=:@]*$/.test(path))
    return undefined
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\0-\x1f\x7f]|%(?:[01][0-9a-f]|7f)/i.test(path)) return 'control_character'
  if (/[^\x20-\x7e]/.test(path)) return 'not_ascii'
  if (/\\|%5c/i.test(path)) return 'backslash'
  if (rules.encodedSlash === 'refuse' && /%2f/i.test(path)) return 'encoded_slash'
  if (hasDotSegment(path)) return 'dot_segment'
  return isUtf8(path) ? undefined : 'bad_encoding'
}

/** Also behind `%2F`, before `;` and with escaped dots; a segment of more than two dots is a name. */
function hasDotSegment(path: string): boolean {
  return /(?:\/|%2f)(?:\.|%2e){1,2}(?:[/;]|%2f|%3b|$)/i.test(path)
}

/** `decodeURIComponent` refuses half escapes, overlong forms and halves of surrogate pairs alike. */
function isUtf8(path: string): boolean {
  if (!path.includes('%')) return true
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
