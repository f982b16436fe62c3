import { describe, expect, it } from 'vitest'
import type { ControlMode } from '../config/index.ts'
import { compileTrustedProxies, type Exchange, newExchangeState } from '../http/index.ts'
import { arrivalOf, type HttpsParts, requireHttps } from './https.ts'

const trusted = compileTrustedProxies(['10.0.0.0/8'])
const proxy = '10.0.0.7'
const stranger = '203.0.113.9'

interface Facts {
  readonly peer?: string
  readonly encrypted?: boolean
  readonly headers?: Record<string, string | string[]>
  readonly method?: string
  readonly path?: string
  readonly query?: string
}

function exchangeOf(facts: Facts): Exchange {
  const { encrypted = false, headers = {}, method = 'GET', path = '/', query = '' } = facts
  return {
    ...{ method, path, query, headers, encrypted, peerAddress: facts.peer ?? stranger },
    ...{ requestId: 'r', startedAt: 0, state: newExchangeState() },
    readBody: () => Promise.reject(new Error('unread')),
  }
}

const told = (value: string | string[]) => ({ 'x-forwarded-proto': value })

describe('a request', () => {
  it.each<[string, Facts]>([
    ['its socket is TLS', { encrypted: true }],
    ['its socket is TLS, whatever a stranger says', { encrypted: true, headers: told('http') }],
    ['a trusted proxy says so', { peer: proxy, headers: told('https') }],
    ['a trusted proxy says so in capitals', { peer: proxy, headers: told('HTTPS') }],
    ['every proxy says so', { peer: proxy, headers: told('https, https') }],
    ['a trusted proxy in IPv6 says so', { peer: `::ffff:${proxy}`, headers: told('https') }],
    ['a proxy on this machine says so by a Unix socket', { peer: '', headers: told('https') }],
    ['a trusted proxy speaks TLS with us', { peer: proxy, encrypted: true }],
  ])('came by TLS when %s', (_, facts) => {
    expect(arrivalOf(exchangeOf(facts), trusted)).toBe('secure')
  })

  it.each<[string, Facts, string]>([
    ['nobody says anything', {}, 'plain'],
    ['a trusted proxy says so', { peer: proxy, headers: told('http') }, 'plain'],
    ['one of the proxies says so', { peer: proxy, headers: told('http, https') }, 'plain'],
    ['the last of the proxies says so', { peer: proxy, headers: told('https,http') }, 'plain'],
    ['a proxy says something else', { peer: proxy, headers: told('https;x') }, 'plain'],
    ['a proxy says nothing in it', { peer: proxy, headers: told('') }, 'plain'],
    ['a proxy says two things', { peer: proxy, headers: told(['https', 'http']) }, 'plain'],
    [
      'TLS ends twice, and the first hop was plain',
      { peer: proxy, encrypted: true, headers: told('http') },
      'plain',
    ],
    ['a stranger says https', { headers: told('https') }, 'unknown'],
    ['a stranger was forwarded', { headers: { 'x-forwarded-for': '1.1.1.1' } }, 'unknown'],
    ['a stranger came via somebody', { headers: { via: '1.1 x' } }, 'unknown'],
    ['a trusted proxy says nothing', { peer: proxy }, 'unknown'],
  ])('did not when %s', (_, facts, arrival) => {
    expect(arrivalOf(exchangeOf(facts), trusted)).toBe(arrival)
  })
})

describe('where baseUrl is HTTPS', () => {
  const html = { accept: 'text/html,*/*' }
  const ask = (facts: Facts, https: ControlMode = 'on') =>
    requireHttps(exchangeOf(facts), {
      ...{ trusted, modes: { https }, secure: true, ownOrigin: 'https://shop.example' },
    })

  it.each([
    ['/orders', 'a=1', 'https://shop.example/orders?a=1'],
    ['/', '', 'https://shop.example/'],
    ['//evil.example', '', 'https://shop.example/'],
    ['/a/../b', 'x', 'https://shop.example/'],
    ['/\\evil.example', '', 'https://shop.example/'],
    ['/%2f%2fevil.example', '', 'https://shop.example/'],
    ['/x', 'ü', 'https://shop.example/'],
    ['*', '', 'https://shop.example/'],
  ])('a page asked for in plain is at baseUrl, never at Host: %s?%s', (path, query, location) => {
    const headers = { ...html, host: 'evil.example' }
    expect(ask({ path, query, headers })).toEqual({ status: 308, headers: { location } })
  })

  it.each<[string, Facts]>([
    ['a program', { headers: { accept: 'application/json' } }],
    ['a form', { method: 'POST', headers: html }],
    ['a WebSocket', { headers: { upgrade: 'websocket' } }],
    ['a page that could come back for ever', { headers: { ...html, ...told('https') } }],
    ['a page behind a silent proxy', { peer: proxy, headers: html }],
    ['a change at the path of a health check', { method: 'POST', path: '/healthz' }],
    ['a path below that of a health check', { path: '/healthz/x' }],
  ])('%s in plain is refused', (_, facts) => {
    expect(() => ask(facts)).toThrow(expect.objectContaining({ code: 'https_required' }))
  })

  it('a page is refused where redirects are off, so that shadow can count it', () => {
    expect(() => ask({ headers: html }, 'shadow')).toThrow()
  })

  it.each(['/healthz', '/readyz'])('%s is answered in plain', (path) => {
    expect(ask({ path })).toBeUndefined()
    expect(ask({ path, method: 'HEAD', headers: html })).toBeUndefined()
  })

  it('no answer over plain HTTP carries HSTS', () => {
    const exchange = exchangeOf({ headers: html })
    exchange.state.responseHeaders.push(
      'x-a',
      '1',
      'strict-transport-security',
      'max-age=1',
      'x-b',
      '2',
    )
    const own: HttpsParts = {
      trusted,
      modes: { https: 'on' },
      secure: true,
      ownOrigin: 'https://shop.example',
    }
    requireHttps(exchange, own)
    expect(exchange.state.responseHeaders).toEqual(['x-a', '1', 'x-b', '2'])
  })
})

it('where baseUrl is plain, on localhost, nothing is asked', () => {
  const own: HttpsParts = {
    trusted,
    modes: { https: 'on' },
    secure: false,
    ownOrigin: 'http://localhost:3000',
  }
  expect(requireHttps(exchangeOf({ method: 'POST' }), own)).toBeUndefined()
})
