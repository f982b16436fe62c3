import type { Exchange } from '../http/index.ts'

const mostRoutes = 5_000
const mostSegments = 30
const longestName = 150
const verbs = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** A group of Express' paths that may be missing, such as `{/:page}` and `{.:format}`. */
const optionalGroup = /\{([/.:*][^{}]*)\}/

/** Stands for every path that no known route has. */
export const unknownRoute = '(unknown route)'

interface Branch {
  readonly literals: Map<string, Branch>
  parameter?: Branch
  /** Parameters that stand behind a text, such as `report-:id`. */
  readonly partial: Map<string, Branch>
  /** The route that ends here. */
  here?: string
  /** The route that takes whatever follows. */
  rest?: string
}

/**
 * Knows the routes of the app and of Holdfast, so that a request is told by what the code wrote,
 * `GET /orders/:id`, and never by what was sent: nobody outside chooses a word of it, and there are no
 * more names than routes.
 */
export class RouteNames {
  readonly #root: Branch = newBranch()
  readonly #known = new Set<string>()

  /**
   * Makes paths known, as routers write them: `/orders/:id`, `/orders/{id}`, `/files/*path`. Regular
   * expressions are left out. After 5,000 nothing more is learnt.
   */
  learn(paths: readonly string[]): void {
    for (const path of paths) {
      if (this.#known.has(path) || this.#known.size >= mostRoutes || !isReadable(path)) continue
      this.#known.add(path)
      for (const variant of variantsOf(path)) this.#add(variant, path.slice(0, longestName))
    }
  }

  /** The method and the route of a request. */
  nameOf({ method, path }: Pick<Exchange, 'method' | 'path'>): string {
    const verb = verbs.has(method) ? method : 'OTHER'
    const segments = segmentsOf(path)
    const route = segments.length > mostSegments ? undefined : find(this.#root, segments, 0)
    return `${verb} ${route ?? unknownRoute}`
  }

  #add(path: string, name: string): void {
    let branch = this.#root
    for (const segment of segmentsOf(path)) {
      if (segment.startsWith('*')) {
        branch.rest ??= name
        return
      }
      branch = next(branch, segment)
    }
    branch.here ??= name
  }
}

function newBranch(): Branch {
  return { literals: new Map(), partial: new Map() }
}

function next(branch: Branch, segment: string): Branch {
  const [literal = ''] = segment.toLowerCase().split(/[:*{}]/, 1)
  if (literal === '') {
    branch.parameter ??= newBranch()
    return branch.parameter
  }
  const children = literal.length < segment.length ? branch.partial : branch.literals
  const known = children.get(literal) ?? newBranch()
  children.set(literal, known)
  return known
}

function find(branch: Branch, segments: readonly string[], at: number): string | undefined {
  const segment = segments[at]
  if (segment === undefined) return branch.here ?? branch.rest
  for (const child of childrenFor(branch, segment.toLowerCase())) {
    const found = find(child, segments, at + 1)
    if (found !== undefined) return found
  }
  return branch.rest
}

/** The closest first. */
function childrenFor({ literals, parameter, partial }: Branch, segment: string): readonly Branch[] {
  const literal = literals.get(segment)
  return [
    ...(literal ? [literal] : []),
    ...[...partial].filter(([text]) => segment.startsWith(text)).map(([, child]) => child),
    ...(parameter && segment !== '' ? [parameter] : []),
  ]
}

/** Routers take a slash at the end for nothing. */
function segmentsOf(path: string): readonly string[] {
  const segments = path.split('/', mostSegments + 3).slice(1)
  if (segments.at(-1) === '') segments.pop()
  return segments
}

function isReadable(path: string): boolean {
  return path.startsWith('/') && !/[\\^$()|[\]]/.test(path)
}

/** With and without each of its optional groups. */
function variantsOf(path: string, depth = 0): readonly string[] {
  const group = depth < 4 ? optionalGroup.exec(path) : null
  if (!group) return [path]
  const [whole, inner = ''] = group
  return [path.replace(whole, ''), path.replace(whole, inner)].flatMap((one) =>
    variantsOf(one, depth + 1),
  )
}
