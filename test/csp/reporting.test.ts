import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterEach, expect, it, vi } from 'vitest'
import { listener } from '../../src/adapters/node/index.ts'
import type { CspOptions } from '../../src/index.ts'
import { createTestSecurity, type TestSecurity } from '../../src/testing/index.ts'
import { describeOpenssl, makeAuthority, type TestAuthority } from '../certificates.ts'
import { describeBrowser, launchChromium } from '../services/chromium.ts'

// Two cores may be shared with other browsers.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

/** Scripts, pictures and styles that no policy of ours allows, and one script that it does. */
const page = (nonce: string) => `<!doctype html>
<title>Page</title>
<p style="color: red">Text</p>
<script nonce="${nonce}">document.title = 'by nonce'</script>
<script>document.title = 'injected'</script>
<img src="https://pictures.example/secret-path.png?secret-query" alt="">
`

interface Served extends TestSecurity {
  readonly url: string
  readonly types: Set<string>
}

describeBrowser('Chromium reports what the policy stops', () => {
  const closing: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function serve(server: Server, scheme: string, options: CspOptions = {}): Promise<Served> {
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    const url = `${scheme}://localhost:${(server.address() as AddressInfo).port}`
    const headers = { contentSecurityPolicy: options }
    const test = await createTestSecurity({ baseUrl: url, headers })
    test.security.shield.nameRoutes(['/orders/:id'])
    const types = new Set<string>()
    const answer = listener(test.security, (_request, response, { exchange }) => {
      response.setHeader('content-type', 'text/html').end(page(exchange.state.nonce ?? ''))
    })
    const heard: RequestListener = (request, response) => {
      if (request.url === '/csp-reports') types.add(request.headers['content-type'] ?? '')
      answer(request, response)
    }
    server.on('request', heard)
    closing.push(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await test.close()
    })
    return { ...test, url, types }
  }

  async function visit(url: string, switches: readonly string[] = []): Promise<string> {
    const browser: Browser = await launchChromium(switches)
    closing.push(() => browser.close())
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const tab = await context.newPage()
    await tab.goto(`${url}/orders/4711?secret=query`)
    return await tab.title()
  }

  const told = async ({ security }: Served) => {
    const { findings } = await security.csp.summary()
    return findings
      .map(({ blocked, directive, disposition, route }) =>
        [disposition, directive, blocked, route].join(' '),
      )
      .sort()
  }

  it('on http://localhost by report-uri, and the injected script does not run', async () => {
    const site = await serve(createServer(), 'http')
    expect(await visit(site.url)).toBe('by nonce')
    await expect
      .poll(() => told(site), { timeout: 20_000 })
      .toEqual([
        'enforce img-src https://pictures.example /orders/:id',
        'enforce script-src-elem inline /orders/:id',
        'enforce style-src-attr inline /orders/:id',
      ])
    expect([...site.types]).toEqual(['application/csp-report'])
    const rows = await site.security.parts.ground.database.reader
      .selectFrom('hf_csp_reports')
      .selectAll()
      .execute()
    expect(JSON.stringify(rows)).not.toMatch(/secret|4711/)
  })

  it('to a candidate, while the policy that holds lets pass', async () => {
    const directives = { 'img-src': ['https:'], 'script-src': ["'unsafe-inline'"] }
    const site = await serve(createServer(), 'http', {
      directives: { ...directives, 'style-src-attr': ["'unsafe-inline'"] },
      candidate: {},
    })
    expect(await visit(site.url)).toBe('injected')
    await expect
      .poll(() => told(site), { timeout: 20_000 })
      .toEqual([
        'report img-src https://pictures.example /orders/:id',
        'report script-src-elem inline /orders/:id',
        'report style-src-attr inline /orders/:id',
      ])
    const suggestion = await site.security.csp.suggest()
    expect(suggestion?.directives).toEqual({
      'img-src': ["'self'", 'data:', 'https://pictures.example'],
    })
    expect(suggestion?.advice.map(({ code }) => code).sort()).toEqual([
      'inline_script',
      'style_attribute',
    ])
  })

  describeOpenssl('over HTTPS', () => {
    it('by the Reporting API', async () => {
      const authority: TestAuthority = makeAuthority()
      closing.push(async () => authority.remove())
      const { cert, key } = authority.issue('localhost', ['DNS:localhost'])
      const server = createTlsServer({ cert, key }) as unknown as Server
      const site = await serve(server, 'https')
      const switches = ['--ignore-certificate-errors', '--short-reporting-delay']
      expect(await visit(site.url, switches)).toBe('by nonce')
      await expect
        .poll(() => told(site), { timeout: 90_000, interval: 500 })
        .toEqual([
          'enforce img-src https://pictures.example /orders/:id',
          'enforce script-src-elem inline /orders/:id',
          'enforce style-src-attr inline /orders/:id',
        ])
      expect([...site.types]).toEqual(['application/reports+json'])
    })
  })
})
