import type { Request } from 'express'
import { mayMatch, type PathPattern, patternOf, segmentsOf } from './path-pattern.ts'
import type { ManifestEntry } from './walk.ts'

interface Place {
  readonly path: PathPattern
  /** Bytes that its webhook takes at most; undefined for another route. */
  readonly maxBytes: number | undefined
}

/**
 * Knows which requests go to a webhook before any router has looked: their bytes are kept as they are,
 * and the quota of strangers does not count them. In doubt the answer is no, and a request is treated like
 * any other; its webhook then still works, within the bounds of other bodies.
 */
export class WebhookPaths {
  #places: readonly Place[] = []

  /** Takes over the routes of an app, in the order in which a request passes them. */
  learn(entries: readonly ManifestEntry[]): void {
    const routes = entries.filter(({ method }) => method === 'POST' || method === 'ALL')
    const last = routes.findLastIndex(({ policy }) => policy?.kind === 'webhook')
    this.#places = routes.slice(0, last + 1).map(placeOf)
  }

  get isEmpty(): boolean {
    return this.#places.length === 0
  }

  /** The most bytes of the webhook that answers this request; undefined where none does. */
  limitFor(request: Request): number | undefined {
    if (this.isEmpty || request.method !== 'POST') return undefined
    const asked = segmentsOf(request)
    // The first that may match decides, as in the router.
    return this.#places.find(({ path }) => mayMatch(path, asked))?.maxBytes
  }
}

function placeOf({ path, policy }: ManifestEntry): Place {
  const pattern = patternOf(path)
  // What cannot be read is no webhook.
  const maxBytes = pattern && policy?.kind === 'webhook' ? policy.maxBytes : undefined
  return { path: pattern, maxBytes }
}
