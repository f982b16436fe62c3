import { benchHttp } from '../harness/http-bench.ts'
import { prepare } from '../harness/prepared.ts'
import type { Suite } from '../harness/suite.ts'
import { holdfastKind } from './holdfast-kinds.ts'
import { getOrders, serverColumns } from './requests.ts'

const script = 'holdfast-node'

/** A GET with a bearer token through the whole shield on node:http. */
export const guardNode: Suite = {
  name: 'guard-node',
  title: 'GET through the whole shield on node:http',
  packages: [],
  columns: serverColumns,
  plan: {
    metric: 'cpuUs',
    baseline: 'node:http',
    controls: [
      { cheaper: 'node:http', dearer: 'listener, headers off', metric: 'cpuUs' },
      { cheaper: 'listener, headers off', dearer: 'listener', metric: 'cpuUs' },
    ],
    goals: [
      {
        text: 'listener over node:http, us',
        metric: 'cpuUs',
        of: 'listener',
        over: 'node:http',
        atMost: 15,
      },
      {
        text: 'allocated over node:http, bytes',
        metric: 'bytes',
        of: 'listener',
        over: 'node:http',
        atMost: 8_192,
      },
    ],
  },
  async run(depth) {
    const prepared = await prepare({ accounts: 20, tokens: 1_000 })
    const bare = { name: 'node:http', script: 'node', answers: 'accepted' } as const
    const request = getOrders({ authorization: `Bearer ${prepared.spare}` })
    const kinds = [
      { ...bare, requests: () => [request] },
      holdfastKind('listener, headers off', prepared, { script, headers: 'off' }),
      holdfastKind('listener', prepared, { script }),
    ]
    return benchHttp(kinds, depth)
  },
}
