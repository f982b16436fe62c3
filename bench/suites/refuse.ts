import { benchHttp, type HttpKind, type Probe } from '../harness/http-bench.ts'
import { type Prepared, prepare } from '../harness/prepared.ts'
import type { ServerProcess } from '../harness/server-process.ts'
import type { Suite } from '../harness/suite.ts'
import type { Goal } from '../harness/verdict.ts'
import { byProxy } from '../harness/wrk.ts'
import { getOrders, serverColumns } from './requests.ts'

const statuses = [401, 403, 429] as const
type Status = (typeof statuses)[number]

const places = [
  { place: 'listener', script: 'holdfast-node', atMost: 25 },
  { place: 'middleware', script: 'holdfast-express', atMost: 35 },
] as const

/** What a refusal costs, at the listener of node:http and as middleware of Express. */
export const refuse: Suite = {
  name: 'refuse',
  title: '401, 403 and 429, at the listener and as middleware',
  packages: ['express'],
  columns: serverColumns,
  plan: {
    metric: 'cpuUs',
    baseline: 'node:http',
    controls: [{ cheaper: 'node:http', dearer: 'listener 403', metric: 'cpuUs' }],
    goals: places.flatMap(({ atMost, place }) =>
      statuses.map((status): Goal => {
        const of = `${place} ${status}`
        return { text: `${of}, us in all`, metric: 'cpuUs', of, atMost }
      }),
    ),
  },
  async run(depth) {
    const prepared = await prepare({ accounts: 1, tokens: 1 })
    const bare = { answers: 'accepted', requests: () => [getOrders({})] } as const
    const kinds = [
      { ...bare, name: 'node:http', script: 'node' },
      { ...bare, name: 'Express', script: 'express' },
      ...places.flatMap(({ place, script }) =>
        statuses.map((status) => refusing(prepared, { place, script, status })),
      ),
    ]
    return benchHttp(kinds, depth)
  },
}

interface Refusing {
  readonly place: string
  readonly script: string
  readonly status: Status
}

function refusing(prepared: Prepared, { place, script, status }: Refusing): HttpKind {
  const headers = status === 403 ? { authorization: `Bearer ${prepared.powerless}` } : {}
  return {
    name: `${place} ${status}`,
    script,
    answers: 'refused',
    options: () => ({
      mount: 'middleware',
      folder: prepared.copy(),
      masterKey: prepared.masterKey,
      ...(status === 429 ? { clientPoints: 1 } : {}),
    }),
    requests: () => [getOrders(headers)],
    probe: (server) => probeStatus(server, { status, headers }),
  }
}

/** The load is refused with this very status, and with our headers. */
async function probeStatus(
  server: ServerProcess,
  { headers, status }: { readonly status: Status; readonly headers: Record<string, string> },
): Promise<Probe> {
  return {
    async finish(answered) {
      const response = await fetch(`${server.url}/orders`, { headers: { ...headers, ...byProxy } })
      const text = await response.text()
      const right = response.status === status && text.includes('"requestId"')
      const dressed = Number(response.headers.get('content-security-policy') !== null)
      return {
        [`refusal ${status}`]: { allowed: right ? answered : 0 },
        headers: { allowed: dressed },
      }
    },
  }
}
