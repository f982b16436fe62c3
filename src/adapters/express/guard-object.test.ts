import type { Request } from 'express'
import { beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { ordersAccess } from '../../../test/adapters/orders.ts'
import type { Answered, Listening, Person } from '../../../test/adapters/site.ts'

const bench = openBench({ access: ordersAccess, userProperty: 'user' })
let clerk: Person
let visitor: Person
let auditor: Person
beforeAll(async () => {
  clerk = await bench.kit.person('clerk')
  visitor = await bench.kit.person('visitor')
  auditor = await bench.kit.person('auditor')
})

interface Order {
  readonly id: string
  readonly owner_id: string | null
  readonly status: string
}

const loads: string[] = []

function findOrder({ params }: Request): Order | undefined {
  loads.push(String(params.id))
  const rows: readonly Order[] = [
    { id: 'mine-open', owner_id: clerk.userId, status: 'open' },
    { id: 'mine-closed', owner_id: clerk.userId, status: 'closed' },
    { id: 'hers', owner_id: bench.manager.userId, status: 'open' },
    { id: 'nobodys', owner_id: null, status: 'open' },
    { id: 'secret', owner_id: clerk.userId, status: 'secret' },
  ]
  return rows.find(({ id }) => id === params.id)
}

function site(load: (request: Request) => unknown = findOrder): Promise<Listening> {
  const { guard } = bench.kit.security
  const object = load as typeof findOrder
  loads.length = 0
  return bench.protectedSite((app) => {
    app.all('/orders/:id', guard.resource('orders', { object }), (request, response) => {
      bench.entered.push(request.auth?.userId ?? 'nobody')
      response.json({ object: request.object })
    })
    app.post('/orders/:id/ship', guard('ship:orders', { object, within: '5m' }), bench.secret)
  })
}

async function ask(
  own: Listening,
  request: string,
  as: Person = clerk,
): Promise<Answered & { readonly code: unknown }> {
  const [method = '', path = ''] = request.split(' ')
  const answer = await own.fetch(path, { method, headers: as.bearer })
  return { ...answer, code: answer.json?.code }
}

/** What of an answer could tell one request from another, were they not the same. */
function comparable({ headers, json, status }: Answered): unknown {
  const { requestId: _, ...body } = json ?? {}
  const changing = ['x-request-id', 'date', 'ratelimit', 'content-security-policy']
  return { status, body, headers: [...headers].filter(([name]) => !changing.includes(name)) }
}

describe('a guard with an object', () => {
  it.each([
    ['GET /orders/mine-open', 200],
    ['GET /orders/mine-closed', 200],
    ['GET /orders/hers', 404],
    ['GET /orders/nobodys', 404],
    ['GET /orders/secret', 404],
    ['GET /orders/absent', 404],
    ['PATCH /orders/mine-open', 200],
    ['PATCH /orders/mine-closed', 403],
    ['PATCH /orders/hers', 404],
    ['PATCH /orders/absent', 404],
    ['PATCH /orders/secret', 404],
    ['POST /orders/mine-open/ship', 200],
    ['POST /orders/mine-closed/ship', 403],
    ['POST /orders/hers/ship', 404],
  ])('admits by the object itself: %s is %i', async (request, status) => {
    const answer = await ask(await site(), request)
    expect(answer.status).toBe(status)
    expect(bench.entered).toHaveLength(status === 200 ? 1 : 0)
    expect(loads).toHaveLength(1)
  })

  it('puts the object that it has checked on the request', async () => {
    const { json } = await ask(await site(), 'GET /orders/mine-open')
    expect(json?.object).toMatchObject({ id: 'mine-open', status: 'open' })
  })

  it('tells what is invisible by nothing from what is absent', async () => {
    const own = await site()
    for (const method of ['GET', 'PATCH', 'PUT', 'POST']) {
      const absent = comparable(await ask(own, `${method} /orders/absent`))
      for (const id of ['hers', 'nobodys', 'secret']) {
        expect(comparable(await ask(own, `${method} /orders/${id}`))).toEqual(absent)
      }
    }
  })

  it('loads nothing for whoever holds the permission for no row, and says 403 to every id', async () => {
    const own = await site()
    for (const id of ['mine-open', 'hers', 'absent']) {
      expect(await ask(own, `DELETE /orders/${id}`)).toMatchObject({
        status: 403,
        code: 'forbidden',
      })
      expect((await ask(own, `GET /orders/${id}`, visitor)).status).toBe(403)
      expect((await ask(own, `OPTIONS /orders/${id}`)).status).toBe(403)
    }
    expect((await own.fetch('/orders/mine-open')).status).toBe(401)
    expect(loads).toEqual([])
  })

  it('hides from a role that may change everything what it may not read', async () => {
    const own = await site()
    expect((await ask(own, 'DELETE /orders/secret', auditor)).status).toBe(404)
    expect((await ask(own, 'DELETE /orders/hers', auditor)).status).toBe(200)
  })

  it('asks for a fresh proof last, of whoever it would help', async () => {
    const own = await site()
    const stale = await bench.kit.person('clerk')
    await bench.kit.advance(6 * 60_000)
    const ship = async (id: string) => (await ask(own, `POST /orders/${id}/ship`, stale)).code
    expect([await ship('absent'), await ship('mine-open')]).toEqual(['not_found', 'not_found'])
    const { code } = await ask(own, 'POST /orders/mine-open/ship')
    expect(code).toBe('step_up_required')
  })

  it('says in the log of a development server what decided, and no value of the object', async () => {
    const own = await site()
    await ask(own, 'PATCH /orders/mine-closed')
    await ask(own, 'GET /orders/secret')
    const told = bench.kit.log.filter(({ message }) => /^40[34]/.test(message))
    expect(told.map(({ message }) => message)).toEqual([
      '403: the caller lacks the permission write:orders for this object: the condition of write:orders of the role clerk is not met',
      '404: the caller lacks the permission read:orders for this object: denied by read:orders of the role clerk',
    ])
    expect(JSON.stringify(told)).not.toContain(clerk.userId)
  })
})

describe('attributes of a guard', () => {
  const attributes = (request: Request) => ({ region: String(request.query.region) })

  it('are told to the rules, at once or later', async () => {
    const { guard } = bench.kit.security
    const object = () => ({ region: 'north', closed: false })
    const own = await bench.protectedSite((app) => {
      app.get('/a', guard('read:depots', { object, attributes }), bench.secret)
      const later = async (request: Request) => attributes(request)
      app.get('/b', guard('read:depots', { object, attributes: later }), bench.secret)
      app.get('/c', guard('read:depots', { object }), bench.secret)
    })
    const statuses = async (path: string) => (await ask(own, `GET ${path}`)).status
    expect(await statuses('/a?region=north')).toBe(200)
    expect(await statuses('/b?region=north')).toBe(200)
    expect(await statuses('/a?region=south')).toBe(404)
    expect(await statuses('/b?region=south')).toBe(404)
    // Nothing is equal to what was not told: no row can be hers.
    expect(await statuses('/c')).toBe(403)
  })

  it.each([
    ['throw', () => Promise.reject(new Error('deliberate'))],
    ['are nothing', () => undefined],
    ['are a list', () => []],
  ])('that %s refuse: a denial by an attribute must not be lost', async (_, told) => {
    const { guard } = bench.kit.security
    const own = await bench.protectedSite((app) => {
      const wrong = {
        object: () => ({ region: 'north', closed: false }),
        attributes: told as never,
      }
      app.get('/a', guard('read:depots', wrong), bench.secret)
    })
    expect(await ask(own, 'GET /a')).toMatchObject({ status: 503, code: 'unavailable' })
    expect(bench.entered).toEqual([])
  })
})
