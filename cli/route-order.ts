import type { ListedRoute } from './route-list.ts'

/** A route that a request met first, and meets later now or not at all. */
export interface Overtaken {
  readonly route: ListedRoute
  readonly isGone: boolean
}

/** Routes in the order in which a request passes them, before and after. */
export interface Orders {
  readonly before: readonly ListedRoute[]
  readonly after: readonly ListedRoute[]
  /** For each route of `after` its place in `before`; undefined for one that is new. */
  readonly places: readonly (number | undefined)[]
}

/**
 * For each route that was there before, those that it has overtaken: they came first, some request goes to
 * both, and now they come later or are gone. Middleware of which there is less than before is left out:
 * it has no name, so that nobody can say which piece is gone.
 */
export function overtakings(orders: Orders): readonly (readonly Overtaken[])[] {
  const { before, places } = orders
  const placesNow = new Map(places.map((place, at) => [place, at]))
  const lost = before.filter((route, at) => route.unclassified && !placesNow.has(at))
  const unsure = new Set(lost.map(keyOf))
  const grounds = before.map(groundOf)
  return places.map((place, at) => {
    const ground = place === undefined ? undefined : grounds[place]
    if (!ground) return []
    return before.slice(0, place).flatMap((route, was): Overtaken[] => {
      const now = placesNow.get(was)
      if (now !== undefined && now < at) return []
      if (route.unclassified && unsure.has(keyOf(route))) return []
      const other = grounds[was]
      return other && meet(ground, other) ? [{ route, isGone: now === undefined }] : []
    })
  })
}

/** By what a route is known in another list: those that look alike are told apart by their order. */
export function keyOf({ method, path }: ListedRoute): string {
  return `${method} ${path}`
}

/** The method of requests that go to both of two routes. */
export function commonMethod(one: ListedRoute, other: ListedRoute): string {
  return isOfAll(one) ? other.method : one.method
}

/** Which requests go to a route. */
interface Ground {
  /** Undefined for every method. */
  readonly method: string | undefined
  readonly steps: readonly Step[]
  /** Whether longer paths go there too. */
  readonly isPrefix: boolean
}

/** A part of a path: text, any text, or whatever begins with a text, slashes and all. */
type Step = { readonly text: string } | { readonly any: true } | { readonly rest: string }

function groundOf(route: ListedRoute): Ground {
  const { method, path } = route
  return {
    // GET answers HEAD.
    method: isOfAll(route) ? undefined : method === 'HEAD' ? 'GET' : method,
    steps: stepsOf(path),
    isPrefix: method === 'USE' || method === 'PARAM',
  }
}

function isOfAll({ method }: ListedRoute): boolean {
  return method === 'ALL' || method === 'USE' || method === 'PARAM'
}

/** What is no plain text and no parameter, such as a wildcard or a regular expression, may be anything. */
function stepsOf(path: string): readonly Step[] {
  const steps: Step[] = []
  for (const part of path.toLowerCase().split('/')) {
    const odd = part.search(/[^\w\-.~%@,;=&':\u0080-\uffff]/)
    if (odd >= 0) return [...steps, { rest: part.slice(0, odd).replace(/:.*/, '') }]
    if (part.includes(':')) steps.push({ any: true })
    else if (part !== '') steps.push({ text: part })
  }
  return steps
}

function meet(one: Ground, other: Ground): boolean {
  const isOneMethod = one.method === other.method
  return (isOneMethod || !one.method || !other.method) && pathsMeet(one, other)
}

function pathsMeet(one: Ground, other: Ground): boolean {
  for (let at = 0; ; at++) {
    const [a, b] = [one.steps[at], other.steps[at]]
    if (!a && !b) return true
    if (!a) return one.isPrefix || isEmpty(b)
    if (!b) return other.isPrefix || isEmpty(a)
    if ('rest' in a || 'rest' in b) return startAlike(a, b)
    if ('text' in a && 'text' in b && a.text !== b.text) return false
  }
}

function isEmpty(step: Step | undefined): boolean {
  return step !== undefined && 'rest' in step && step.rest === ''
}

function startAlike(one: Step, other: Step): boolean {
  if ('any' in one || 'any' in other) return true
  const [a, b] = [startOf(one), startOf(other)]
  return ('rest' in one && b.startsWith(a)) || ('rest' in other && a.startsWith(b))
}

function startOf(step: Step): string {
  if ('any' in step) return ''
  return 'rest' in step ? step.rest : step.text
}
