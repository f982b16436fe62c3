import type { Request } from 'express'

/** Segments in small letters, a parameter as undefined; undefined as a whole for a path that text does not tell. */
export type PathPattern = readonly (string | undefined)[] | undefined

/** Whole segments that are text or a parameter: their text alone tells what they match. */
const plainSegment = /^(?::[A-Za-z_]\w*|[A-Za-z0-9_.~-]+)$/

/** Reads the path of a route as it was written. */
export function patternOf(path: string): PathPattern {
  const written = path.replace(/\/$/, '').split('/').slice(1)
  const isPlain = path.startsWith('/') && written.every((segment) => plainSegment.test(segment))
  if (!isPlain) return undefined
  return written.map((segment) => (segment[0] === ':' ? undefined : segment.toLowerCase()))
}

/** What a request asks for, to be compared with patterns. */
export function segmentsOf(request: Request): readonly string[] {
  const [path = ''] = (request.originalUrl ?? request.url).split('?', 1)
  return path.toLowerCase().replace(/\/$/, '').split('/').slice(1)
}

/** Whether a router may take a path for this route; in doubt it may. */
export function mayMatch(pattern: PathPattern, asked: readonly string[]): boolean {
  if (!pattern) return true
  if (pattern.length !== asked.length) return false
  return pattern.every(
    (segment, at) => segment === asked[at] || (segment === undefined && asked[at] !== ''),
  )
}
