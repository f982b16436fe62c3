import { createServer } from 'node:http'
import express, { type RequestHandler } from 'express'
import { beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { RawClient } from '../../../test/adapters/raw-http.ts'
import { type Kit, listen, openKit, type Person, serve } from '../../../test/adapters/site.ts'

const bench = openBench()
const { open, protectedSite, secret } = bench
let kit: Kit
let manager: Person
beforeAll(() => {
  kit = bench.kit
  manager = bench.manager
})

const bearer = () => `Authorization: ${manager.bearer.authorization}\r\n`

describe('req.ip', () => {
  const cases: readonly [readonly string[], string, string][] = [
    [[], '203.0.113.9', '127.0.0.1'],
    [['127.0.0.1'], '203.0.113.9', '203.0.113.9'],
    [['127.0.0.1'], '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    [['127.0.0.1'], '203.0.113.9, garbage', '127.0.0.1'],
    [['127.0.0.1'], '[2001:db8::1]:4711', '2001:db8::1'],
    [['127.0.0.1'], '::ffff:203.0.113.9', '203.0.113.9'],
    [['127.0.0.1', '203.0.113.0/24'], '198.51.100.1, 203.0.113.9', '198.51.100.1'],
  ]

  it.each(cases)(
    'is the address that is counted: trusting %j, told %j, it is %s',
    async (trustedProxies, told, ip) => {
      const own = await openKit({ trustedProxies })
      const middleware = express()
      middleware.use(own.security.middleware())
      const answer: RequestHandler = (request, response) => {
        response.json({ ip: request.ip, first: request.ips[0] ?? null })
      }
      middleware.get('/ip', own.security.open(), answer)
      const sites = [
        await serve(own, (app) => void app.get('/ip', own.security.open(), answer)),
        await listen(middleware),
      ]
      for (const site of sites) {
        const { json } = await site.fetch('/ip', { headers: { 'x-forwarded-for': told } })
        expect(json?.ip).toBe(ip)
        await site.stop()
      }
      await own.close()
    },
  )
})

describe('a connection', () => {
  it('serves the next request after a refusal whose body nobody read', async () => {
    const site = await protectedSite((app) => {
      app.post('/upload', kit.security.guard('write:tasks'), secret)
      app.get('/open', kit.security.open(), (_request, response) => void response.send('ok'))
    })
    const client = await RawClient.open(site.port)
    const body = 'GET /open HTTP/1.1\r\nHost: x\r\n\r\n'
    client.send(
      `POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    expect(await client.answer()).toMatchObject({ status: 401 })
    client.send('GET /open HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await client.answer()).toMatchObject({ status: 200, body: 'ok' })
    client.close()
  })

  it('ends with the answer when a body is too large to be read', async () => {
    const site = await protectedSite((app) => {
      app.post('/tasks', kit.security.guard('write:tasks'), secret)
    })
    const client = await RawClient.open(site.port)
    client.send(
      'POST /tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9000000\r\n\r\n{',
    )
    expect(await client.answer()).toMatchObject({ status: 413, headers: { connection: 'close' } })
    client.close()
  })

  it.each(['upgrade(createServer(app))', 'app.listen'])(
    'is not told to continue before the guard has spoken: %s',
    async (how) => {
      const app = kit.security.protect(express())
      app.post('/tasks', kit.security.guard('write:tasks'), (request, response) => {
        response.json({ got: request.body })
      })
      const server =
        how === 'app.listen' ? app.listen(0, '127.0.0.1') : kit.security.upgrade(createServer(app))
      const bypass: string[] = []
      server.on('checkContinue', () => bypass.push('bypassed'))
      server.on('checkExpectation', () => bypass.push('bypassed'))
      const site = await open(listen(server))
      const head = (expect: string, more = '') =>
        `POST /tasks HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nExpect: ${expect}\r\n${more}\r\n`

      const stranger = await RawClient.open(site.port)
      stranger.send(head('100-continue'))
      expect(await stranger.answer()).toMatchObject({
        status: 401,
        headers: { connection: 'close' },
      })
      await stranger.closed()

      const odd = await RawClient.open(site.port)
      odd.send(head('tea'))
      expect(await odd.answer()).toMatchObject({ status: 417 })
      odd.close()

      const known = await RawClient.open(site.port)
      known.send(head('100-continue', bearer()).replace('text/plain', 'application/json'))
      expect(await known.answer()).toMatchObject({ status: 100 })
      known.send('{}')
      expect(await known.answer()).toMatchObject({ status: 200, body: '{"got":{}}' })
      known.send('GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n')
      expect(await known.answer()).toMatchObject({ status: 404 })
      known.close()
      expect(bypass).toEqual([])
    },
  )

  it('of a server with listeners that no guard stands before is told of once', async () => {
    const server = createServer(kit.security.protect(express()))
    server.on('upgrade', (_request, socket) => socket.destroy())
    const site = await open(listen(server))
    await site.fetch('/x')
    await site.fetch('/x')
    const told = kit.log.filter(({ message }) => message.includes('no guard stands before'))
    expect(told).toMatchObject([{ level: 'error', fields: { events: ['upgrade'] } }])
  })
})
