import { health } from '../contract.ts'
import { type Route, route } from '../http/index.ts'

export interface HealthParts {
  /** Whether this node may serve: database reachable, revocation state confirmed, clock right. */
  readonly ready: () => Promise<boolean>
}

const uncached = { 'cache-control': 'no-store' }

/** For balancers: alive says that the process answers, ready that it should be given requests. */
export function healthRoutes({ ready }: HealthParts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/healthz',
      summary: 'Whether the process is alive',
      policy: { kind: 'public' },
      responses: { 200: { description: 'Alive', schema: health } },
      handle: async () => ({ status: 200, headers: uncached, json: { status: 'ok' } }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      summary: 'Whether this node should be given requests',
      policy: { kind: 'public' },
      responses: {
        200: { description: 'Ready', schema: health },
        503: { description: 'Not now', schema: health },
      },
      handle: async () => {
        if (await ready()) return { status: 200, headers: uncached, json: { status: 'ok' } }
        const headers = { ...uncached, 'retry-after': '1' }
        return { status: 503, headers, json: { status: 'unavailable' } }
      },
    }),
  ]
}
