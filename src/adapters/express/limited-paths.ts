import type { Request } from 'express'
import {
  type AskedPath,
  anySpelling,
  askedPath,
  mayLieBelow,
  mayMatch,
  type PathPattern,
  patternOf,
} from './path-pattern.ts'
import { isGate, isLimit } from './types.ts'
import type { Found } from './walk.ts'

interface Place {
  readonly method: string
  readonly path: PathPattern
  readonly limited: boolean
}

/**
 * Knows which requests go to a route with a limit of its own before any router has looked, so that a quota
 * which is used up does not refuse them. In doubt the answer is no, and the quota refuses as anywhere. What
 * every request passes, such as parsers, is no doubt: where it answers, the quota is paid when it has.
 */
export class LimitedPaths {
  #places: readonly Place[] = []

  /** Takes over the routes of an app, in the order in which a request passes them. */
  learn(found: readonly Found[]): void {
    const routes = found.filter(mayEndAPath)
    const last = routes.findLastIndex(({ limited }) => limited)
    this.#places = routes.slice(0, last + 1).map(placeOf)
  }

  /** Whether the first route that may answer this request has a limit of its own. */
  has(request: Request): boolean {
    if (this.#places.length === 0) return false
    const asked = askedPath(request)
    const first = this.#places.find(({ method, path }) => {
      return mayAnswer(method, request.method) && mayTake(method, path, asked)
    })
    return first?.limited === true
  }
}

function placeOf({ entry: { method, path }, limited, spelling }: Found): Place {
  const pattern = patternOf(path, limited ? spelling : anySpelling)
  return { method, path: pattern, limited: limited === true && pattern !== undefined }
}

/** Routes, and middleware of a path: it may be all that answers there, unless it decides and passes on. */
function mayEndAPath({ entry: { method }, layers: [layer] }: Found): boolean {
  if (method !== 'USE') return method !== 'PARAM'
  if (!layer || isGate(layer.handle) || isLimit(layer.handle)) return false
  const passedByAll = layer.slash === true && layer.name !== 'mounted_app'
  const isForErrors = layer.handle.length > 3
  return !passedByAll && !isForErrors
}

function mayTake(method: string, path: PathPattern, asked: AskedPath): boolean {
  return method === 'USE' ? mayLieBelow(path, asked) : mayMatch(path, asked)
}

/** Routes of GET answer HEAD, too. */
function mayAnswer(method: string, asked: string): boolean {
  return (
    method === 'ALL' ||
    method === 'USE' ||
    method === asked ||
    (method === 'GET' && asked === 'HEAD')
  )
}
