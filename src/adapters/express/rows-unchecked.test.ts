import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RequestHandler, Response } from 'express'
import { beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { ordersAccess } from '../../../test/adapters/orders.ts'
import { behindTls, type Kit, openKit, type Person } from '../../../test/adapters/site.ts'

const options = { access: ordersAccess, userProperty: 'user' } as const
const bench = openBench(options)
let clerk: Person
beforeAll(async () => {
  clerk = await bench.kit.person('clerk')
})

const rows = [{ owner_id: 'somebody', status: 'open' }]
const asked = 'a handler has not asked which rows it may show'

/** What a route answers whose handler is this, and what the log says of it. */
async function answerOf(handler: RequestHandler, as = clerk, own: Kit = bench.kit) {
  own.log.length = 0
  const { guard } = own.security
  const site = await bench.protectedSite((app) => {
    app.all('/orders', guard.resource('orders', { rows: true }), handler)
  }, own)
  const answer = await site.fetch('/orders', {
    headers: { ...as.bearer, ...(own === bench.kit ? {} : behindTls.headers) },
  })
  const told = own.log.filter(({ message }) => message === asked)
  return { ...answer, code: answer.json?.code, told }
}

const body = 'secret rows'
const ways: readonly [string, (response: Response) => unknown][] = [
  ['json', (response) => response.json(rows)],
  ['send', (response) => response.send(body)],
  ['end', (response) => response.end(body)],
  ['nothing but a status', (response) => response.sendStatus(204)],
  ['write and end', (response) => response.write(body) && response.end(body)],
  ['writeHead', (response) => response.writeHead(200, { 'x-rows': '7' }).end(body)],
  [
    'flushHeaders',
    (response) => {
      response.flushHeaders()
      response.end(body)
    },
  ],
  ['a stream', (response) => pipeline(Readable.from([body, body]), response).catch(() => {})],
  ['a pipe', (response) => Readable.from([body, body]).pipe(response)],
  ['a file', (response) => response.sendFile(import.meta.filename)],
]

describe('a guard with rows', () => {
  it('admits whoever holds the permission for some rows, and nobody else', async () => {
    const filter: RequestHandler = (request, response) => {
      const { reach } = request.auth?.rows('read:orders') ?? {}
      response.json({ reach, same: (request as { user?: unknown }).user === request.auth })
    }
    expect((await answerOf(filter)).json).toEqual({ reach: 'some', same: true })
    const visitor = await bench.kit.person('visitor')
    expect(await answerOf(filter, visitor)).toMatchObject({ status: 403, code: 'forbidden' })
    expect((await answerOf(filter, bench.manager)).json).toMatchObject({ reach: 'all' })
  })

  it.each(ways)('in development lets no rows out that nobody asked about: %s', async (_, send) => {
    for (const as of [clerk, bench.manager]) {
      const answer = await answerOf((_request, response) => void send(response), as)
      expect(answer).toMatchObject({ status: 503, code: 'rows_unchecked' })
      expect(answer.headers.get('x-rows')).toBeNull()
      expect(answer.text).not.toContain('rows:')
      expect(answer.told).toMatchObject([
        { level: 'error', fields: { method: 'GET', path: '/orders', permission: 'read:orders' } },
      ])
    }
  })

  it.each(ways)('leaves an answer as it is once somebody asked: %s', async (_, send) => {
    const plain = await bench.protectedSite((app) => {
      app.get('/plain', bench.kit.security.open(), (_request, response) => void send(response))
    })
    const expected = await plain.fetch('/plain')
    const { status, text, told } = await answerOf((request, response) => {
      request.auth?.rows('read:orders')
      void send(response)
    })
    expect({ status, text, told }).toEqual({
      ...{ status: expected.status, text: expected.text, told: [] },
    })
  })

  it.each<[string, RequestHandler]>([
    [
      'can() of each row',
      ({ auth }, response) => response.json(rows.filter((row) => auth?.can('read:orders', row))),
    ],
    ['row-level security', ({ auth }, response) => response.json(auth?.settings())],
    [
      'rows() of what it lists too',
      ({ auth }, response) =>
        response.json([auth?.rows('read:depots').reach, auth?.rows('read:orders').reach]),
    ],
  ])('counts %s as asking', async (_, handler) => {
    expect(await answerOf(handler)).toMatchObject({ status: 200, told: [] })
  })

  it.each<[string, RequestHandler]>([
    ['another permission', ({ auth }, response) => response.json(auth?.rows('read:depots').reach)],
    ['no object', ({ auth }, response) => response.json(auth?.can('read:orders'))],
    ['the caller alone', ({ auth }, response) => response.json(auth?.userId)],
  ])('counts a question about %s for nothing', async (_, handler) => {
    expect(await answerOf(handler)).toMatchObject({ status: 503, code: 'rows_unchecked' })
  })

  it('shows a caller whom sessions and second factors know', async () => {
    const { factors, sessions } = bench.kit.security
    const answer = await answerOf(
      async ({ auth }, response) => {
        if (!auth) return
        auth.rows('read:orders')
        const { secret } = await factors.beginTotp({ auth })
        const actor = { kind: 'user', id: auth.userId } as const
        const ended = await sessions.endOthers(auth, { reason: 'sign_out', actor })
        response.json([typeof secret, ended])
      },
      await bench.kit.person('clerk'),
    )
    expect(answer).toMatchObject({ status: 200, json: ['string', 1] })
  })

  it('minds no refusal, no redirect and no error', async () => {
    const handlers: readonly [number, RequestHandler][] = [
      [404, (_request, response) => response.status(404).json(null)],
      [400, (_request, response) => response.writeHead(400).end()],
      [302, (_request, response) => response.redirect('/')],
      [
        500,
        () => {
          throw new Error('deliberate')
        },
      ],
      [404, (_request, _response, next) => next()],
    ]
    for (const [status, handler] of handlers) {
      expect(await answerOf(handler)).toMatchObject({ status, told: [] })
    }
  })

  it('stands for every handler behind it, beside other guards', async () => {
    const { guard } = bench.kit.security
    const site = await bench.protectedSite((app) => {
      app.use('/in', guard('read:orders', { rows: true }))
      app.get(
        '/in/asks',
        guard('read:depots', {
          object: () => ({ region: 'n', closed: false }),
          attributes: () => ({ region: 'n' }),
        }),
        ({ auth }, response) => response.json(auth?.rows('read:orders').reach),
      )
      app.get('/in/both', guard('write:orders', { rows: true }), ({ auth }, response) =>
        response.json(auth?.rows('read:orders').reach),
      )
    })
    expect((await site.fetch('/in/asks', { headers: clerk.bearer })).status).toBe(200)
    const both = await site.fetch('/in/both', { headers: clerk.bearer })
    expect(both).toMatchObject({ status: 503, json: { code: 'rows_unchecked' } })
  })

  it('in production answers all the same, and tells the log once for each guard', async () => {
    const own = await openKit({
      ...{ ...options, ...behindTls.options, mode: 'production', baseUrl: 'https://a.example' },
    })
    const person = await own.person('clerk')
    const unasked: RequestHandler = (_request, response) => void response.json(rows)
    expect(await answerOf(unasked, person, own)).toMatchObject({
      status: 200,
      told: [{ level: 'error' }],
    })
    const site = await bench.protectedSite((app) => {
      app.get('/orders', own.security.guard('read:orders', { rows: true }), unasked)
    }, own)
    own.log.length = 0
    for (let n = 0; n < 3; n++)
      await site.fetch('/orders', { headers: { ...person.bearer, ...behindTls.headers } })
    expect(own.log.filter(({ message }) => message === asked)).toHaveLength(1)
    await own.close()
  })
})
