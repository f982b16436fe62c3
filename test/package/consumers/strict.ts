// An app in TypeScript that publishes declarations of its own: every type it infers must have a name.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Request, type Response } from 'express'
import {
  type Auth,
  createSecurity,
  type ExpressSecurity,
  type SecurityOptions,
  type SignInResult,
} from 'holdfast/express'
import { listener } from 'holdfast/node'
import { createTestSecurity } from 'holdfast/testing'

export const options: SecurityOptions = {
  appName: 'Strict',
  mode: 'development',
  masterKey: undefined,
  sessions: { cookie: { idle: '30m' } },
  limits: { policies: { exports: { points: 5, window: '1h' } } },
}

export const kit = await createTestSecurity({ ...options, masterKey: freshKey() }, createSecurity)
export const security = kit.security
export const verbs = {
  guard: security.guard('read:orders'),
  byRole: security.guard({ anyRole: ['admin'] }),
  resource: security.guard.resource('orders', { audit: 'orders.used' }),
  signedIn: security.authenticate,
  open: security.open(),
  limit: security.rateLimit('exports'),
  errors: security.errorHandler(),
}
export const rooms = {
  users: security.users,
  signIn: security.signIn,
  signUp: security.signUp,
  sessions: security.sessions,
  access: security.access,
  limits: security.limits,
  audit: security.audit,
  tokens: security.tokens,
  config: security.config,
  routes: security.routes,
  mailbox: security.mailbox,
}
export const methods = {
  create: security.users.create.bind(security.users),
  list: (userId: string) => security.sessions.list(userId),
  verify: (token: string) => security.tokens.verify(token),
  consume: (key: string) => security.limits.consume('exports', key),
  stop: security.on('sign_in.failed', (event) => event.payload.cause),
}

export function whoIs(request: Request): Auth | undefined {
  return request.auth
}

export function orders(request: Request, response: Response) {
  response.json({ for: request.auth?.userId, may: request.auth?.can('write:orders') })
}

/** Leaves no result out: a new status would not compile here. */
export function describe(result: SignInResult): string {
  switch (result.status) {
    case 'signed_in':
      return result.user.id
    case 'mfa_required':
      return result.methods.join()
    case 'challenge_required':
      return Object.keys(result.challenge).join()
    case 'verification_required':
    case 'factor_rejected':
    case 'denied':
      return result.status
  }
}

export const app = security.protect(express())
app.get('/', security.open(), (_request, response) => void response.send('Hello'))
app.get('/orders', verbs.guard, verbs.limit, orders)
app.get('/forgotten', (_request, response) => void response.send('nobody reads this'))
app.use(verbs.errors)

export const plain = createServer(
  listener(security, (_request, response, { auth, require }) => {
    response.end(`${auth?.userId}${require('read:orders').level}`)
  }),
)

export function freshKey(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
}

export async function statusOf(base: string, path: string, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return (await fetch(base + path, { headers })).status
}

async function signedIn(to: ExpressSecurity) {
  const account = { email: 'ada@example.com', password: 'correct horse battery staple 42' }
  await to.users.create(account)
  const result = await to.signIn.withPassword({
    identifier: account.email,
    password: account.password,
    transport: 'body',
    devices: [],
    clientKey: '192.0.2.1',
    origin: {},
  })
  return result.status === 'signed_in' ? result.accessToken : describe(result)
}

const server = app.listen(0, '127.0.0.1')
plain.listen(0, '127.0.0.1')
await Promise.all([once(server, 'listening'), once(plain, 'listening')])
const at = (one: { address(): AddressInfo | string | null }) =>
  `http://127.0.0.1:${(one.address() as AddressInfo).port}`
const token = await signedIn(security)
console.log(
  JSON.stringify({
    home: await statusOf(at(server), '/'),
    nobody: await statusOf(at(server), '/orders'),
    somebody: await statusOf(at(server), '/orders', token),
    forgotten: await statusOf(at(server), '/forgotten', token),
    plain: await statusOf(at(plain), '/', token),
  }),
)
server.close()
plain.close()
await kit.close()
