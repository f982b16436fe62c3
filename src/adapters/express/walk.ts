import { METHODS } from 'node:http'
import type { Express } from 'express'
import { type ControlMark, controlOf, controlsAmong } from './controls.ts'
import { covers, isApp, type Layer, pathsOf, type RouterLike, routerOf } from './layers.ts'
import { anySpelling, type Spelling } from './path-pattern.ts'
import { isGate, isLimit, policyOf, type RoutePolicyMark } from './types.ts'

/** A route of the app and what it says about who may call it. */
export interface ManifestEntry {
  /** Upper case; `ALL` for a route that answers every method; `USE` for middleware, `PARAM` for its callbacks. */
  readonly method: string
  readonly path: string
  readonly policy: RoutePolicyMark | undefined
  /** Pathless middleware, which every request passes: listed, and not refused. */
  readonly unclassified: boolean
  /** What every request has to pass beside the policy before the work is done; absent for nothing. */
  readonly controls?: readonly ControlMark[]
}

/** An entry with the layers that have to be closed when it states no policy. */
export interface Found {
  readonly entry: ManifestEntry
  readonly layers: readonly Layer[]
  /** How near a request has to come to the path; where its routers differ, that of the strictest. */
  readonly spelling: Spelling
  /** A policy that stands behind another handler of its route, where it speaks for nothing. */
  readonly late?: LatePolicy
  /** A limit of its own counts whatever reaches it, or refuses it before. */
  readonly limited?: true
}

export interface LatePolicy {
  readonly policy: RoutePolicyMark
  /** Place among the handlers of the route, from 1. */
  readonly place: number
}

interface Inherited {
  readonly paths: readonly string[]
  readonly policy: RoutePolicyMark | undefined
  readonly limited: boolean
  readonly controls: readonly ControlMark[]
  readonly spelling: Spelling
}

const outermost = { paths: [''], spelling: anySpelling } as const

/** Reads routers from top to bottom, as a request passes them. */
export class RouteWalk {
  readonly found: Found[] = []
  readonly stacks = new Set<Layer[]>()
  readonly #appOf: (layer: Layer) => Express | undefined

  /** @param appOf the app that a layer of `app.use(app)` stands for, where that is known. */
  constructor(appOf: (layer: Layer) => Express | undefined) {
    this.#appOf = appOf
  }

  router(
    router: RouterLike,
    inherited: Inherited = { ...outermost, policy: undefined, limited: false, controls: [] },
  ): void {
    this.stacks.add(router.stack)
    const gates: Layer[] = []
    const limits: Layer[] = []
    const controls: Layer[] = []
    this.#params(router, inherited)
    for (const layer of router.stack) {
      const gate = gates.findLast((earlier) => covers(earlier, layer))
      this.#layer(layer, {
        paths: join(inherited.paths, pathsOf(layer)),
        policy: policyOf(gate?.handle) ?? inherited.policy,
        limited: inherited.limited || limits.some((earlier) => covers(earlier, layer)),
        controls: [...inherited.controls, ...controlsOver(controls, layer)],
        spelling: spellingOf(layer, router, inherited.spelling),
      })
      if (layer.route) continue
      if (isGate(layer.handle)) gates.push(layer)
      if (isLimit(layer.handle)) limits.push(layer)
      if (controlOf(layer.handle)) controls.push(layer)
    }
  }

  #layer(layer: Layer, inherited: Inherited): void {
    const below = this.#below(layer)
    if (layer.route) this.#route(layer.route.stack, inherited)
    else if (below) this.router(below, inherited)
    else this.#middleware(layer, inherited)
  }

  #middleware(layer: Layer, inherited: Inherited): void {
    const policy = policyOf(layer.handle) ?? inherited.policy
    const passedByAll = layer.slash === true && layer.name !== 'mounted_app'
    const unclassified = policy === undefined && (passedByAll || layer.handle.length > 3)
    const { limited, paths, spelling } = inherited
    const aside = { spelling, ...(limited ? ({ limited } as const) : {}) }
    // Of what every request passes, and of the controls themselves, nobody asks more.
    const isBare = unclassified || isGate(layer.handle) || controlOf(layer.handle)
    const controls = isBare ? [] : inherited.controls
    this.#add(paths, [layer], { method: 'USE', policy, unclassified, ...told(controls) }, aside)
  }

  #below(layer: Layer): RouterLike | undefined {
    const app = this.#appOf(layer) ?? (isApp(layer.handle) ? layer.handle : undefined)
    if (app) return routerOf(app)
    return layer.handle.stack ? (layer.handle as unknown as RouterLike) : undefined
  }

  /** The first handler of a method decides: whatever stood before a guard would run unguarded. */
  #route(stack: Layer[], inherited: Inherited): void {
    const { limited: below, paths, spelling } = inherited
    this.stacks.add(stack)
    const firsts = new Map<string | undefined, Layer>()
    for (const method of new Set(stack.map((step) => step.method))) {
      const first = stack.find((step) => step.method === undefined || step.method === method)
      if (first) firsts.set(method, first)
    }
    for (const [method, layers] of folded(firsts)) {
      const policy = policyOf(layers[0]?.handle) ?? inherited.policy
      const late = policy ? undefined : latePolicy(stack, layers[0]?.method)
      const limited = below || isLimited(stack, layers[0]?.method)
      const known = { ...(late ? { late } : {}), ...(limited ? ({ limited } as const) : {}) }
      const aside = { ...known, spelling }
      const controls = [...inherited.controls, ...controlsAmong(stack, layers[0]?.method)]
      this.#add(paths, layers, { method, policy, unclassified: false, ...told(controls) }, aside)
    }
  }

  /** They run before the guards of the routes below them, so they are worth a look. */
  #params({ params }: RouterLike, { paths }: Inherited): void {
    const rest = { method: 'PARAM', policy: undefined, unclassified: true }
    for (const name of Object.keys(params ?? {})) this.#add(join(paths, [`/:${name}`]), [], rest)
  }

  #add(
    paths: readonly string[],
    layers: readonly Layer[],
    rest: Omit<ManifestEntry, 'path'>,
    aside: Omit<Found, 'entry' | 'layers'> = { spelling: anySpelling },
  ): void {
    for (const path of paths) {
      const entry = Object.freeze({ ...rest, path: path || '/' })
      this.found.push({ layers, entry, ...aside })
    }
  }
}

/** The controls which every request has passed that reaches `layer`. */
function controlsOver(earlier: readonly Layer[], layer: Layer): readonly ControlMark[] {
  return earlier
    .filter((one) => covers(one, layer))
    .flatMap(({ handle }) => controlOf(handle) ?? [])
}

function told(controls: readonly ControlMark[]): Pick<ManifestEntry, 'controls'> {
  return controls.length > 0 ? { controls: Object.freeze([...controls]) } : {}
}

/** A mount takes a slash at its end or none, whatever its router says, and so does what stands at its root. */
function spellingOf(layer: Layer, router: RouterLike, above: Spelling): Spelling {
  const atRoot = pathsOf(layer).every((path) => path === '/')
  return {
    sensitive: above.sensitive || router.caseSensitive === true,
    strict: layer.route !== undefined && router.strict === true && !atRoot,
  }
}

/** The first policy among the handlers that answer one method of a route. */
function latePolicy(stack: readonly Layer[], method: string | undefined): LatePolicy | undefined {
  const steps = stack.filter((step) => step.method === undefined || step.method === method)
  const at = steps.findIndex((step) => policyOf(step.handle))
  const policy = policyOf(steps[at]?.handle)
  return policy && { policy, place: at + 1 }
}

/** Whether a limit stands among the handlers, and nothing of the app before it that could answer. */
function isLimited(stack: readonly Layer[], method: string | undefined): boolean {
  const steps = stack.filter((step) => step.method === undefined || step.method === method)
  const at = steps.findIndex(({ handle }) => isLimit(handle))
  return at >= 0 && steps.slice(0, at).every(({ handle }) => isGate(handle))
}

/** `app.all` adds a handler for each method there is; that is one entry, unless they differ. */
function folded(firsts: ReadonlyMap<string | undefined, Layer>): [string, readonly Layer[]][] {
  const layers = [...firsts.values()]
  const policies = new Set(layers.map((layer) => policyOf(layer.handle)))
  if (firsts.size >= METHODS.length && policies.size === 1) return [['ALL', layers]]
  return [...firsts].map(([method, layer]) => [method?.toUpperCase() ?? 'ALL', [layer]])
}

function join(above: readonly string[], below: readonly (string | RegExp)[]): readonly string[] {
  if (below.length === 0) return above
  return above.flatMap((prefix) => below.map((path) => `${prefix}${String(path)}`))
}
