import { describe, expect, it } from 'vitest'
import type { CorsConfig } from '../config/index.ts'
import { compileCors } from './cors.ts'

const config: CorsConfig = {
  origins: ['https://app.example', 'http://localhost:5173'],
  credentials: true,
  methods: ['GET', 'POST'],
  allowedHeaders: ['content-type', 'x-csrf-token'],
  exposedHeaders: ['ratelimit', 'retry-after'],
  maxAgeMs: 600_000,
}

const ask = (method: string, origin?: string, requestMethod?: string, change = {}) => {
  const decision = compileCors({ ...config, ...change }).decide({ method, origin, requestMethod })
  const { headers } = decision
  const pairs = Array.from({ length: headers.length / 2 }, (_, i) =>
    headers.slice(2 * i, 2 * i + 2),
  )
  return { preflight: decision.preflight, headers: Object.fromEntries(pairs) }
}

describe('a request', () => {
  it('of a known origin may be read by it', () => {
    expect(ask('GET', 'https://app.example')).toEqual({
      preflight: false,
      headers: {
        vary: 'origin',
        'access-control-allow-origin': 'https://app.example',
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'ratelimit, retry-after',
      },
    })
  })

  it.each([
    ...['https://evil.example', 'https://app.example.evil', 'https://xapp.example', 'null', ''],
    ...[
      'http://app.example',
      'https://app.example:444',
      'https://app.example/',
      'HTTPS://APP.EXAMPLE',
    ],
    ...['https://app.example, https://evil.example', '*', '__proto__'],
  ])('of the unknown origin %j gets no permission, no error, and Vary', (origin) => {
    expect(ask('POST', origin)).toEqual({ preflight: false, headers: { vary: 'origin' } })
    const ahead = ask('OPTIONS', origin, 'POST')
    expect(Object.keys(ahead.headers)).toEqual(['vary'])
  })

  it('without an origin varies too, so that no cache mixes the answers', () => {
    expect(ask('GET')).toEqual({ preflight: false, headers: { vary: 'origin' } })
  })

  it('is left alone where CORS is not used', () => {
    expect(ask('GET', 'https://app.example', undefined, { origins: [] })).toEqual({
      preflight: false,
      headers: {},
    })
    expect(ask('OPTIONS', 'https://a.example', 'PUT', { origins: [] }).preflight).toBe(false)
  })
})

describe('a preflight', () => {
  it('is answered with everything that is allowed, to be remembered', () => {
    expect(ask('OPTIONS', 'http://localhost:5173', 'POST')).toEqual({
      preflight: true,
      headers: {
        vary: 'origin, access-control-request-method, access-control-request-headers',
        'access-control-allow-origin': 'http://localhost:5173',
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'content-type, x-csrf-token',
        'access-control-max-age': '600',
      },
    })
  })

  it('is one only with OPTIONS, Origin and the method asked for', () => {
    expect(ask('OPTIONS', 'https://app.example').preflight).toBe(false)
    expect(ask('OPTIONS', undefined, 'POST').preflight).toBe(false)
    expect(ask('GET', 'https://app.example', 'POST').preflight).toBe(false)
  })
})

it('without credentials no cookie is allowed, and no origin may change state by one', () => {
  const change = { credentials: false }
  const { headers } = ask('GET', 'https://app.example', undefined, change)
  expect(headers['access-control-allow-credentials']).toBeUndefined()
  expect(compileCors({ ...config, ...change }).credentialedOrigins).toEqual([])
  expect(compileCors(config).credentialedOrigins).toEqual(config.origins)
})

it.each([
  ...[{ origins: ['*'] }, { origins: ['null'] }, { origins: ['https://*.example'] }],
  ...[{ origins: ['https://app.example/'] }, { origins: ['app.example'] }, { origins: [''] }],
  ...[{ origins: ['https://app.example/x'] }, { origins: ['https://u@app.example'] }],
  ...[{ origins: ['HTTPS://app.example'] }, { origins: ['https://app.example:443'] }],
  ...[{ origins: ['file:///x'] }, { origins: ['https://bücher.example'] }],
  ...[{ methods: ['*'] }, { allowedHeaders: ['*'] }, { exposedHeaders: ['*'] }],
  ...[
    { methods: ['GET, PUT'] },
    { allowedHeaders: ['a\r\nb'] },
    { origins: ['*'], credentials: false },
  ],
])('what is no exact name is refused when it is compiled: %j', (change) => {
  expect(() => compileCors({ ...config, ...change })).toThrow(
    expect.objectContaining({ code: 'cors_invalid' }),
  )
})
