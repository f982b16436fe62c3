// biome-ignore-all lint/suspicious/noThenProperty: what pretends to be a promise is the point
import { once } from 'node:events'
import type { Request } from 'express'
import fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { ordersAccess } from '../../../test/adapters/orders.ts'
import { RawClient } from '../../../test/adapters/raw-http.ts'
import type { Listening, Person } from '../../../test/adapters/site.ts'
import { SecurityError } from '../../errors/index.ts'
import { decisionDeadlineMs } from './bounded.ts'

const bench = openBench({ access: ordersAccess })
let clerk: Person
beforeAll(async () => {
  clerk = await bench.kit.person('clerk')
})

type Loader = (request: Request) => unknown

let load: Loader = () => undefined
const unheard: unknown[] = []
const hear = (reason: unknown) => void unheard.push(reason)

/** A route for each kind of guard that loads; all of them ask `load`. */
function site(): Promise<Listening> {
  const { guard } = bench.kit.security
  const object = ((request: Request) => load(request)) as () => undefined
  return bench.protectedSite((app) => {
    app.get('/read', guard('read:orders', { object }), bench.secret)
    app.all('/resource', guard.resource('orders', { object }), bench.secret)
    app.get('/proof', guard('read:orders', { object, within: '5m', audit: 'x' }), bench.secret)
    app.use('/below', guard('read:orders', { object }))
    app.get('/below/it', bench.secret)
  })
}

const paths = ['/read', '/resource', '/proof', '/below/it']
const ask = (own: Listening, path: string) => own.fetch(path, { headers: clerk.bearer })

beforeAll(() => void process.on('unhandledRejection', hear))
afterEach(() => {
  process.off('unhandledRejection', hear)
  process.on('unhandledRejection', hear)
  expect(unheard).toEqual([])
})

/** Everything that could be thrown, errors that name a status of their own among it. */
const thrown = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, 0, '', false, Symbol('x')),
  fc.constant(new Error('deliberate')),
  fc.integer({ min: 100, max: 599 }).map((status) => {
    const definition = { status, title: 'Planted', detail: 'deliberate' }
    return new SecurityError('planted', definition)
  }),
  fc
    .integer({ min: 100, max: 599 })
    .map((status) => Object.assign(new Error('deliberate'), { status })),
  fc.constantFrom(200, 204, 302).map((statusCode) => ({ statusCode })),
)

/** What is no object, and what looks like one that is the caller's but cannot be read. */
const wrong: fc.Arbitrary<() => unknown> = fc.oneof(
  fc
    .constantFrom<unknown>(true, false, 0, 1, Number.NaN, '', 'mine', 7n, Symbol('x'), fail)
    .map((value) => () => value),
  fc.array(fc.anything()).map((value) => () => value),
  fc.constantFrom('owner_id', 'status').map((name) => () => {
    const own = { owner_id: clerk.userId, status: 'open' }
    return Object.defineProperty(own, name, { get: () => fail(new Error('deliberate')) })
  }),
  fc.constantFrom('owner_id', 'status').map((name) => () => ({
    ...{ owner_id: clerk.userId, status: 'open' },
    [name]: undefined,
  })),
  fc
    .constantFrom<unknown>(1, {}, [], true, new Date(0))
    .map((owner_id) => () => ({ owner_id, status: 'open' })),
  fc
    .constantFrom<ProxyHandler<object>>(
      { get: () => fail(new Error('deliberate')) },
      { has: () => fail(new Error('deliberate')) },
      { getOwnPropertyDescriptor: () => fail(new Error('deliberate')), get: () => fail(null) },
    )
    .map((handler) => () => new Proxy({}, handler)),
  fc
    .constantFrom(undefined, null, new Error('deliberate'))
    .map((error) => () => Object.defineProperty({}, 'then', { get: () => fail(error) })),
)

function fail(error: unknown): never {
  throw error
}

const loaders: fc.Arbitrary<Loader> = fc.oneof(
  thrown.map((error) => () => fail(error)),
  thrown.map((error) => () => Promise.reject(error)),
  thrown.map((error) => () => new Promise((_, reject) => setImmediate(reject, error))),
  thrown.map((error) => () => ({ then: () => fail(error) })),
  thrown.map((error) => () => ({
    then: (_: unknown, reject: (error: unknown) => void) => reject(error),
  })),
  wrong,
  wrong.map((make) => async () => make()),
)

it('a loader that fails in any way refuses with 503, never 200 and never 500', async () => {
  const own = await site()
  let decided = 0
  await fc.assert(
    fc.asyncProperty(loaders, fc.constantFrom(...paths), async (loader, path) => {
      load = loader
      const { headers, status, text } = await ask(own, path)
      decided++
      expect(status).toBe(503)
      expect(text).not.toMatch(/deliberate|Planted/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }),
    { numRuns: 500, seed: 23 },
  )
  expect(decided).toBe(500)
  expect(bench.entered).toEqual([])
})

it('what is not there is 404, at once or later', async () => {
  const own = await site()
  for (const nothing of [undefined, null]) {
    for (const loader of [() => nothing, async () => nothing]) {
      load = loader
      for (const path of paths) expect((await ask(own, path)).status).toBe(404)
    }
  }
  expect(bench.entered).toEqual([])
})

it('an object of the caller passes however it comes', async () => {
  const own = await site()
  class Order {
    readonly owner_id = clerk.userId
    readonly status = 'open'
  }
  const mine = { owner_id: clerk.userId, status: 'open' }
  const bare = Object.assign(Object.create(null), mine)
  const good: readonly Loader[] = [
    () => mine,
    async () => mine,
    () => new Order(),
    () => bare,
    () => new Proxy(mine, {}),
    () => ({ then: (resolve: (value: unknown) => void) => resolve(mine) }),
  ]
  for (const loader of good) {
    load = loader
    for (const path of paths) expect((await ask(own, path)).status).toBe(200)
  }
  expect(bench.entered).toHaveLength(good.length * paths.length)
})

describe('a loader that never answers', () => {
  const begun = async (count: number) => {
    while (started.length < count) await new Promise((resolve) => setImmediate(resolve))
  }
  const started: Request[] = []
  const never: Loader = (request) => {
    started.push(request)
    return new Promise(() => {})
  }

  it('is given up after its deadline with 503', async () => {
    const own = await site()
    started.length = 0
    load = never
    const answers = paths.map((path) => ask(own, path))
    await begun(paths.length)
    await bench.kit.advance(decisionDeadlineMs)
    for (const { status } of await Promise.all(answers)) expect(status).toBe(503)
    expect(bench.entered).toEqual([])
    const told = bench.kit.log.filter(({ message }) => message === 'a guard could not decide')
    expect(told).toHaveLength(paths.length)
  })

  it('and answers after that lets nobody in', async () => {
    const own = await site()
    started.length = 0
    const late: ((value: unknown) => void)[] = []
    load = (request) => {
      started.push(request)
      return new Promise((resolve) => late.push(resolve))
    }
    const answer = ask(own, '/read')
    await begun(1)
    await bench.kit.advance(decisionDeadlineMs)
    expect((await answer).status).toBe(503)
    for (const resolve of late) resolve({ owner_id: clerk.userId, status: 'open' })
    await new Promise((resolve) => setImmediate(resolve))
    expect(bench.entered).toEqual([])
  })

  it('is forgotten when its client goes', async () => {
    const own = await site()
    started.length = 0
    load = never
    const client = await RawClient.open(own.port)
    const { authorization } = clerk.bearer
    client.send(
      `GET /read HTTP/1.1\r\nHost: localhost:3000\r\nAuthorization: ${authorization}\r\n\r\n`,
    )
    await begun(1)
    const response = started[0]?.res
    if (!response) throw new Error('there is no response')
    const closed = once(response, 'close')
    client.close()
    await closed
    await new Promise((resolve) => setImmediate(resolve))
    expect(response.headersSent).toBe(false)
    expect(bench.entered).toEqual([])
    expect(bench.kit.log.filter(({ level }) => level === 'error')).toEqual([])
  })
})
