import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import type { SecurityOptions } from '../../src/adapters/express/index.ts'
import { boundServer, listener } from '../../src/adapters/node/index.ts'
import { type Kit, listen, openKit } from '../adapters/site.ts'

type Options = Partial<SecurityOptions>

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** Servers whose handlers write down what reaches them. */
const kinds = {
  'an Express app': (kit: Kit, reached: string[]) => {
    const app = kit.security.protect(express())
    app.post('/items/:id', kit.security.open(), (req, res) => {
      reached.push(String(req.params.id))
      res.json({})
    })
    return createServer(app)
  },
  'the stand-alone server': (kit: Kit, reached: string[]) =>
    createServer(
      listener(kit.security, (req, res) => {
        reached.push(req.url ?? '')
        res.end('{}')
      }),
    ),
}

async function open(makeServer: (kit: Kit, reached: string[]) => Server, options: Options) {
  const kit = await openKit(options)
  stops.push(() => kit.close())
  const reached: string[] = []
  return { kit, reached, server: makeServer(kit, reached) }
}

/** Sends whole requests and resets each connection, before this process, which waits, can accept it. */
function sendAndReset(port: number): void {
  const program = `
    const { connect } = require('node:net')
    for (let at = 0; at < 10; at++) {
      const socket = connect(${port}, '127.0.0.1', () => {
        const head = 'POST /items/' + at + ' HTTP/1.1\\r\\nhost: localhost:3000\\r\\n'
        const text = head + 'content-type: application/json\\r\\ncontent-length: 7\\r\\n\\r\\n{"a":1}'
        socket.write(text, () => socket.resetAndDestroy())
      })
    }`
  expect(spawnSync(process.execPath, ['-e', program]).status).toBe(0)
}

describe.each(Object.entries(kinds))(
  'a client of %s that resets its connection',
  (_, makeServer) => {
    it.each([
      ['denied', { deny: ['127.0.0.1'] }, 403],
      ['not allowed', { allow: ['192.0.2.0/24'] }, 403],
      ['free', {}, 200],
    ])(
      'is nobody, and its request does not run where it is %s',
      async (_title, ipRules, status) => {
        const { reached, server } = await open(makeServer, { ipRules })
        const site = await listen(server)
        stops.push(() => site.stop())
        sendAndReset(site.port)
        const body = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
        // It was accepted after those that were reset.
        expect((await site.fetch('/items/last', body)).status).toBe(status)
        expect(reached.filter((one) => !one.endsWith('last'))).toEqual([])
      },
    )
  },
)

it('a bounded server closes what was reset before it could be counted', async () => {
  const { server } = await open(kinds['the stand-alone server'], {})
  const requests: unknown[] = []
  server.prependListener('request', (one) => requests.push(one.url))
  const site = await listen(boundServer(server))
  stops.push(() => site.stop())
  sendAndReset(site.port)
  await site.fetch('/last')
  expect(requests).toEqual(['/last'])
})

describe('on a Unix socket, where clients have no address', () => {
  it.each([
    ['everybody passes while there is no rule', {}, 200],
    ['nobody passes where somebody is denied: it could be anyone', { deny: ['192.0.2.1'] }, 403],
  ])('%s', async (_title, ipRules, status) => {
    const makeServer = kinds['an Express app']
    const { server } = await open(makeServer, { ipRules })
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-'))
    stops.push(() => rm(folder, { recursive: true }))
    const path = join(folder, 'app.sock')
    await new Promise<void>((resolve) => server.listen(path, resolve))
    stops.push(() => new Promise((resolve) => server.close(resolve)))
    expect(await post(path, '/items/1')).toBe(status)
  })
})

function post(socketPath: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, method: 'POST', agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    sent.on('error', reject).end()
  })
}
