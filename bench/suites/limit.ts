import { benchLoops } from '../harness/micro.ts'
import { type StoreName, startStores, storesHere } from '../harness/stores.ts'
import type { Suite } from '../harness/suite.ts'
import type { Control, Goal } from '../harness/verdict.ts'
import { atMost, byTheClock, nanoseconds } from './loops.ts'

/** One place that limits count in exactly: what nobody can do without, and what it is to us. */
interface Place {
  /** Undefined: it needs no server. */
  readonly server?: StoreName
  readonly kinds: readonly string[]
  readonly controls: readonly Control[]
  readonly goals: readonly Goal[]
}

/** By the clock: what is asked of another process, or of a disk, is waited for. */
function within(of: string, to: string, most: number): Goal {
  return { text: `${of} beside ${to}`, metric: 'wallNs', of, to, atMost: most }
}

function cheaper(one: string, other: string): Control {
  return { cheaper: one, dearer: other, metric: 'wallNs' }
}

const places: readonly Place[] = [
  {
    server: 'redis',
    kinds: [
      ...['Redis PING', 'Redis, Holdfast', 'Redis, rate-limiter-flexible'],
      ...['Redis PING, 100 at once', 'Redis, Holdfast, 100 at once'],
    ],
    controls: [cheaper('Redis PING, 100 at once', 'Redis, Holdfast, 100 at once')],
    goals: [
      within('Redis, Holdfast', 'Redis PING', 1.3),
      {
        text: 'Redis, Holdfast, 100 at once, ns',
        ...{ metric: 'wallNs', of: 'Redis, Holdfast, 100 at once', atMost: 20_000 },
      },
    ],
  },
  {
    kinds: ['SQLite upsert', 'SQLite, Holdfast'],
    controls: [],
    goals: [within('SQLite, Holdfast', 'SQLite upsert', 1.5)],
  },
  {
    server: 'postgres',
    kinds: [
      ...['PostgreSQL upsert', 'PostgreSQL upsert in a transaction'],
      ...['PostgreSQL, Holdfast', 'PostgreSQL, rate-limiter-flexible'],
    ],
    controls: [],
    goals: [within('PostgreSQL, Holdfast', 'PostgreSQL upsert', 1.5)],
  },
]

/** Those of this machine; without a server its kinds and goals are left out. */
const here = places.filter(({ server }) => server === undefined || storesHere.includes(server))

/** One consumption of a limit: in memory, in Redis, in SQL. */
export const limit: Suite = {
  name: 'limit',
  title: 'consume of a limit in memory, in Redis and in SQL',
  packages: ['rate-limiter-flexible', 'express-rate-limit', 'ioredis', 'pg'],
  columns: [nanoseconds, byTheClock, { metric: 'bytes', title: 'bytes/key', digits: 0 }],
  plan: {
    metric: 'ns',
    baseline: 'Map, no more',
    controls: [
      { cheaper: 'Map, no more', dearer: 'Holdfast', metric: 'ns' },
      ...here.flatMap(({ controls }) => controls),
    ],
    goals: [
      atMost('Holdfast', 150),
      { text: 'bytes a key', metric: 'bytes', of: 'Holdfast', atMost: 100 },
      {
        text: 'Holdfast beside rate-limiter-flexible',
        ...{ metric: 'ns', of: 'Holdfast', to: 'rate-limiter-flexible', atMost: 0.5 },
      },
      ...here.flatMap(({ goals }) => goals),
    ],
  },
  async run(depth) {
    const inMemory = ['Map, no more', 'Holdfast', 'rate-limiter-flexible', 'express-rate-limit']
    const stores = await startStores()
    try {
      const exact = here.flatMap(({ kinds }) => kinds)
      return [
        ...(await benchLoops('limit', inMemory, depth)),
        ...(await benchLoops('limit-stores', exact, depth, stores.urls)),
      ]
    } finally {
      await stores.stop()
    }
  },
}
