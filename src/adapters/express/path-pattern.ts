import type { Request } from 'express'

/** What tells two paths apart in the router that a route was written on. */
export interface Spelling {
  /** Capital letters do. */
  readonly sensitive: boolean
  /** A slash at the end does. */
  readonly strict: boolean
}

/** The widest reading: what no router takes for other than the same. */
export const anySpelling: Spelling = Object.freeze({ sensitive: false, strict: false })

/** A path whose text tells what it matches; undefined where that takes more than text. */
export type PathPattern = Plain | undefined

interface Plain {
  /** In small letters unless capitals count; a parameter is undefined. */
  readonly segments: readonly (string | undefined)[]
  readonly slash: boolean
  readonly spelling: Spelling
}

/** What a request asks for, to be compared with patterns. */
export interface AskedPath {
  readonly segments: readonly string[]
  /** The same in small letters. */
  readonly small: readonly string[]
  /** It ends in a slash. */
  readonly slash: boolean
}

/** Whole segments that are text or a parameter: their text alone tells what they match. */
const plainSegment = /^(?::[A-Za-z_]\w*|[A-Za-z0-9_.~-]+)$/

/** Reads the path of a route as it was written, for a router that tells paths apart by `spelling`. */
export function patternOf(path: string, spelling: Spelling): PathPattern {
  const written = segmentsOf(path)
  const isPlain = path.startsWith('/') && written.every((segment) => plainSegment.test(segment))
  if (!isPlain) return undefined
  const segments = written.map((segment) => {
    if (segment[0] === ':') return undefined
    return spelling.sensitive ? segment : segment.toLowerCase()
  })
  return { segments, slash: path.endsWith('/'), spelling }
}

export function askedPath(request: Request): AskedPath {
  const [path = ''] = (request.originalUrl ?? request.url).split('?', 1)
  const segments = segmentsOf(path)
  const small = segments.map((segment) => segment.toLowerCase())
  return { segments, small, slash: path.endsWith('/') }
}

/** Whether a router may take a path for this route; in doubt it may. */
export function mayMatch(pattern: PathPattern, asked: AskedPath): boolean {
  if (!pattern) return true
  const { segments, slash, spelling } = pattern
  if (segments.length !== asked.small.length) return false
  if (spelling.strict && slash !== asked.slash) return false
  return beginsAs(pattern, asked)
}

/** Whether middleware of this path may be passed on the way to another; in doubt it may. */
export function mayLieBelow(pattern: PathPattern, asked: AskedPath): boolean {
  return !pattern || beginsAs(pattern, asked)
}

function beginsAs({ segments, spelling }: Plain, asked: AskedPath): boolean {
  const spelled = spelling.sensitive ? asked.segments : asked.small
  return segments.every((segment, at) => {
    if (segment === undefined) return spelled[at] !== undefined && spelled[at] !== ''
    return segment === spelled[at]
  })
}

function segmentsOf(path: string): readonly string[] {
  return path.replace(/\/$/, '').split('/').slice(1)
}
