import type { Request } from 'express'
import { anySpelling, askedPath, mayMatch, type PathPattern, patternOf } from './path-pattern.ts'
import type { Found } from './walk.ts'

interface Place {
  readonly method: string
  readonly path: PathPattern
  readonly limited: boolean
}

/**
 * Knows which requests go to a route with a limit of its own before any router has looked, so that a quota
 * which is used up does not refuse them. In doubt the answer is no, and the quota refuses as anywhere.
 */
export class LimitedPaths {
  #places: readonly Place[] = []

  /** Takes over the routes of an app, in the order in which a request passes them. */
  learn(found: readonly Found[]): void {
    const routes = found.filter(({ entry }) => entry.method !== 'USE' && entry.method !== 'PARAM')
    const last = routes.findLastIndex(({ limited }) => limited)
    this.#places = routes.slice(0, last + 1).map(placeOf)
  }

  /** Whether the first route that may answer this request has a limit of its own. */
  has(request: Request): boolean {
    if (this.#places.length === 0) return false
    const asked = askedPath(request)
    const first = this.#places.find(({ method, path }) => {
      return mayAnswer(method, request.method) && mayMatch(path, asked)
    })
    return first?.limited === true
  }
}

function placeOf({ entry: { method, path }, limited, spelling }: Found): Place {
  const pattern = patternOf(path, limited ? spelling : anySpelling)
  return { method, path: pattern, limited: limited === true && pattern !== undefined }
}

/** Routes of GET answer HEAD, too. */
function mayAnswer(method: string, asked: string): boolean {
  return method === 'ALL' || method === asked || (method === 'GET' && asked === 'HEAD')
}
