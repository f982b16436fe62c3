import type { Request } from 'express'
import { anySpelling, askedPath, mayMatch, type PathPattern, patternOf } from './path-pattern.ts'
import type { Found } from './walk.ts'

interface Place {
  readonly path: PathPattern
  /** Bytes that its webhook takes at most; undefined for another route. */
  readonly maxBytes: number | undefined
}

/**
 * Knows which requests go to a webhook before any router has looked: their bytes are kept as they are,
 * and the quota of strangers waits until it is known who answers them. In doubt the answer is no, and a
 * request is treated like any other; its webhook then still works, within the bounds of other bodies.
 */
export class WebhookPaths {
  #places: readonly Place[] = []

  /** Takes over the routes of an app, in the order in which a request passes them. */
  learn(found: readonly Found[]): void {
    const routes = found.filter(({ entry: { method } }) => method === 'POST' || method === 'ALL')
    const last = routes.findLastIndex(({ entry: { policy } }) => policy?.kind === 'webhook')
    this.#places = routes.slice(0, last + 1).map(placeOf)
  }

  get isEmpty(): boolean {
    return this.#places.length === 0
  }

  /** The most bytes of the webhook that answers this request; undefined where none does. */
  limitFor(request: Request): number | undefined {
    if (this.isEmpty || request.method !== 'POST') return undefined
    const asked = askedPath(request)
    // The first that may match decides, as in the router.
    return this.#places.find(({ path }) => mayMatch(path, asked))?.maxBytes
  }
}

/** Of a webhook the very spelling counts that its router takes; whatever stands before it may take any. */
function placeOf({ entry: { path, policy }, spelling }: Found): Place {
  const isWebhook = policy?.kind === 'webhook'
  const pattern = patternOf(path, isWebhook ? spelling : anySpelling)
  // What cannot be read is no webhook.
  return { path: pattern, maxBytes: pattern && isWebhook ? policy.maxBytes : undefined }
}
