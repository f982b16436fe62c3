import type { Route } from './route.ts'

export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route; readonly params: Record<string, string> }
  | { readonly kind: 'method'; readonly allow: readonly string[] }
  | { readonly kind: 'none' }

interface Entry {
  readonly route: Route
  readonly segments: readonly string[]
}

/**
 * Finds the route of a path, letter by letter: no decoding, no case folding, no slash forgiven. What
 * the policy of a route guards is therefore exactly what its handler answers.
 */
export class Router {
  readonly #byLength = new Map<number, Entry[]>()

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route)
  }

  match(method: string, path: string): RouteMatch {
    const parts = path.split('/')
    const found = (this.#byLength.get(parts.length) ?? []).filter((entry) => fits(entry, parts))
    const asked = method === 'HEAD' ? 'GET' : method
    const hit = found.find((entry) => entry.route.method === asked)
    if (hit) return { kind: 'route', route: hit.route, params: paramsOf(hit, parts) }
    if (found.length === 0) return { kind: 'none' }
    return { kind: 'method', allow: [...new Set(found.map((entry) => entry.route.method))] }
  }

  #add(route: Route): void {
    const segments = route.path.split('/')
    const siblings = this.#byLength.get(segments.length) ?? []
    const twin = siblings.find(
      (entry) => entry.route.method === route.method && shape(entry.segments) === shape(segments),
    )
    if (twin) throw new Error(`two routes answer ${route.method} ${route.path}`)
    // Literal segments first, so that `/auth/me` is never read as `/auth/{id}`.
    this.#byLength.set(
      segments.length,
      [...siblings, { route, segments }].sort((a, b) => paramCount(a) - paramCount(b)),
    )
  }
}

const isParam = (segment: string) => segment.startsWith('{')
const shape = (segments: readonly string[]) =>
  segments.map((s) => (isParam(s) ? '{}' : s)).join('/')
const paramCount = (entry: Entry) => entry.segments.filter(isParam).length

function fits(entry: Entry, parts: readonly string[]): boolean {
  return entry.segments.every((segment, at) =>
    isParam(segment) ? parts[at] !== '' : segment === parts[at],
  )
}

function paramsOf(entry: Entry, parts: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {}
  entry.segments.forEach((segment, at) => {
    if (isParam(segment)) params[segment.slice(1, -1)] = parts[at] ?? ''
  })
  return params
}
