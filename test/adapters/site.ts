import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import {
  createSecurity,
  type ExpressSecurity,
  type SecurityOptions,
} from '../../src/adapters/express/index.ts'
import { createTestSecurity, type TestSecurity } from '../../src/testing/index.ts'
import { type RawAnswer, sendRaw } from './raw-http.ts'

export const baseUrl = 'http://localhost:3000'
/** What a proxy says that ends TLS, where `baseUrl` is HTTPS. */
export const behindTls = {
  options: { trustedProxies: ['loopback'] },
  headers: { 'x-forwarded-proto': 'https' },
} as const

export const password = 'correct horse battery staple 42'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A security with what tests look at: its log and people with their credentials. */
export interface Kit extends TestSecurity<ExpressSecurity> {
  readonly log: LogLine[]
  /** A new account and its access token. */
  person(role: string): Promise<Person>
}

export interface Person {
  readonly email: string
  readonly userId: string
  readonly bearer: { readonly authorization: string }
  /** The session cookie of another session of hers. */
  readonly cookie: { readonly cookie: string }
}

export async function openKit(options: Partial<SecurityOptions> = {}): Promise<Kit> {
  const log: LogLine[] = []
  const write =
    (level: LogLine['level']) =>
    (message: string, fields: LogLine['fields'] = {}) => {
      log.push({ level, message, fields })
    }
  const logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  }
  const kit = await createTestSecurity<ExpressSecurity>(
    { baseUrl, logger, ...options },
    createSecurity,
  )
  let count = 0
  return {
    ...kit,
    log,
    person: (role) => makePerson(kit.security, role, `p${++count}@example.com`),
  }
}

async function makePerson(security: ExpressSecurity, role: string, email: string): Promise<Person> {
  const { id } = await security.users.create({ email, password, roles: [role] })
  const signIn = async (transport: 'body' | 'session') => {
    const result = await security.signIn.withPassword({
      ...{ identifier: email, password, transport, clientKey: 'test', origin: {} },
      devices: [],
    })
    if (result.status !== 'signed_in') throw new Error(result.status)
    return result
  }
  const token = (await signIn('body')).accessToken
  const session = await signIn('session')
  return {
    email,
    userId: id,
    bearer: { authorization: `Bearer ${token}` },
    cookie: { cookie: `__Host-hf_session=${session.sessionToken}` },
  }
}

/** Something that listens on a port of this machine. */
export interface Listening {
  readonly server: Server
  readonly port: number
  fetch(path: string, init?: RequestInit): Promise<Answered>
  raw(text: string): Promise<RawAnswer | undefined>
  stop(): Promise<void>
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined unless the answer is JSON. */
  readonly json: Record<string, unknown> | undefined
}

export async function listen(target: Server | RequestListener): Promise<Listening> {
  const server = typeof target === 'function' ? createServer(target) : target
  if (!server.listening) {
    server.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
  }
  const { port } = server.address() as AddressInfo
  return {
    server,
    port,
    fetch: async (path, init = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        redirect: 'manual',
        ...init,
      })
      const text = await response.text()
      const isJson = /json/.test(response.headers.get('content-type') ?? '')
      const json = isJson && text !== '' ? JSON.parse(text) : undefined
      return { status: response.status, headers: response.headers, text, json }
    },
    raw: (text) => sendRaw(port, text),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An Express app behind `protect`, listening. */
export async function serve(
  kit: Kit,
  build: (app: Express, security: ExpressSecurity) => void,
): Promise<Listening> {
  const app = kit.security.protect(express())
  build(app, kit.security)
  return listen(app)
}
