import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ExpressSecurity, SecurityOptions } from 'holdfast/express'
import { createConstructionApp } from '../../examples/construction/app.ts'
import { connectTables } from '../../examples/construction/database.ts'
import { constructionSecurity } from '../../examples/construction/holdfast.ts'
import { makeFirstPeople as makeBuilders } from '../../examples/construction/people.ts'
import { ConstructionStore } from '../../examples/construction/store.ts'
import { createRetailApp } from '../../examples/retail/app.ts'
import { Companies } from '../../examples/retail/companies.ts'
import { retailSecurity } from '../../examples/retail/holdfast.ts'
import { importFiles } from '../../examples/retail/import.ts'
import { makeFirstPeople as makeSellers } from '../../examples/retail/people.ts'
import { progressTo } from '../../examples/retail/progress.ts'
import { retailDatabase } from '../../examples/retail/settings.ts'
import { RetailStore } from '../../examples/retail/store.ts'
import { freePort } from '../free-port.ts'
import { AnswerCounts } from './answer-counts.ts'

/** A request whose parameters a tool may change. `*` in the path marks a part that it changes too. */
export interface Target {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  /** JSON. */
  readonly body?: unknown
}

/** An example that listens on loopback, with somebody signed in. */
export interface ProbedApp {
  readonly name: string
  readonly origin: string
  /** Access token of somebody who may do much. */
  readonly token: string
  readonly targets: readonly Target[]
  /** Pages where a crawler begins. */
  readonly pages: readonly string[]
  readonly counts: AnswerCounts
  /** Sockets that are open now. */
  connections(): Promise<number>
  close(): Promise<void>
}

const most = { points: 1_000_000 } as const

/** The examples as they are, but for limits and the detection of attacks, which would end the probe. */
const overrides: Partial<SecurityOptions> = {
  limits: {
    ...{ general: most, account: most, auth: most, authClient: most },
    ...{ mailAddress: most, mailClient: most, passwordCheck: most },
  },
  detection: { mode: 'off' },
  tokens: { accessLifetime: '60m' },
  captcha: 'none',
  mfa: 'optional',
  logLevel: 'error',
}

/** Targets that every app has, because they are ours. */
const ownTargets: readonly Target[] = [
  {
    method: 'POST',
    path: '/auth/login',
    body: { email: 'ada@example.com', password: 'a wrong one' },
  },
  { method: 'POST', path: '/auth/password/forgot', body: { email: 'ada@example.com' } },
  { method: 'POST', path: '/auth/verify-email', body: { token: 'abc' } },
  { method: 'GET', path: '/auth/sessions?limit=5' },
]

export async function openConstruction(): Promise<ProbedApp> {
  const settings = await settingsFor('construction')
  const security = constructionSecurity(settings, overrides)
  const store = new ConstructionStore(connectTables(settings))
  await store.ready()
  await security.ready()
  const people: { role: string; email: string; password: string }[] = []
  await makeBuilders(security, (person) => people.push(person))
  const person = people.find(({ role }) => role === 'manager') ?? people[0]
  const app = createConstructionApp({ security, store, now: Date.now })
  const served = await serve(app, settings.port)
  const token = await tokenOf(security, person)
  const made = await fetch(`${served.origin}/api/projects`, {
    ...{ method: 'POST', body: JSON.stringify({ name: 'Probe', site: 'Here' }) },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
  const { id } = (await made.json()) as { readonly id: string }
  return {
    ...{
      name: 'construction',
      token,
      ...served,
      pages: ['/', '/account/sign-in', '/api/projects'],
    },
    targets: [
      ...ownTargets,
      { method: 'GET', path: `/api/projects/${id}*` },
      { method: 'GET', path: '/api/projects?status=active' },
      { method: 'POST', path: '/api/projects', body: { name: 'Tower', site: 'North' } },
      { method: 'PATCH', path: `/api/projects/${id}`, body: { name: 'Tower' } },
      { method: 'POST', path: `/api/projects/${id}/tasks`, body: { title: 'Dig' } },
      { method: 'POST', path: `/api/projects/${id}/members`, body: { userId: id } },
    ],
    async close() {
      await served.stop()
      await security.close()
      await store.close()
      rmSync(settings.dataDir, { recursive: true, force: true })
    },
  }
}

export async function openRetail(): Promise<ProbedApp> {
  const settings = await settingsFor('retail')
  const directory = fileURLToPath(new URL('../../examples/retail/data/', import.meta.url))
  const store = new RetailStore(retailDatabase(settings))
  await importFiles({ store, directory, now: Date.now, progress: progressTo(process.stderr) })
  const security = retailSecurity(settings, overrides)
  await security.ready()
  const companies = new Companies(security, store)
  await companies.makeAll()
  const people: { email: string; password: string }[] = []
  await makeSellers({ security, store, companies, show: (made) => people.push(...made) })
  const served = await serve(createRetailApp({ security, store, now: Date.now }), settings.port)
  const token = await tokenOf(security, people[0])
  const period = 'from=2024-01-01&to=2024-12-31'
  return {
    ...{ name: 'retail', token, ...served, pages: ['/', '/account/sign-in', '/report', '/assign'] },
    targets: [
      ...ownTargets,
      { method: 'GET', path: `/api/inventory/turnover?${period}&storeId=1` },
      { method: 'GET', path: `/companies/harbour*/api/inventory/turnover?${period}` },
      { method: 'GET', path: '/admin/users?search=ada&limit=5' },
      { method: 'GET', path: '/assign?saved=1' },
    ],
    async close() {
      await served.stop()
      await security.close()
      store.close()
      rmSync(settings.dataDir, { recursive: true, force: true })
    },
  }
}

async function settingsFor(name: string) {
  return { dataDir: mkdtempSync(join(tmpdir(), `holdfast-probe-${name}-`)), port: await freePort() }
}

/** What ends the session that the tools work with. They would try everything after it as a stranger. */
const endings = /^\/(?:auth\/logout|account\/(?:sign-out|close|sessions|password|not-me))/

async function serve(app: RequestListener, port: number) {
  const counts = new AnswerCounts()
  const server = createServer((request, response) => {
    if (endings.test(request.url ?? '')) return void response.writeHead(404).end()
    response.once('finish', () => counts.note(request, response.statusCode))
    app(request, response)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    counts,
    origin: `http://localhost:${port}`,
    connections: () =>
      new Promise<number>((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function tokenOf(
  security: ExpressSecurity,
  person: { readonly email: string; readonly password: string } | undefined,
): Promise<string> {
  if (!person) throw new Error('the example has made nobody')
  const result = await security.signIn.withPassword({
    ...{ identifier: person.email, password: person.password, transport: 'body', devices: [] },
    ...{ clientKey: '127.0.0.1', origin: {} },
  })
  const token = result.status === 'signed_in' ? result.accessToken : undefined
  if (token === undefined) throw new Error(`signing in ended in ${result.status}`)
  return token
}
