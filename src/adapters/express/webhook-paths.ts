import type { Request } from 'express'
import type { ManifestEntry } from './walk.ts'

interface Place {
  /** Segments in lower case; undefined stands for a parameter. */
  readonly segments: readonly (string | undefined)[]
  /** Bytes that its webhook takes at most; undefined for another route. */
  readonly maxBytes: number | undefined
}

/** Whole segments that are text or a parameter: their text alone tells what they match. */
const plainSegment = /^(?::[A-Za-z_]\w*|[A-Za-z0-9_.~-]+)$/

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
    const [path = ''] = (request.originalUrl ?? request.url).split('?', 1)
    const segments = path.toLowerCase().replace(/\/$/, '').split('/').slice(1)
    // The first that may match decides, as in the router.
    return this.#places.find((place) => mayMatch(place, segments))?.maxBytes
  }
}

function placeOf({ path, policy }: ManifestEntry): Place {
  const written = path.replace(/\/$/, '').split('/').slice(1)
  const isPlain = path.startsWith('/') && written.every((segment) => plainSegment.test(segment))
  // What cannot be read matches everything, and is no webhook.
  if (!isPlain) return { segments: [], maxBytes: undefined }
  return {
    segments: written.map((segment) => (segment[0] === ':' ? undefined : segment.toLowerCase())),
    maxBytes: policy?.kind === 'webhook' ? policy.maxBytes : undefined,
  }
}

function mayMatch({ maxBytes, segments }: Place, asked: readonly string[]): boolean {
  if (segments.length === 0 && maxBytes === undefined) return true
  if (segments.length !== asked.length) return false
  return segments.every(
    (segment, at) => segment === asked[at] || (segment === undefined && asked[at] !== ''),
  )
}
