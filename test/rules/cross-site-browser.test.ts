import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSecurity, type ExpressSecurity } from '../../src/adapters/express/index.ts'
import { createTestSecurity, type TestSecurity } from '../../src/testing/index.ts'
import { freePort } from '../free-port.ts'
import { goodPassword } from '../served-app.ts'
import { describeBrowser, launchChromium } from '../services/chromium.ts'

/** Another site, whose pages are whatever a test writes. */
interface Elsewhere {
  readonly server: Server
  readonly port: number
}

describeBrowser('a page from elsewhere, in a browser', () => {
  let kit: TestSecurity<ExpressSecurity>
  let server: Server
  let own: string
  let elsewhere: Elsewhere
  let browser: Browser
  let userId: string
  /** An allowed origin of the same site, so that cookies travel. */
  let friend: Elsewhere
  const changes: string[] = []
  const requests: string[] = []
  const preflights: string[] = []

  beforeAll(async () => {
    elsewhere = await serveElsewhere()
    friend = await serveElsewhere()
    const port = await freePort()
    own = `http://localhost:${port}`
    kit = await createTestSecurity<ExpressSecurity>(
      { baseUrl: own, cors: { origins: [`http://localhost:${friend.port}`], credentials: true } },
      createSecurity,
    )
    const { security } = kit
    userId = (await security.users.create({ email: 'a@example.com', password: goodPassword })).id
    const app = security.protect(express())
    const change = (name: string) => (_: express.Request, response: express.Response) => {
      changes.push(name)
      response.json({ changed: name })
    }
    app.get('/api/own', security.authenticate, (_, response) => void response.json({ secret: 1 }))
    app.post('/api/own', security.authenticate, change('POST'))
    app.put('/api/own', security.authenticate, change('PUT'))
    app.delete('/api/own', security.authenticate, change('DELETE'))
    server = createServer((request, response) => {
      requests.push(request.url ?? '')
      if (request.method === 'OPTIONS') preflights.push(request.headers.origin ?? '')
      app(request, response)
    })
    server.listen(port, 'localhost')
    await once(server, 'listening')
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    for (const one of [server, elsewhere?.server, friend?.server]) {
      one?.closeAllConnections()
      one?.close()
    }
    await kit?.close()
  })

  /** Signs in on our own page, then opens a page of `origin` beside it. */
  async function visit(
    origin: string,
    work: (page: Page, context: BrowserContext) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext()
    try {
      const page = await context.newPage()
      await page.goto(`${own}/account/sign-in`)
      await page.getByLabel('E-mail address or username').fill('a@example.com')
      await page.getByLabel('Password').fill(goodPassword)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(`${own}/account`)
      await page.goto(origin)
      changes.length = 0
      preflights.length = 0
      await work(page, context)
    } finally {
      await context.close()
    }
  }

  const liveSessions = () => kit.security.sessions.list(userId)

  const origins = [
    ['of the same site, by another port', () => `http://localhost:${elsewhere.port}`],
    ['of another site', () => `http://127.0.0.1:${elsewhere.port}`],
  ] as const

  describe.each(origins)('%s', (_, originOf) => {
    it('posts forms in vain', () =>
      visit(originOf(), async (page) => {
        const before = await liveSessions()
        const targets = ['/api/own', '/auth/logout', '/account/sign-out', '/account/sign-in']
        for (const path of [...targets, '/account/sessions/end-others']) {
          for (const type of ['application/x-www-form-urlencoded', 'text/plain']) {
            await page.goto(originOf())
            const answer = page.waitForResponse((response) => response.url() === own + path)
            await page.evaluate(postForm, { action: own + path, type })
            expect((await answer).status()).toBe(403)
            await page.waitForURL(own + path)
          }
        }
        expect(changes).toEqual([])
        expect(await liveSessions()).toEqual(before)
      }))

    it('fetches with credentials in vain, whatever it sends', () =>
      visit(originOf(), async (page) => {
        const before = await liveSessions()
        for (const mode of ['cors', 'no-cors'] as const) {
          for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
            for (const type of ['text/plain', 'application/json']) {
              const read = await page.evaluate(fetchText, {
                url: `${own}/api/own`,
                method,
                mode,
                type,
              })
              expect(read ?? '').not.toMatch(/secret|changed/)
            }
          }
        }
        expect(changes).toEqual([])
        expect(await liveSessions()).toEqual(before)
      }))

    it('loads images, frames and scripts of ours, and nothing changes', () =>
      visit(originOf(), async (page) => {
        const before = await liveSessions()
        for (const path of ['/auth/logout', '/account/sign-out', '/api/own', '/auth/me']) {
          for (const tag of ['img', 'iframe', 'script']) {
            requests.length = 0
            await page.evaluate(load, { tag, src: own + path })
            expect(requests).toContain(path)
          }
        }
        expect(changes).toEqual([])
        expect(await liveSessions()).toEqual(before)
      }))
  })

  it('our own page may, with the same requests', () =>
    visit(own, async (page) => {
      const sent = { url: `${own}/api/own`, method: 'POST', mode: 'cors', type: 'application/json' }
      expect(await page.evaluate(fetchText, sent)).toContain('changed')
      expect(changes).toEqual(['POST'])
    }))

  it('an allowed origin may read and change by the cookie, and asks ahead once', () =>
    visit(`http://localhost:${friend.port}`, async (page, context) => {
      const cookies = await context.cookies(own)
      expect(cookies.map(({ name }) => name)).toContain('__Host-hf_session')
      const url = `${own}/api/own`
      const request = { url, mode: 'cors', type: 'application/json' }
      expect(await page.evaluate(fetchText, { ...request, method: 'GET' })).toContain('secret')
      for (let times = 0; times < 3; times += 1) {
        expect(await page.evaluate(fetchText, { ...request, method: 'PUT' })).toContain('PUT')
      }
      expect(changes).toEqual(['PUT', 'PUT', 'PUT'])
      expect(preflights.length).toBeLessThanOrEqual(2)
    }))
})

interface Fetched {
  readonly url: string
  readonly method: string
  readonly mode: string
  readonly type: string
}

/** Runs in the page: what its script could read, or undefined. */
async function fetchText({ method, mode, type, url }: Fetched): Promise<string | undefined> {
  const body = method === 'GET' ? {} : { body: '{}', headers: { 'content-type': type } }
  try {
    const how = { method, mode: mode as RequestMode, credentials: 'include' } as const
    return await (await fetch(url, { ...how, ...body })).text()
  } catch {
    return undefined
  }
}

/** Runs in the page. */
function postForm({ action, type }: { readonly action: string; readonly type: string }): void {
  const form = document.createElement('form')
  Object.assign(form, { method: 'post', action, enctype: type })
  const fields = { identifier: 'a@example.com', password: 'x', email: 'a@example.com' }
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement('input'), { name, value }))
  }
  document.body.append(form)
  form.submit()
}

/** Runs in the page; resolves when the element has loaded or was refused. */
function load({ src, tag }: { readonly src: string; readonly tag: string }): Promise<void> {
  return new Promise((resolve) => {
    const element = Object.assign(document.createElement(tag), { src })
    element.onload = element.onerror = () => resolve()
    document.body.append(element)
  })
}

async function serveElsewhere(): Promise<Elsewhere> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>elsewhere</title><body>')
  })
  server.listen(0)
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}
