import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listener } from '../../src/adapters/node/index.ts'
import { sendRaw } from '../adapters/raw-http.ts'
import { type Kit, type Listening, listen, openKit, type Person } from '../adapters/site.ts'

const friends = ['https://app.example', 'https://shop.example:8443', 'http://localhost:5173']

/** What a browser, or somebody who is none, may send as Origin; none of them is one of ours. */
const strangers = [
  ...['https://evil.example', 'https://app.example.evil.example', 'https://evilapp.example'],
  ...[
    'https://xapp.example',
    'https://www.app.example',
    'https://app.example.',
    'https://app.exampl',
  ],
  ...[
    'http://app.example',
    'https://app.example:443',
    'https://app.example:8443',
    'https://app.example/',
  ],
  ...[
    'https://app.example/x',
    'https://app.example?',
    'https://app.example#',
    'https://shop.example',
  ],
  ...[
    'https://shop.example:84430',
    'https://shop.example:8443:1',
    'HTTPS://APP.EXAMPLE',
    'https://App.example',
  ],
  ...['https://user@app.example', 'https://app.example@evil.example', 'https://app.example\\.evil'],
  ...[
    'https://app.example%60.evil.example',
    'https://app.example_.evil.example',
    'https://app-example',
  ],
  ...[
    'https://appXexample',
    'null',
    'NULL',
    '*',
    'undefined',
    'https://',
    'app.example',
    '//app.example',
  ],
  ...['https://app.example, https://evil.example', 'https://app.example https://evil.example'],
  ...[
    'http://localhost',
    'http://localhost:51730',
    'http://127.0.0.1:5173',
    'https://localhost:5173',
  ],
  ...[
    'http://localhost:3001',
    'file://',
    'chrome-extension://abc',
    'ws://app.example',
    '__proto__',
  ],
  ...['constructor', 'https://app.example\t', 'data:text/html'],
] as const

const handlers = {
  Express: (kit: Kit) => {
    const app = kit.security.protect(express())
    app.get('/api/orders', kit.security.authenticate, (_request, response) => {
      response.json({ secret: 1 })
    })
    return app
  },
  'node:http': (kit: Kit) =>
    listener(kit.security, (_request, response) => void response.end('{"secret":1}')),
}

describe.each(Object.entries(handlers))('an origin, with %s', (_, handlerOf) => {
  let kit: Kit
  let site: Listening
  let person: Person

  beforeAll(async () => {
    kit = await openKit({ cors: { origins: friends, credentials: true } })
    site = await listen(handlerOf(kit))
    person = await kit.person('manager')
  })
  afterAll(async () => {
    await site?.stop()
    await kit?.close()
  })

  async function ask(method: string, path: string, lines: readonly string[]) {
    const head = [`${method} ${path} HTTP/1.1`, 'host: localhost', ...lines].join('\r\n')
    const answer = await sendRaw(site.port, `${head}\r\n\r\n`)
    if (!answer) throw new Error('no answer')
    const allowed = Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))
    return { ...answer, allowed: allowed.sort() }
  }
  const preflight = (origin: string, method = 'PUT') =>
    ask('OPTIONS', '/api/orders', [`origin: ${origin}`, `access-control-request-method: ${method}`])

  it.each(friends)('that is ours may read, with cookies: %s', async (origin) => {
    const cookie = `cookie: ${person.cookie.cookie}`
    const answer = await ask('GET', '/api/orders', [`origin: ${origin}`, cookie])
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, origin])
    expect(answer.headers['access-control-allow-credentials']).toBe('true')
    expect(answer.headers.vary).toContain('origin')
    const ahead = await preflight(origin)
    expect([ahead.status, ahead.headers['access-control-allow-origin']]).toEqual([204, origin])
    expect(ahead.headers).toMatchObject({
      'access-control-max-age': '600',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      vary: 'origin, access-control-request-method, access-control-request-headers',
    })
  })

  it.each(strangers)('that is not ours gets no header and no error: %j', async (origin) => {
    const cookie = `cookie: ${person.cookie.cookie}`
    const answer = await ask('GET', '/api/orders', [`origin: ${origin}`, cookie])
    // Blanks at the end belong to no value (RFC 9110 section 5.5).
    const own = origin.trim() === 'https://app.example'
    expect([answer.status, answer.allowed.length > 0]).toEqual([200, own])
    expect(answer.headers.vary).toContain('origin')
    const ahead = await preflight(origin)
    expect([ahead.status, ahead.allowed.length > 0]).toEqual([204, own])
    expect(ahead.headers.vary).toContain('origin')
  })

  it('has a table of strangers that is long enough', () => {
    expect(new Set(strangers).size).toBeGreaterThanOrEqual(40)
  })

  it('that comes twice is nobody’s', async () => {
    const twice = [`origin: ${friends[0]}`, 'origin: https://evil.example']
    const { headers } = await ask('GET', '/healthz', twice)
    expect(headers['access-control-allow-origin']).not.toBe('https://evil.example')
  })

  it('of a stranger changes nothing about refusals: they can be read by our own alone', async () => {
    for (const origin of [friends[0] ?? '', 'https://evil.example']) {
      const answer = await ask('GET', '/auth/me', [`origin: ${origin}`])
      const readable = answer.headers['access-control-allow-origin'] === origin
      expect([answer.status, readable]).toEqual([401, origin === friends[0]])
    }
  })
})
