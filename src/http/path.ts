/** A request target split, with nothing decoded. */
export interface RequestTarget {
  /** Begins with `/`, exactly as sent. */
  readonly path: string
  /** Without `?`; empty when there is none. */
  readonly query: string
}

/**
 * Splits a request target (RFC 9112 section 3.2). Of the absolute form, `http://evil/x`, only the
 * path counts: its host is as little to be believed as the Host header. Undefined for the authority
 * and asterisk forms and for a target with a fragment, which no client may send.
 */
export function splitTarget(target: string): RequestTarget | undefined {
  const local = target.startsWith('/') ? target : stripAuthority(target)
  if (local === undefined || local.includes('#')) return undefined
  const mark = local.indexOf('?')
  return mark < 0
    ? { path: local, query: '' }
    : { path: local.slice(0, mark), query: local.slice(mark + 1) }
}

function stripAuthority(target: string): string | undefined {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target)
  if (!authority) return undefined
  const rest = target.slice(authority[0].length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

/**
 * Whether a path has only one reading: no empty or dot segments, no backslash, no `;` parameters, no
 * escapes of characters that could stand plainly or that separate segments, and whole escapes only.
 */
export function isCanonicalPath(path: string): boolean {
  if (!/^\/(?:[A-Za-z0-9\-._~!$&'()*+,=:@/]|%[89A-F][0-9A-F]|%20)*$/.test(path)) return false
  return !/\/\/|\/\.{1,2}(?:\/|$)/.test(path)
}

/**
 * Who answers a path. `own`: it is one of the prefixes or stands below one, letter by letter, and
 * canonical. `refused`: some router, proxy or file system could read it as ours, yet it is not
 * spelled so; it must reach nobody, and is answered 404. `other`: it belongs to the app.
 */
export type PathOwner = 'own' | 'other' | 'refused'

/** Decides who answers `path`. The prefixes are canonical, lower case, without a slash at the end. */
export function ownPath(path: string, prefixes: readonly string[]): PathOwner {
  if (startsBelow(path, prefixes)) return isCanonicalPath(path) ? 'own' : 'refused'
  return startsBelow(loosePath(path), prefixes) ? 'refused' : 'other'
}

function startsBelow(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some(
    (prefix) =>
      path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/'),
  )
}

/**
 * A path as forgiving readers take it: in small letters, `//` as `/`, escapes read, parameters and the
 * dots that Windows drops left out. There are two where it has dot segments: some readers climb, others
 * take them as they are. A rule about paths holds where it holds for one of them.
 */
export function pathReadings(path: string): readonly string[] {
  if (isPlain(path)) return [path]
  const climbed = loosePath(path)
  const flat = loosePath(path, false)
  return climbed === flat ? [climbed] : [climbed, flat]
}

/** Nothing about it can be read in another way. */
function isPlain(path: string): boolean {
  return /^\/(?:[a-z0-9_-]+\/)*[a-z0-9_-]*$/.test(path)
}

/** The path as the most forgiving reader would take it. Used to refuse, never to route. */
function loosePath(path: string, climbs = true): string {
  if (isPlain(path)) return path
  let text = path
  for (let round = 0; round < 3 && text.includes('%'); round += 1) text = unescapeBytes(text)
  const segments: string[] = []
  for (const part of text.toLowerCase().replaceAll('\\', '/').split('/')) {
    const segment = looseSegment(part)
    if (segment === '..' && climbs) segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return `/${segments.join('/')}`
}

/** Without parameters, without what follows a NUL, without the dots and blanks that Windows drops. */
function looseSegment(part: string): string {
  let end = part.search(/[;\0]/)
  if (end < 0) end = part.length
  if (part.slice(0, end) === '..') return '..'
  while (end > 0 && part.charCodeAt(end - 1) <= 0x20) end -= 1
  while (end > 0 && (part[end - 1] === '.' || part[end - 1] === ' ')) end -= 1
  return part.slice(0, end)
}

function unescapeBytes(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
