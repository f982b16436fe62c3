import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import express, { type Express } from 'express'
import { createSecurity, type ExpressSecurity } from '../../src/adapters/express/index.ts'
import type { SecurityOptions } from '../../src/config/index.ts'
import { createTestSecurity, type TestSecurity } from '../../src/testing/index.ts'
import { type HttpAnswer, send } from '../nodes/nodes.ts'
import { freshDatabase } from '../services/fresh-database.ts'

/** A password that the policy takes. */
export const goodPassword = 'correct horse battery staple 42'

/** One Express app behind a security in this process, on a SQLite file of its own. */
export interface Site extends TestSecurity<ExpressSecurity> {
  readonly base: string
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<HttpAnswer>
  get(path: string, headers?: Record<string, string>): Promise<HttpAnswer>
  request(method: string, path: string, init?: RequestInit): Promise<HttpAnswer>
  /** Registers an address through HTTP and answers the token of the link mailed for it. */
  register(email: string, more?: Readonly<Record<string, unknown>>): Promise<string>
  /** Registers, confirms, and signs in for transport `body`. */
  signUp(email: string, more?: Readonly<Record<string, unknown>>): Promise<Person>
  login(identifier: string, password: string, client?: string): Promise<HttpAnswer>
  /** Every row of every table, as text. */
  dump(): Readonly<Record<string, readonly string[]>>
}

export interface Person {
  readonly id: string
  readonly bearer: Readonly<Record<string, string>>
}

/** Headers of a request that comes from another client, by way of a trusted proxy. */
export function from(client: string): Record<string, string> {
  return { 'x-forwarded-for': client }
}

export async function openSite(
  options: Partial<SecurityOptions> = {},
  extend: (app: Express, security: ExpressSecurity) => void = () => {},
): Promise<Site> {
  const fresh = await freshDatabase('sqlite')
  const kit = await createTestSecurity<ExpressSecurity>(
    { database: fresh.url, trustedProxies: ['127.0.0.0/8'], ...options },
    createSecurity,
  )
  const server = makeApp(kit.security, extend).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => void server.close(resolve))
    await kit.close()
    await fresh.drop()
  }
  const dump = () => dumpOf(fresh.url.replace('sqlite:', ''))
  return { ...kit, ...callsTo(base, kit), base, dump, close }
}

function makeApp(
  security: ExpressSecurity,
  extend: (app: Express, security: ExpressSecurity) => void,
): Express {
  const app = security.protect(express())
  app.get('/api/orders', security.guard('read:orders'), (req, res) => {
    res.json({ auth: req.auth })
  })
  app.post('/api/orders', security.guard('write:orders'), (req, res) => {
    res.json({ body: req.body })
  })
  app.get('/api/users', security.guard('read:security:users'), (_req, res) => {
    res.json({})
  })
  app.get('/open', security.open(), (_req, res) => {
    res.send('hello')
  })
  extend(app, security)
  app.use(security.errorHandler())
  return app
}

function callsTo(base: string, kit: TestSecurity<ExpressSecurity>) {
  const request = (method: string, path: string, init: RequestInit = {}) =>
    send(base + path, { redirect: 'manual', ...init, method })
  const json = { 'content-type': 'application/json' }
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    request('POST', path, { headers: { ...json, ...headers }, body: JSON.stringify(body) })
  const get = (path: string, headers: Record<string, string> = {}) =>
    request('GET', path, { headers })
  const register = async (email: string, more: Readonly<Record<string, unknown>> = {}) => {
    await mustAnswer(202, post('/auth/register', { email, password: goodPassword, ...more }))
    await kit.deliverMail()
    return kit.mailbox.latestToken(email)
  }
  const login = (identifier: string, password: string, client = '192.0.2.1') =>
    post('/auth/login', { identifier, password, transport: 'body' }, from(client))
  const signUp = async (email: string, more: Readonly<Record<string, unknown>> = {}) => {
    const token = await register(email, more)
    await mustAnswer(200, post('/auth/verify-email', { token }))
    const { json: body } = await mustAnswer(200, login(email, goodPassword))
    return { id: body.user.id, bearer: { authorization: `Bearer ${body.accessToken}` } }
  }
  return { request, post, get, register, login, signUp }
}

async function mustAnswer(status: number, answer: Promise<HttpAnswer>): Promise<HttpAnswer> {
  const given = await answer
  if (given.status !== status) throw new Error(`${status} expected: ${given.status} ${given.text}`)
  return given
}

function dumpOf(file: string): Record<string, readonly string[]> {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const tables = database
      .prepare("select name from sqlite_master where type = 'table' and name like 'hf_%'")
      .all()
    const rows = (name: string) => database.prepare(`select * from "${name}"`).all()
    return Object.fromEntries(
      tables.map(({ name }) => [
        String(name),
        rows(String(name))
          .map((row) => JSON.stringify(row))
          .sort(),
      ]),
    )
  } finally {
    database.close()
  }
}
