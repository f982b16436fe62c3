import type { Express, RequestHandler } from 'express'
import { type Layer, routerOf } from './layers.ts'
import { copyMarks } from './types.ts'
import { type Found, type ManifestEntry, RouteWalk } from './walk.ts'

export interface ManifestOptions {
  /** Answers instead of a route that states no policy. */
  readonly refuse: RequestHandler
  /** Hears of all there are, and of those closed just now, whenever routes were added. */
  readonly review: (found: readonly Found[], closed: readonly Found[]) => void
}

const growing = ['push', 'unshift', 'splice'] as const

/**
 * Reads the routes of an Express app and closes those that say nothing about who may call them: such
 * a route answers 503 `route_without_policy` instead of its handlers. Routes may be added at any
 * time, even by a handler in the middle of a request: a new one is judged before it is first run.
 */
export class RouteManifest {
  readonly #app: Express
  readonly #options: ManifestOptions
  readonly #subApps = new WeakMap<Layer, Express>()
  readonly #hooked = new WeakSet<Layer[]>()
  readonly #closed = new WeakSet<Layer>()
  readonly #pending = new Map<
    Layer,
    { readonly original: Layer['handle']; readonly proxy: RequestHandler }
  >()
  #dirty = true

  constructor(app: Express, options: ManifestOptions) {
    this.#app = app
    this.#options = options
  }

  /** Says which app stands behind a layer that `app.use(subApp)` has made. */
  rememberApp(layer: Layer, app: Express): void {
    this.#subApps.set(layer, app)
    this.#dirty = true
  }

  /** Closes what states no policy. Costs nothing unless something was added since the last time. */
  enforce(): void {
    if (!this.#dirty) return
    const found = this.#walk()
    const bare = found.filter(({ entry }) => !entry.policy && !entry.unclassified)
    const fresh = bare.filter(({ layers }) => layers.some((layer) => !this.#closed.has(layer)))
    for (const { layers } of fresh) for (const layer of layers) this.#close(layer)
    this.#dirty = false
    this.#options.review(found, fresh)
  }

  entries(): readonly ManifestEntry[] {
    return Object.freeze(this.#walk().map(({ entry }) => entry))
  }

  #walk(): readonly Found[] {
    for (const [layer, { original, proxy }] of this.#pending) {
      if (layer.handle === proxy) layer.handle = original
    }
    this.#pending.clear()
    const walk = new RouteWalk((layer) => this.#subApps.get(layer))
    walk.router(routerOf(this.#app))
    for (const stack of walk.stacks) this.#hook(stack)
    return walk.found
  }

  #close(layer: Layer): void {
    this.#closed.add(layer)
    layer.handle = this.#options.refuse
  }

  /** From now on whatever is put into `stack` is noticed. */
  #hook(stack: Layer[]): void {
    if (this.#hooked.has(stack)) return
    this.#hooked.add(stack)
    for (const name of growing) {
      const method = stack[name] as (...values: unknown[]) => unknown
      const value = (...values: unknown[]) => {
        for (const one of values) if (isLayer(one)) this.#await(one)
        this.#dirty = true
        return method.apply(stack, values)
      }
      Object.defineProperty(stack, name, { configurable: true, writable: true, value })
    }
  }

  /** Puts a walk before the first run of a new layer. Error handlers answer nothing by themselves. */
  #await(layer: Layer): void {
    const original = layer.handle
    if (original.length > 3) return
    const proxy = copyMarks(original, (request, response, next) => {
      this.enforce()
      const open = !this.#closed.has(layer)
      return open
        ? original(request, response, next)
        : this.#options.refuse(request, response, next)
    })
    layer.handle = Object.assign(proxy, stackOf(original))
    this.#pending.set(layer, { original, proxy })
  }
}

/** A router is known by its stack. */
function stackOf({ params, stack }: Layer['handle']) {
  return stack ? { stack, ...(params ? { params } : {}) } : {}
}

function isLayer(value: unknown): value is Layer {
  return typeof value === 'object' && value !== null && 'handle' in value
}
