import type { Express, RequestHandler } from 'express'
import { accessErrors } from '../../access/index.ts'
import { answerOfProblem } from '../../http/index.ts'
import { markPolicy, policyOf, type RoutePolicyMark } from './types.ts'

/** A route of the app and what it says about who may call it. */
export interface ManifestEntry {
  /** Upper case; `ALL` for a route that answers every method; `USE` for middleware. */
  readonly method: string
  readonly path: string
  readonly policy: RoutePolicyMark | undefined
  /** Pathless middleware, which every request passes: listed, and not refused. */
  readonly unclassified: boolean
}

/** The parts of Express' router that the walk reads; checked by tests against the installed version. */
interface Layer {
  handle: RequestHandler & { readonly stack?: Layer[] }
  readonly route?: { readonly path: string; readonly stack: Layer[] }
  readonly slash?: boolean
  readonly method?: string
  readonly rawPath?: string | RegExp | readonly (string | RegExp)[]
}

interface WalkedApp {
  readonly router: { readonly stack: Layer[] }
}

/**
 * Reads the routes of an Express app and closes those that say nothing about who may call them: such
 * a route answers 503 `route_without_policy` instead of its handlers. Routes may be added at any
 * time; the walk is repeated when the number of layers has changed.
 */
export class RouteManifest {
  readonly #apps: WalkedApp[]
  readonly #onBare: (entry: ManifestEntry) => void
  readonly #mountPaths = new Map<WalkedApp, string>()
  readonly #closed = new WeakSet<Layer>()
  readonly #stacks = new Set<readonly unknown[]>()
  #layers = -1

  constructor(app: Express, onBare: (entry: ManifestEntry) => void) {
    this.#apps = [app as unknown as WalkedApp]
    this.#onBare = onBare
  }

  /** Another app, mounted below `path`. */
  addApp(app: Express, path: string): void {
    this.#apps.push(app as unknown as WalkedApp)
    this.#mountPaths.set(app as unknown as WalkedApp, path)
    this.#layers = -1
  }

  /** Closes what states no policy, if anything was added since the last time. */
  enforce(): void {
    if (this.#layers === this.#count()) return
    for (const { entry, layer } of this.#walk()) {
      if (entry.policy || entry.unclassified || this.#closed.has(layer)) continue
      this.#close(layer)
      this.#onBare(entry)
    }
    this.#layers = this.#count()
  }

  entries(): ManifestEntry[] {
    return this.#walk().map(({ entry }) => entry)
  }

  #count(): number {
    let count = this.#apps.length
    for (const stack of this.#stacks) count += stack.length
    for (const app of this.#apps) count += app.router.stack.length
    return count
  }

  #walk(): Walked[] {
    this.#stacks.clear()
    return this.#apps.flatMap((app) =>
      this.#walkStack(app.router.stack, {
        path: this.#mountPaths.get(app) ?? '',
        policy: undefined,
      }),
    )
  }

  #walkStack(stack: Layer[], inherited: Inherited): Walked[] {
    this.#stacks.add(stack)
    let { policy } = inherited
    return stack.flatMap((layer) => {
      const own = policyOf(layer.handle)
      if (layer.route) return this.#walkRoute(layer, { path: inherited.path, policy })
      const path = inherited.path + pathOf(layer)
      const below = layer.handle.stack
      if (below) return this.#walkStack(below, { path, policy })
      if (own && pathOf(layer) === '') policy = own
      return [walkedMiddleware(layer, path, own ?? policy)]
    })
  }

  #walkRoute(layer: Layer, inherited: Inherited): Walked[] {
    const { path, stack } = layer.route ?? { path: '', stack: [] }
    this.#stacks.add(stack)
    const byMethod = new Map<string, Layer[]>()
    for (const step of stack) {
      const method = step.method?.toUpperCase() ?? 'ALL'
      byMethod.set(method, [...(byMethod.get(method) ?? []), step])
    }
    return [...byMethod].map(([method, steps]) => ({
      layer: steps[0] ?? layer,
      entry: {
        method,
        path: inherited.path + String(path),
        // The guard stands first: whatever stands before it would run unguarded.
        policy: policyOf(steps[0]?.handle) ?? inherited.policy,
        unclassified: false,
      },
    }))
  }

  #close(layer: Layer): void {
    this.#closed.add(layer)
    layer.handle = markPolicy(
      (_request, response) => {
        const { headers, json, status } = answerOfProblem(accessErrors.route_without_policy())
        response.writeHead(status, headers as Record<string, string>)
        response.end(JSON.stringify(json))
      },
      { kind: 'open' },
    )
  }
}

interface Inherited {
  readonly path: string
  readonly policy: RoutePolicyMark | undefined
}

interface Walked {
  readonly entry: ManifestEntry
  readonly layer: Layer
}

function walkedMiddleware(layer: Layer, path: string, policy: RoutePolicyMark | undefined): Walked {
  const forErrors = layer.handle.length === 4
  const mounted = layer.handle.name === 'mounted_app'
  const pathless = pathOf(layer) === ''
  const unclassified = policy === undefined && (pathless || forErrors || mounted)
  return { layer, entry: { method: 'USE', path: path || '/', policy, unclassified } }
}

/** The mount path as written; empty for middleware that every path passes. */
function pathOf(layer: Layer): string {
  return layer.slash ? '' : String(layer.rawPath ?? '')
}
