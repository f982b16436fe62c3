import type { Express, RequestHandler } from 'express'

type OnePath = string | RegExp

/** The parts of Express' router that the walk reads; checked by tests against the installed version. */
export interface Layer {
  handle: RequestHandler & { readonly stack?: Layer[]; readonly params?: object }
  /** Name of the handler when it was added. */
  readonly name: string
  readonly route?: { readonly stack: Layer[] }
  readonly slash?: boolean
  readonly method?: string
  readonly rawPath?: OnePath | readonly OnePath[]
}

/** A router: of an app, or one made by `express.Router()`. */
export interface RouterLike {
  readonly stack: Layer[]
  /** Whether capital letters tell its paths apart, and a slash at their end. */
  readonly caseSensitive?: boolean | undefined
  readonly strict?: boolean | undefined
  /** Callbacks of `router.param`. */
  readonly params?: object
}

export function routerOf(app: Express): RouterLike {
  return app.router as unknown as RouterLike
}

export function isApp(value: unknown): value is Express {
  return typeof value === 'function' && 'handle' in value && 'set' in value && 'engine' in value
}

/** The paths of a layer as written; none for middleware that every path passes. */
export function pathsOf(layer: Layer): readonly OnePath[] {
  return layer.slash ? [] : [layer.rawPath ?? ''].flat()
}

/** Whether every request that reaches `layer` has passed `gate`, which stands before it. */
export function covers(gate: Layer, layer: Layer): boolean {
  if (gate.slash) return true
  const paths = pathsOf(layer)
  return (
    paths.length > 0 && paths.every((path) => pathsOf(gate).some((wide) => reaches(wide, path)))
  )
}

/** Plain segments and whole parameters: their text alone tells what lies below them. */
const plainPath = /^(?:\/:?[A-Za-z0-9_.~-]+)+$/

/** Two texts are compared, never what they match: where that leaves a doubt the answer is no. */
function reaches(wide: OnePath, path: OnePath): boolean {
  if (typeof wide !== 'string' || typeof path !== 'string') {
    // A regular expression that keeps its place matches every other time.
    return wide === path && wide instanceof RegExp && !wide.global && !wide.sticky
  }
  const prefix = wide.endsWith('/') ? wide.slice(0, -1) : wide
  return plainPath.test(prefix) && (path === prefix || path.startsWith(`${prefix}/`))
}
