import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { describeOpenssl, makeAuthority, type TestAuthority } from '../../test/certificates.ts'
import { createSafeFetch, type SafeFetchOptions } from './index.ts'

/** The machine that may be called, and one that must not be. Both are this one. */
const partner = '127.0.0.2'
const internal = '127.0.0.1'

const seen: { at: string; request: IncomingMessage; body: string }[] = []
const servers: Server[] = []
let answer = (_request: IncomingMessage, response: ServerResponse): unknown => response.end('hello')
let port = 0

beforeAll(async () => {
  const open = async (host: string, at: number): Promise<number> => {
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      seen.push({ at: host, request, body })
      answer(request, response)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(at, host, resolve))
    return (server.address() as AddressInfo).port
  }
  port = await open(partner, 0)
  await open(internal, port)
})
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})
beforeEach(() => {
  seen.length = 0
  answer = (_request, response) => response.end('hello')
})

const names: Readonly<Record<string, readonly string[]>> = {
  'partner.example': [partner],
  'other.example': [partner],
  'internal.example': [internal],
  'mixed.example': [partner, internal],
  'public.example': ['93.184.215.14', '::1'],
  'nat64.example': ['64:ff9b::a9fe:a9fe'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'nowhere.example': [],
}

function made(options: SafeFetchOptions = {}) {
  return createSafeFetch({
    ...{ http: true, networks: [partner], ports: [port] },
    resolve: async (hostname) => {
      const found = names[hostname]
      if (!found) throw new Error('ENOTFOUND')
      return found
    },
    ...options,
  })
}
const at = (path = '/', host = 'partner.example') => `http://${host}:${port}${path}`
const code = (name: string) => expect.objectContaining({ code: name })

describe('a fetch', () => {
  it('of somebody who changes to another protocol, or hangs up, has failed', async () => {
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'
    answer = (request) => request.socket.write(upgrade)
    await expect(made()(at())).rejects.toEqual(code('fetch_failed'))
    answer = (request) => request.socket.destroy()
    await expect(made()(at())).rejects.toEqual(code('fetch_failed'))
  })

  it('gives the answer of whom it may call, under the name that was asked for', async () => {
    const response = await made()(at('/x?y=1'), { headers: { 'X-Key': 'k' } })
    expect([response.status, response.text(), response.url]).toEqual([200, 'hello', at('/x?y=1')])
    expect(seen[0]?.request.headers).toMatchObject({
      ...{ host: `partner.example:${port}`, 'x-key': 'k', connection: 'close' },
    })
    expect(seen.map((one) => one.at)).toEqual([partner])
  })

  it('sends a body, and reads JSON', async () => {
    answer = (_request, response) => response.writeHead(201).end('{"a":1}')
    const response = await made()(at(), { method: 'POST', body: '{"b":2}' })
    expect([response.status, response.json(), seen[0]?.body]).toEqual([201, { a: 1 }, '{"b":2}'])
    answer = (_request, response) => response.end('no json')
    const other = await made()(at())
    expect(() => other.json()).toThrow(code('fetch_failed'))
  })

  it.each([
    ...['internal.example', 'mixed.example', 'public.example', 'nat64.example', 'mapped.example'],
    ...['nowhere.example', 'unknown.example', 'localhost', 'localhost.', '127.0.0.1', '127.1', '0'],
    ...['0x7f000001', '2130706433', '017700000001', '127.0.0.1.', '[::1]', '[::ffff:127.0.0.1]'],
    ...['[::ffff:7f00:1]', '169.254.169.254', '[fd00:ec2::254]', '[::]', '0.0.0.0', '１２７.0.0.1'],
  ])('of %s is refused, and nobody is called', async (host) => {
    const resolve = async (hostname: string) => names[hostname] ?? [internal]
    await expect(made({ resolve })(at('/', host))).rejects.toThrow(code('fetch_refused'))
    expect(seen).toEqual([])
  })

  it.each([
    ...['ftp://partner.example/', 'file:///etc/passwd', 'gopher://partner.example/', 'data:,x'],
    ...['javascript:1', 'not an address', '', '//partner.example/', 'http://', 'http:///x'],
    ...['http://partner.example:22/', 'http://partner.example:6379/', 'http://partner.example:25/'],
    ...['http://me@partner.example/', 'http://:pw@partner.example/', 'unix:/run/x.sock'],
  ])('of %j is refused', async (address) => {
    await expect(made()(address)).rejects.toThrow(code('fetch_refused'))
    expect(seen).toEqual([])
  })

  it('of plain HTTP is refused unless it was chosen', async () => {
    await expect(made({ http: false })(at())).rejects.toThrow(code('fetch_refused'))
  })

  it('of another origin than those that are allowed is refused', async () => {
    const fetch = made({ allow: [at('').replace(/\/$/, '')] })
    expect((await fetch(at())).status).toBe(200)
    await expect(fetch(at('/', 'other.example'))).rejects.toThrow(code('fetch_refused'))
    await expect(fetch(`http://partner.example.evil.example:${port}/`)).rejects.toThrow()
  })

  it('of an allowed origin whose name leads inside is refused all the same', async () => {
    const fetch = made({ allow: [`http://internal.example:${port}`] })
    await expect(fetch(at('/', 'internal.example'))).rejects.toThrow(code('fetch_refused'))
    expect(seen).toEqual([])
  })

  it('connects to what was checked, though the name answers otherwise a moment later', async () => {
    let asked = 0
    const resolve = async () => [asked++ % 2 === 0 ? partner : internal]
    const fetch = made({ resolve })
    const first = await fetch(at('/', 'rebinding.example'))
    expect([first.status, asked, seen.map((one) => one.at)]).toEqual([200, 1, [partner]])
    await expect(fetch(at('/', 'rebinding.example'))).rejects.toThrow(code('fetch_refused'))
    expect([asked, seen.length]).toEqual([2, 1])
  })

  it('tells nothing apart that is inside: what answers, what does not, what has no name', async () => {
    const tries = ['internal.example', 'unknown.example', '127.0.0.3', '10.255.255.1']
    const told = await Promise.all(
      tries.map((host) => made()(at('/', host)).catch(({ code, message }) => ({ code, message }))),
    )
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1)
  })
})

describe('a redirect', () => {
  const to = (location: string, status = 302) => {
    answer = (request, response) => {
      if (request.url === '/start') response.writeHead(status, { location }).end()
      else response.end('there')
    }
  }

  it('to whom may be called is followed, with what belongs to the first left behind', async () => {
    to(at('/end', 'other.example'))
    const headers = { authorization: 'Bearer x', cookie: 'a=b', 'x-key': 'k', accept: 'text/css' }
    const response = await made()(at('/start'), { headers })
    expect([response.text(), response.url]).toEqual(['there', at('/end', 'other.example')])
    const { authorization, cookie, accept } = seen[1]?.request.headers ?? {}
    expect([authorization, cookie, accept]).toEqual([undefined, undefined, 'text/css'])
    expect(seen[1]?.request.headers['x-key']).toBeUndefined()
  })

  it('to the same origin keeps what was sent', async () => {
    to('/end', 307)
    const sent = { method: 'POST', body: 'x', headers: { authorization: 'Bearer x' } } as const
    await made()(at('/start'), sent)
    expect([seen[1]?.request.method, seen[1]?.body]).toEqual(['POST', 'x'])
    expect(seen[1]?.request.headers.authorization).toBe('Bearer x')
    to('/end', 303)
    await made()(at('/start'), sent)
    expect([seen[3]?.request.method, seen[3]?.body]).toEqual(['GET', ''])
  })

  it.each([
    ['a machine inside', () => at('/end', 'internal.example')],
    ['loopback', () => at('/end', '127.0.0.1')],
    ['metadata', () => 'http://169.254.169.254/latest/meta-data/'],
    ['a file', () => 'file:///etc/passwd'],
    ['a user name', () => `http://partner.example@${internal}:${port}/end`],
    ['another port', () => 'http://partner.example:22/'],
    ['no address', () => 'http://['],
  ])('to %s is refused', async (_, location) => {
    to(location())
    await expect(made()(at('/start'))).rejects.toThrow(code('fetch_refused'))
    expect(seen.map((one) => one.at)).toEqual([partner])
  })

  it('to another origin with a body is refused', async () => {
    to(at('/end', 'other.example'), 308)
    const sent = { method: 'POST', body: 'secret' } as const
    await expect(made()(at('/start'), sent)).rejects.toThrow(code('fetch_refused'))
    expect(seen).toHaveLength(1)
  })

  it('has an end', async () => {
    answer = (_request, response) => response.writeHead(302, { location: '/again' }).end()
    await expect(made({ redirects: 2 })(at())).rejects.toThrow(code('fetch_failed'))
    expect(seen).toHaveLength(3)
  })
})

describe('an answer', () => {
  it.each([
    ['that announces it', { 'content-length': '2000' }],
    ['that does not', { 'transfer-encoding': 'chunked' }],
  ])('longer than the bound is refused, %s', async (_, headers) => {
    answer = (_request, response) => response.writeHead(200, headers).end('x'.repeat(2_000))
    const fetch = made({ maxBytes: '1kb' })
    await expect(fetch(at())).rejects.toThrow(code('fetch_too_large'))
    expect((await made()(at())).body).toHaveLength(2_000)
    expect((await fetch(at(), { method: 'HEAD' })).status).toBe(200)
  })

  it('that is packed though nobody asked is refused, for what it unpacks to has no bound', async () => {
    answer = (_request, response) =>
      response.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(1_000_000)))
    await expect(made()(at())).rejects.toThrow(code('fetch_failed'))
    expect(seen[0]?.request.headers['accept-encoding']).toBe('identity')
  })

  it('that never ends is given up', async () => {
    answer = (_request, response) => response.write('x')
    await expect(made({ timeout: '50ms' })(at())).rejects.toThrow(code('fetch_timeout'))
    const resolve = () => new Promise<readonly string[]>(() => {})
    const stuck = made({ timeout: '50ms', resolve })
    await expect(stuck(at())).rejects.toThrow(code('fetch_timeout'))
  })

  it('that breaks off is none', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('x')
      setImmediate(() => response.destroy())
    }
    await expect(made()(at())).rejects.toThrow(code('fetch_failed'))
  })
})

it.each([
  [{ headers: { 'x-a': 'b\r\nx-c: d' } }, 'x-a'],
  [{ headers: { 'x-a\r\nx-b': 'c' } }, 'x-a'],
  [{ headers: { Host: 'internal.example' } }, 'Host'],
  [{ headers: { 'Transfer-Encoding': 'chunked' } }, 'Transfer-Encoding'],
  [{ method: 'CONNECT' as 'GET' }, 'method'],
])(
  'a header that could end early, and one that is ours, is the mistake of the app: %j',
  async (request, named) => {
    await expect(made()(at(), request)).rejects.toThrow(named)
    expect(seen).toEqual([])
  },
)

it.each([
  { allow: ['https://x.example/path'] },
  { allow: ['https://*.example'] },
  { networks: ['everything'] },
  { maxBytes: 'much' as '1mb' },
  { timeout: '10' as '10s' },
  { redirects: -1 },
])('an option that cannot be is refused where it is written: %j', (options) => {
  expect(() => createSafeFetch(options)).toThrow(code('fetch_invalid'))
})

describeOpenssl('over TLS', () => {
  let authority: TestAuthority
  let tls: Server
  let tlsPort = 0
  beforeAll(async () => {
    authority = makeAuthority()
    const { cert, key } = authority.issue('partner', ['DNS:partner.example'])
    tls = createTlsServer({ cert, key }, (_request, response) => response.end('sealed'))
    await new Promise<void>((resolve) => tls.listen(0, partner, resolve))
    tlsPort = (tls.address() as AddressInfo).port
  })
  afterAll(() => {
    tls?.close()
    authority?.remove()
  })

  it('the certificate has to be that of the name, and of an authority that is believed', async () => {
    const options = { http: false, ports: [tlsPort] }
    const believing = made({ ...options, ca: authority.ca })
    expect((await believing(`https://partner.example:${tlsPort}/`)).text()).toBe('sealed')
    const other = believing(`https://other.example:${tlsPort}/`)
    await expect(other).rejects.toThrow(code('fetch_failed'))
    const wary = made(options)(`https://partner.example:${tlsPort}/`)
    await expect(wary).rejects.toThrow(code('fetch_failed'))
  })
})
