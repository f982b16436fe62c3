import { benchHttp } from '../harness/http-bench.ts'
import { prepare } from '../harness/prepared.ts'
import type { Suite } from '../harness/suite.ts'
import { holdfastKind } from './holdfast-kinds.ts'
import { getOrders, serverColumns } from './requests.ts'
import { betterAuthKind, joseKind } from './rival-kinds.ts'

const tokens = 1_000
const script = 'holdfast-express'
const protect = { script, mount: 'protect' } as const

/** A GET with a bearer token through the whole shield on Express, beside Better Auth and jose. */
export const guard: Suite = {
  name: 'guard',
  title: 'GET through the whole shield on Express 5',
  packages: ['express', 'better-auth', 'jose'],
  columns: serverColumns,
  plan: {
    metric: 'cpuUs',
    baseline: 'Express',
    controls: [
      { cheaper: 'Express', dearer: 'protect, headers off', metric: 'cpuUs' },
      { cheaper: 'protect, headers off', dearer: 'protect(app)', metric: 'cpuUs' },
    ],
    goals: [
      {
        text: 'protect(app) over Express, us',
        metric: 'cpuUs',
        of: 'protect(app)',
        over: 'Express',
        atMost: 25,
      },
      {
        text: 'app.use(middleware) over Express, us',
        metric: 'cpuUs',
        of: 'app.use(middleware)',
        over: 'Express',
        atMost: 25,
      },
      {
        text: 'with access record over Express, us',
        metric: 'cpuUs',
        of: 'protect + record',
        over: 'Express',
        atMost: 25,
      },
      ...['protect, twelve roles', 'protect, API key'].map((of) => ({
        ...{ text: `${of}, beside one role and a token`, metric: 'cpuUs', of },
        ...{ to: 'protect(app)', atMost: 1.1 },
      })),
      {
        text: 'requests/s beside Better Auth with cookie cache',
        metric: 'perSecond',
        of: 'protect(app)',
        to: 'Better Auth, cookie cache',
        atLeast: 4,
      },
      {
        text: 'allocated over Express, bytes',
        metric: 'bytes',
        of: 'protect(app)',
        over: 'Express',
        atMost: 8_192,
      },
    ],
  },
  async run(depth) {
    const prepared = await prepare({ accounts: 20, tokens })
    const kinds = [
      {
        name: 'Express',
        script: 'express',
        answers: 'accepted',
        requests: () => [getOrders({ authorization: `Bearer ${prepared.spare}` })],
      } as const,
      holdfastKind('protect, headers off', prepared, { script, mount: 'protect', headers: 'off' }),
      holdfastKind('protect(app)', prepared, { script, mount: 'protect' }),
      holdfastKind('app.use(middleware)', prepared, { script, mount: 'middleware' }),
      holdfastKind('protect, twelve roles', prepared, { ...protect, callers: 'manyRoles' }),
      holdfastKind('protect, API key', prepared, { ...protect, callers: 'keys' }),
      holdfastKind('protect + record', prepared, { script, mount: 'protect', record: true }),
      joseKind('jose, no more', tokens),
      betterAuthKind('Better Auth, cookie cache', true),
      betterAuthKind('Better Auth, SQLite', false),
    ]
    return benchHttp(kinds, depth)
  },
}
