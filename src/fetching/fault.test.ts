import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SecurityError, toProblem } from '../errors/index.ts'
import {
  createSafeFetch,
  FetchFault,
  type FetchFaultReason,
  type SafeFetchOptions,
  type SafeRequest,
} from './index.ts'

/** The machine that may be called: this one, under another address. */
const partner = '127.0.0.2'
let answer = (response: ServerResponse): unknown => response.end('hello')
let server: Server
let port = 0
beforeAll(async () => {
  server = createServer((_request, response) => void answer(response))
  await new Promise<void>((resolve) => server.listen(0, partner, resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const names: Readonly<Record<string, readonly string[]>> = {
  'partner.example': [partner],
  'other.example': [partner],
  'inside.example': ['10.1.2.3'],
  'nobody.example': [],
}
const at = (path = '/', host = 'partner.example') => `http://${host}:${port}${path}`

/** What a call throws. */
async function thrown(
  url: string,
  options: SafeFetchOptions = {},
  request: SafeRequest = {},
): Promise<SecurityError> {
  const fetch = createSafeFetch({
    ...{ http: true, networks: [partner], ports: [port] },
    resolve: async (name) => names[name] ?? Promise.reject(new Error(`ENOTFOUND ${name}`)),
    ...options,
  })
  return fetch(url, request).then(
    () => expect.fail('it was answered'),
    (error: SecurityError) => error,
  )
}

const reasonOf = ({ cause }: SecurityError) => (cause as FetchFault).reason
type Case = readonly [FetchFaultReason, () => Promise<SecurityError>]

const refusals: readonly Case[] = [
  ['address', () => thrown('no address')],
  ['scheme', () => thrown('file:///etc/passwd')],
  ['scheme', () => thrown(at(), { http: false })],
  ['userinfo', () => thrown(`http://me@partner.example:${port}/`)],
  ['port', () => thrown('http://partner.example:22/')],
  ['origin', () => thrown(at('/', 'other.example'), { allow: [at('').slice(0, -1)] })],
  ['dns', () => thrown(at('/', 'unknown.example'))],
  ['dns', () => thrown(at('/', 'nobody.example'))],
  ['private', () => thrown(at('/', 'inside.example'))],
  ['private', () => thrown('http://169.254.169.254/latest/meta-data/')],
]
const redirectTo = (location: string, request: SafeRequest = {}) => {
  answer = (response) => response.writeHead(307, { location }).end()
  return thrown(at(), {}, request)
}
const redirects: readonly Case[] = [
  ['private', () => redirectTo('http://127.0.0.1/')],
  ['redirect-address', () => redirectTo('http://[')],
  ['redirect-body', () => redirectTo(at('/', 'other.example'), { method: 'POST', body: 'x' })],
]
const failures: readonly Case[] = [
  ['redirects', () => redirectTo(at('/again'))],
  [
    'encoding',
    () => {
      answer = (response) => response.setHeader('content-encoding', 'gzip').end('x')
      return thrown(at())
    },
  ],
  [
    'incomplete',
    () => {
      answer = (response) => response.destroy()
      return thrown(at())
    },
  ],
]

describe('who wrote the call learns from the cause', () => {
  it.each([...refusals, ...redirects])('why it was refused: %s', async (reason, fail) => {
    const error = await fail()
    expect([error.code, reasonOf(error)]).toEqual(['fetch_refused', reason])
    expect(error.cause).toBeInstanceOf(FetchFault)
    expect((error.cause as FetchFault).message).toContain(`${reason}: `)
  })

  it.each(failures)('why it failed: %s', async (reason, fail) => {
    const error = await fail()
    expect([error.code, reasonOf(error)]).toEqual(['fetch_failed', reason])
  })

  it('what the resolver said', async () => {
    const { cause } = await thrown(at('/', 'unknown.example'))
    expect((cause as FetchFault).cause).toMatchObject({ message: 'ENOTFOUND unknown.example' })
  })

  it('that the answer is no JSON', async () => {
    answer = (response) => response.end('no json')
    const fetch = createSafeFetch({
      ...{ http: true, networks: [partner], ports: [port], resolve: async () => [partner] },
    })
    const response = await fetch(at())
    expect(() => response.json()).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ reason: 'json' }) }),
    )
  })
})

it('whoever chose the address learns nothing of the cause, however the error is handed on', async () => {
  const told = new Set<string>()
  for (const [, fail] of refusals) {
    const error = await fail()
    told.add(JSON.stringify([toProblem(error), error, error.message, String(error), error.detail]))
  }
  expect(told.size).toBe(1)
})
