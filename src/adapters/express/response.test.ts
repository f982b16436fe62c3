import type { OutgoingHttpHeader, ServerResponse } from 'node:http'
import { request as httpRequest } from 'node:http'
import type { Express, RequestHandler } from 'express'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Kit, type Listening, openKit, serve } from '../../../test/adapters/site.ts'

let kit: Kit
const stops: (() => Promise<void>)[] = []

beforeAll(async () => {
  kit = await openKit()
})

afterAll(() => kit.close())

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function open(build: (app: Express) => void): Promise<Listening> {
  const site = await serve(kit, build)
  stops.push(site.stop)
  return site
}

/**
 * As compression and sessions do it through `on-headers` 1.0: `writeHead` is replaced, lists of
 * headers are read as pairs, and headers are added at the last moment.
 */
const onHeaders: RequestHandler = (_request, response, next) => {
  const original = response.writeHead
  const replaced = function writeHead(this: ServerResponse, status: number, ...rest: unknown[]) {
    const headers = rest.at(-1)
    if (Array.isArray(headers)) {
      for (const pair of headers) this.setHeader(pair[0], pair[1])
    } else if (typeof headers === 'object' && headers !== null) {
      for (const [name, value] of Object.entries(headers))
        this.setHeader(name, value as OutgoingHttpHeader as string)
    }
    this.removeHeader('content-length')
    this.setHeader('x-late', 'yes')
    this.appendHeader('set-cookie', 'sid=1')
    return original.call(this, status)
  }
  response.writeHead = replaced as never
  next()
}

describe('an answer', () => {
  it('of the app keeps our headers, its own changes and its cookies', async () => {
    const { open: open_ } = kit.security
    const site = await open((app) => {
      app.use(onHeaders)
      app.get('/set', open_(), (_request, response) => {
        response.removeHeader('x-dns-prefetch-control')
        response.setHeader('x-frame-options', 'SAMEORIGIN')
        response.vary('accept').cookie('a', 'b').send('ok')
      })
      app.get('/write', open_(), (_request, response) => {
        response
          .writeHead(206, { 'content-type': 'text/plain', 'referrer-policy': 'origin' })
          .end('ok')
      })
    })
    const set = await site.fetch('/set')
    expect(set.headers.get('x-frame-options')).toBe('SAMEORIGIN')
    expect(set.headers.get('x-dns-prefetch-control')).toBeNull()
    expect(set.headers.get('x-content-type-options')).toBe('nosniff')
    expect(set.headers.getSetCookie()).toEqual(['a=b; Path=/', 'sid=1'])
    const write = await site.fetch('/write')
    expect(write).toMatchObject({ status: 206, text: 'ok' })
    expect(write.headers.get('referrer-policy')).toBe('origin')
    expect(write.headers.get('x-late')).toBe('yes')
  })

  it('of ours is whole behind middleware that stands before writeHead', async () => {
    const site = await open((app) => {
      app.use(onHeaders)
      app.use((_request, response, next) => {
        response.setHeader('content-encoding', 'br').setHeader('etag', 'x').type('html')
        next()
      })
      app.get(
        '/guarded',
        kit.security.guard('read:orders'),
        (_request, response) => void response.send('secret'),
      )
    })
    const { headers, json, status } = await site.fetch('/guarded')
    expect(status).toBe(401)
    expect(json).toMatchObject({ code: 'authentication_required' })
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('x-late')).toBe('yes')
    expect([headers.get('content-encoding'), headers.get('etag')]).toEqual([null, null])
    expect([...headers.keys()].filter((name) => name.length < 3)).toEqual([])
  })

  it('may begin with early hints', async () => {
    const site = await open((app) => {
      app.get('/', kit.security.open(), (_request, response) => {
        response.writeEarlyHints({ link: '</a.css>; rel=preload' })
        response.send('ok')
      })
    })
    const hints: unknown[] = []
    const status = await new Promise((resolve) => {
      const sent = httpRequest({ port: site.port, host: '127.0.0.1' }, (response) => {
        response.resume()
        resolve(`${response.statusCode} ${response.headers['x-frame-options']}`)
      })
      sent.on('information', ({ headers }) => hints.push(headers)).end()
    })
    expect(status).toBe('200 DENY')
    expect(hints).toMatchObject([{ link: '</a.css>; rel=preload' }])
  })

  it('is 304 where nothing has changed', async () => {
    const site = await open((app) => {
      app.get(
        '/',
        kit.security.open(),
        (_request, response) => void response.set('etag', '"a"').send('ok'),
      )
    })
    const answer = await site.raw('GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: "a"\r\n\r\n')
    expect(answer).toMatchObject({ status: 304, headers: { 'x-frame-options': 'DENY' } })
  })
})

describe('an error', () => {
  const text = /deliberate|node_modules|\.ts|Cannot GET/

  it.each<[string, (app: Express) => void, number, string]>([
    [
      'thrown',
      (app) => void app.get('/x', kit.security.open(), () => raise()),
      500,
      'internal_error',
    ],
    [
      'of an async handler',
      (app) => void app.get('/x', kit.security.open(), async () => raise()),
      500,
      'internal_error',
    ],
    [
      'given to next',
      (app) =>
        void app.get('/x', kit.security.open(), (_q, _s, next) => next(new Error('deliberate'))),
      500,
      'internal_error',
    ],
    [
      'that is no error',
      (app) => void app.get('/x', kit.security.open(), () => Promise.reject('deliberate')),
      500,
      'internal_error',
    ],
    ['of pathless middleware', (app) => void app.use(() => raise()), 500, 'internal_error'],
    [
      'with a status of 4xx',
      (app) => void app.get('/x', kit.security.open(), () => raise({ status: 403 })),
      403,
      'forbidden',
    ],
    [
      'with an odd status',
      (app) => void app.get('/x', kit.security.open(), () => raise({ statusCode: 418 })),
      418,
      'invalid_request',
    ],
    [
      'with a status of success',
      (app) => void app.get('/x', kit.security.open(), () => raise({ status: 200 })),
      500,
      'internal_error',
    ],
    [
      'about a path that cannot be decoded',
      (app) => void app.get('/:x', kit.security.open(), () => {}),
      400,
      'path_ambiguous',
    ],
  ])(
    '%s is a problem without its text, with or without errorHandler()',
    async (title, build, status, code) => {
      for (const last of [true, false]) {
        const site = await open((app) => {
          build(app)
          if (last) app.use(kit.security.errorHandler())
        })
        const answer = await site.fetch(title.includes('decoded') ? '/%zz' : '/x')
        expect(answer).toMatchObject({ status, json: { code, status } })
        expect(answer.text).not.toMatch(text)
        const { requestId } = answer.json as { requestId: string }
        const told = kit.log.filter(({ fields }) => fields?.requestId === requestId)
        expect(told).toHaveLength(status >= 500 ? 1 : 0)
        expect(answer.headers.get('content-security-policy')).toContain('nonce-')
      }
    },
  )

  it('in the middle of an answer ends the connection instead of pretending', async () => {
    const site = await open((app) => {
      app.get('/x', kit.security.open(), (_request, response) => {
        response.write('half')
        raise()
      })
      app.use(kit.security.errorHandler())
    })
    await expect(site.fetch('/x')).rejects.toThrow()
    expect((await site.fetch('/nothing')).status).toBe(404)
  })

  function raise(members: object = {}): never {
    throw Object.assign(new Error('deliberate'), members)
  }
})

describe('static files', () => {
  const file = '/assets/README.md'
  const tight = { limits: { general: { points: 20, window: '1m' } } } as const

  it('are free for a client, one after the other and all at once, and the API still answers', async () => {
    const { default: express } = await import('express')
    const own = await openKit(tight)
    const site = await serve(own, (app, security) => {
      app.use('/assets', security.open(express.static(import.meta.dirname)))
      app.get('/api', security.open(), (_request, response) => void response.send('ok'))
    })
    try {
      const statuses: number[] = []
      for (let count = 0; count < 150; count++) statuses.push((await site.fetch(file)).status)
      const atOnce = await Promise.all(Array.from({ length: 150 }, () => site.fetch(file)))
      statuses.push(...atOnce.map(({ status }) => status))
      expect(new Set(statuses)).toEqual(new Set([200]))
      const api = await site.fetch('/api')
      expect([api.status, api.headers.get('ratelimit')]).toEqual([
        200,
        expect.stringContaining('r=19'),
      ])
    } finally {
      await site.stop()
      await own.close()
    }
  })

  it('that are missing are counted, also where nothing stands behind them', async () => {
    const { default: express } = await import('express')
    const own = await openKit(tight)
    const site = await serve(own, (app, security) => {
      const folder = import.meta.dirname
      app.use('/passed-on', security.open(express.static(folder)))
      app.use('/final', security.open(express.static(folder, { fallthrough: false })))
    })
    try {
      for (let count = 0; count < 10; count++) {
        expect((await site.fetch('/passed-on/none')).status).toBe(404)
        expect((await site.fetch('/final/none')).status).toBe(404)
      }
      expect((await site.fetch('/final/none')).status).toBe(429)
    } finally {
      await site.stop()
      await own.close()
    }
  })

  it('cost their client nothing of the general quota, what is missing does', async () => {
    const { default: express } = await import('express')
    const site = await open((app) => {
      app.use('/assets', kit.security.open(express.static(import.meta.dirname)))
      app.get('/count', kit.security.open(), (_request, response) => void response.send('ok'))
    })
    const left = async () =>
      Number(/r=(\d+)/.exec((await site.fetch('/count')).headers.get('ratelimit') ?? '')?.[1])
    const before = await left()
    expect((await site.fetch('/assets/README.md')).status).toBe(200)
    expect((await site.fetch('/assets/README.md')).status).toBe(200)
    expect(await left()).toBe(before - 1)
    expect((await site.fetch('/assets/nothing')).status).toBe(404)
    expect(await left()).toBe(before - 3)
  })
})
