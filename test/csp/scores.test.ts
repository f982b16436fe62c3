import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConstructionApp } from '../../examples/construction/app.ts'
import { connectTables } from '../../examples/construction/database.ts'
import { constructionSecurity } from '../../examples/construction/holdfast.ts'
import { ConstructionStore } from '../../examples/construction/store.ts'
import { startRetail } from '../../examples/retail/testdata/running.ts'
import type { SecurityOptions } from '../../src/index.ts'
import { openSite } from '../pages/site.ts'
import { scoreOf } from './observatory.ts'

/** As behind a proxy that speaks TLS. */
const online: Partial<SecurityOptions> = {
  ...{
    baseUrl: 'https://shop.example',
    mode: 'production',
    trustedProxies: ['127.0.0.0/8', '::1'],
  },
  limits: { general: { points: 100_000 }, account: { points: 100_000 } },
}
const byTls = { 'x-forwarded-proto': 'https', accept: 'text/html' }
const account = [
  ...['', '/password', '/email', '/data', '/close', '/authenticator', '/recovery-codes'],
  ...['/passkeys/add', '/prove', '/register', '/sign-in', '/verify', '/resend', '/forgot'],
  ...['/reset', '/confirm-email', '/undo-email', '/not-me'],
].map((page) => `/account${page}`)

interface Pages {
  readonly origin: string
  readonly cookie: string
  close(): Promise<unknown>
}

type MakeUser = (email: string, password: string) => Promise<unknown>

const person = { identifier: 'ada@example.com', password: 'lantern marble orchard 41' }

/** The Cookie header of somebody who signed in by the form. */
async function signIn(origin: string, makeUser: MakeUser): Promise<string> {
  await makeUser(person.identifier, person.password)
  const response = await fetch(`${origin}/account/sign-in`, {
    method: 'POST',
    headers: { ...byTls, origin: 'https://shop.example' },
    body: new URLSearchParams(person),
    redirect: 'manual',
  })
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
  expect(cookies.length).toBeGreaterThan(0)
  return cookies.join('; ')
}

async function ourPages(): Promise<Pages> {
  const site = await openSite(online)
  const origin = site.url
  const make: MakeUser = (email, password) => site.security.users.create({ email, password })
  return { origin, cookie: await signIn(origin, make), close: site.close }
}

async function retail(): Promise<Pages> {
  const folder = await mkdtemp(join(tmpdir(), 'retail-'))
  const running = await startRetail(folder, online)
  const { origin, security } = running
  const make: MakeUser = (email, password) => {
    return security.users.create({ email, password, roles: ['admin'] })
  }
  const cookie = await signIn(origin, make)
  const close = () => running.close().then(() => rm(folder, { recursive: true, force: true }))
  return { origin, cookie, close }
}

async function construction(): Promise<Pages> {
  const dataDir = await mkdtemp(join(tmpdir(), 'construction-'))
  const settings = { dataDir, port: 3100 }
  const security = constructionSecurity(settings, { ...online, logLevel: 'error' })
  const store = new ConstructionStore(connectTables(settings))
  await Promise.all([store.ready(), security.ready()])
  const server = createServer(createConstructionApp({ security, store, now: Date.now }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const make: MakeUser = (email, password) => security.users.create({ email, password })
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await security.close()
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { origin, cookie: await signIn(origin, make), close }
}

/** Findings of csp_evaluator that are high or may be: severities 10 to 20 and 40. */
function highFindings(policy: string): string[] {
  const csp = new CspParser(policy).csp
  return new CspEvaluator(csp)
    .evaluate()
    .filter(({ severity }) => severity <= 40)
    .map(({ description, directive, severity }) => `${severity} ${directive}: ${description}`)
}

describe.each([
  ['our pages', ourPages, account],
  ['the retail example', retail, ['/', '/report', '/assign', ...account]],
  ['the construction example', construction, ['/', '/api/projects', ...account]],
] as const)('%s', (_name, open, paths) => {
  let pages: Pages
  beforeAll(async () => {
    pages = await open()
  }, 60_000)
  afterAll(() => pages?.close())

  it.each(paths)('%s scores at least 130 and has no high finding', async (path) => {
    for (const cookie of ['', pages.cookie]) {
      const headers = { ...byTls, ...(cookie === '' ? {} : { cookie }) }
      const response = await fetch(`${pages.origin}${path}`, { headers, redirect: 'manual' })
      expect([200, 303, 400, 401, 403]).toContain(response.status)
      const { modifiers, score } = scoreOf(response.headers, await response.text())
      expect(score, JSON.stringify(modifiers)).toBeGreaterThanOrEqual(130)
      expect(highFindings(response.headers.get('content-security-policy') ?? '')).toEqual([])
    }
  })
})

describe('the scoring', () => {
  const score = (headers: Record<string, string>, html = '') =>
    scoreOf(new Headers(headers), html).modifiers

  it('finds no merit in an answer without headers', () => {
    // 100, without CSP -25, HSTS -20, frames -20 and content type -5.
    expect(scoreOf(new Headers(), '').score).toBe(30)
  })

  it.each([
    ["default-src 'none'", 10],
    ["default-src 'self'", 5],
    ["default-src 'none'; style-src 'unsafe-inline'", 0],
    ["default-src 'none'; script-src 'unsafe-inline'", -20],
    ["default-src 'none'; script-src 'nonce-x' 'unsafe-inline'", 10],
    ["default-src 'none'; script-src 'strict-dynamic'", -25],
    ["default-src 'none'; script-src 'nonce-x' 'strict-dynamic' https:", 10],
    ["default-src 'none'; script-src https:", -20],
    ["default-src 'none'; script-src 'self' 'unsafe-eval'", -10],
    ["default-src 'none'; connect-src http://a.example", -20],
    ["default-src 'none'; img-src http://a.example", -10],
    ["script-src 'self'", -20],
  ])('%s: %d', (policy, modifier) => {
    expect(score({ 'content-security-policy': policy }).csp).toBe(modifier)
  })

  it('csp_evaluator finds what ours must not have', () => {
    expect(highFindings("default-src 'none'; script-src 'unsafe-inline'")).not.toEqual([])
    expect(highFindings('default-src *')).not.toEqual([])
  })
})
