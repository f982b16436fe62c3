import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConstructionApp } from '../../examples/construction/app.ts'
import { connectTables } from '../../examples/construction/database.ts'
import { constructionSecurity } from '../../examples/construction/holdfast.ts'
import { ConstructionStore } from '../../examples/construction/store.ts'
import { startRetail } from '../../examples/retail/testdata/running.ts'
import type { CspReports, SecurityOptions } from '../../src/index.ts'
import { openSite } from '../pages/site.ts'

export const person = { identifier: 'ada@example.com', password: 'lantern marble orchard 41' }

/** Something with pages, where {@link person} has an account. */
export interface PagesSite {
  readonly origin: string
  readonly csp: CspReports
  close(): Promise<unknown>
}

export type OpenPages = (options: Partial<SecurityOptions>) => Promise<PagesSite>

const account = [
  ...['', '/password', '/email', '/data', '/close', '/authenticator', '/recovery-codes'],
  ...['/passkeys/add', '/prove', '/register', '/sign-in', '/verify', '/resend', '/forgot'],
  ...['/reset', '/confirm-email', '/undo-email', '/not-me'],
].map((page) => `/account${page}`)

const owner = { email: person.identifier, password: person.password }

/** Our own pages and those of both examples. */
export const pagesSites: readonly (readonly [string, OpenPages, readonly string[]])[] = [
  ['our pages', ours, account],
  ['the retail example', retail, ['/', '/report', '/assign', ...account]],
  ['the construction example', construction, ['/', '/api/projects', ...account]],
]

async function ours(options: Partial<SecurityOptions>): Promise<PagesSite> {
  const { close, security, url } = await openSite(options)
  await security.users.create(owner)
  return { origin: url, csp: security.csp, close }
}

async function retail(options: Partial<SecurityOptions>): Promise<PagesSite> {
  const folder = await mkdtemp(join(tmpdir(), 'retail-'))
  const { close, origin, security } = await startRetail(folder, options)
  await security.users.create({ ...owner, roles: ['admin'] })
  const remove = () => rm(folder, { recursive: true, force: true })
  return { origin, csp: security.csp, close: () => close().then(remove) }
}

async function construction(options: Partial<SecurityOptions>): Promise<PagesSite> {
  const dataDir = await mkdtemp(join(tmpdir(), 'construction-'))
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const settings = { dataDir, port }
  const security = constructionSecurity(settings, { logLevel: 'error', ...options })
  const store = new ConstructionStore(connectTables(settings))
  await Promise.all([store.ready(), security.ready()])
  server.on('request', createConstructionApp({ security, store, now: Date.now }))
  await security.users.create(owner)
  return {
    origin: `http://localhost:${port}`,
    csp: security.csp,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await security.close()
      await store.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
