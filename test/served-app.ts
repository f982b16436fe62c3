import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import { createSecurity, type ExpressSecurity } from '../src/adapters/express/index.ts'
import type { SecurityOptions } from '../src/config/index.ts'
import { createTestSecurity, type TestSecurity } from '../src/testing/index.ts'

/** Strong enough for the policy, and nobody's words. */
export const goodPassword = 'correct horse battery staple 42'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  /** The parsed body, of whatever shape: the test judges it. Undefined when it is no JSON. */
  readonly json: ReturnType<typeof JSON.parse>
  readonly text: string
}

export interface ServedApp extends TestSecurity<ExpressSecurity> {
  readonly base: string
  request(method: string, path: string, options?: RequestOptions): Promise<Reply>
  /** An active account, made by code. */
  person(email: string, roles?: readonly string[]): Promise<string>
  /** Signs in as a native client and gives both tokens. */
  signIn(email: string): Promise<{ accessToken: string; refreshToken: string; sessionId: string }>
  stop(): Promise<void>
}

export interface RequestOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string
  readonly cookie?: string
}

/** A protected Express app on a real socket: `/api/orders` guarded, `/open` for everybody. */
export async function serveApp(
  options: Partial<SecurityOptions> = {},
  extend: (app: Express, security: ExpressSecurity) => void = () => {},
): Promise<ServedApp> {
  const kit = await createTestSecurity<ExpressSecurity>(options, createSecurity)
  const { security } = kit
  const app = security.protect(express())
  app.get('/open', security.open(), (_request, response) => void response.send('hello'))
  app.get('/api/orders', security.guard('read:orders'), (request, response) => {
    response.json({ userId: request.auth?.userId })
  })
  app.post('/api/orders', security.guard('write:orders'), (request, response) => {
    response.json({ body: request.body })
  })
  extend(app, security)
  app.use(security.errorHandler())
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const request = (method: string, path: string, given: RequestOptions = {}) =>
    send(base + path, method, given)
  return {
    ...kit,
    base,
    request,
    person: async (email, roles) =>
      (await security.users.create({ email, password: goodPassword, ...(roles ? { roles } : {}) }))
        .id,
    signIn: async (email) =>
      (
        await request('POST', '/auth/login', {
          body: { email, password: goodPassword, transport: 'body' },
        })
      ).json,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await kit.close()
    },
  }
}

async function send(url: string, method: string, given: RequestOptions): Promise<Reply> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(given.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(given.token === undefined ? {} : { authorization: `Bearer ${given.token}` }),
      ...(given.cookie === undefined ? {} : { cookie: given.cookie }),
      ...given.headers,
    },
    ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  }
}

/** The `name=value` pairs that an answer's cookies leave in a browser, as a Cookie header. */
export function cookiesOf(reply: Reply): string {
  return reply.headers
    .getSetCookie()
    .filter((cookie) => !cookie.includes('; Max-Age=0;'))
    .map((cookie) => cookie.split(';')[0] ?? '')
    .join('; ')
}
