import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { ExpressSecurity } from '../src/adapters/express/index.ts'
import { generateSecrets } from '../src/config/index.ts'
import { createTestSecurity } from '../src/testing/index.ts'
import { freePort } from './free-port.ts'
import { page as file, root, rows } from './guide-kit.ts'
import { describeBrowser, launchChromium } from './services/chromium.ts'

const guide = file('docs/guides/content-security-policy.md')
const block = (name: string) =>
  new RegExp(`^\`\`\`[jt]s run ${name}\n(.*?)^\`\`\`$`, 'ms').exec(guide)?.[1] ?? ''

// Two cores may be shared with other browsers.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

it('its table of directives is what is sent', async () => {
  const { close, security } = await createTestSecurity({
    baseUrl: 'https://shop.example',
    mode: 'production',
  })
  const sent = security.headers()['content-security-policy'] ?? ''
  await close()
  const told = rows(guide, '| directive | by default').flatMap(([, names = [], sources = []]) =>
    names.map((name) => [name, ...sources].join(' ')),
  )
  const ours = sent
    .replaceAll(/'nonce-[^']+'/g, "'nonce'")
    .split('; ')
    .filter((directive) => !directive.startsWith('report-'))
  expect(told.sort()).toEqual(ours.sort())
})

describeBrowser('content-security-policy.md in Chromium', () => {
  let folder: string
  let browser: Browser
  const closing: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    await mkdir(join(root, '.holdfast'), { recursive: true })
    folder = await mkdtemp(join(root, '.holdfast/guide-'))
    vi.stubEnv('MASTER_ENCRYPTION_KEY', generateSecrets().masterKey)
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    for (const close of closing) await close()
    await rm(folder, { recursive: true, force: true })
    vi.unstubAllEnvs()
  })

  /** Runs an example as it stands, but for its port and its database file. */
  async function run(name: string) {
    const port = await freePort()
    const code = block(name)
      .replace("'sqlite:./shop.db'", JSON.stringify(`sqlite:${join(folder, `${name}.db`)}`))
      .replace('http://localhost:3000', `http://localhost:${port}`)
      .replace('app.listen(3000)', `export const server = app.listen(${port}, '127.0.0.1')`)
    const path = join(folder, `${name}.ts`)
    await writeFile(path, `${code}\nexport { security }\n`)
    const { security, server } = (await import(pathToFileURL(path).href)) as {
      security: ExpressSecurity
      server: Server
    }
    await security.ready()
    closing.push(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await security.close()
    })
    return { security, url: `http://localhost:${(server.address() as AddressInfo).port}` }
  }

  async function visit(url: string): Promise<{ tab: Page; complaints: string[] }> {
    const tab = await (await browser.newContext()).newPage()
    const complaints: string[] = []
    tab.on('console', (message) => {
      if (/security policy|trusted/i.test(message.text())) complaints.push(message.text())
    })
    tab.on('pageerror', (error) => complaints.push(error.message))
    await tab.route(/https:\/\/(?:payments|analytics)\.example\//, (route) => {
      const { pathname } = new URL(route.request().url())
      const headers = {
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
      }
      const contentType = pathname.endsWith('.js') ? 'text/javascript' : 'text/html'
      return route.fulfill({ headers, contentType, body: thirdParty[pathname] ?? '' })
    })
    await tab.goto(url)
    return { tab, complaints }
  }

  it('the script with the nonce runs, and a Trusted Types policy writes HTML', async () => {
    const { url } = await run('shop')
    const { complaints, tab } = await visit(url)
    expect(await tab.textContent('#hello')).toBe('Hello')
    const colour = await tab.evaluate(() => {
      const hello = document.querySelector('#hello')
      return hello && getComputedStyle(hello).color
    })
    expect(colour).toBe('rgb(0, 128, 0)')
    await tab.evaluate(block('trusted-types'))
    expect(await tab.innerHTML('#hello')).toBe('<b>Ada &lt;script&gt;</b>')
    expect(complaints).toEqual([])
    const plain = "document.querySelector('#hello').innerHTML = '<b>x</b>'"
    await expect(tab.evaluate(plain)).rejects.toThrow(/TrustedHTML/)
  })

  it('what the candidate would stop is reported and suggested while the page works', async () => {
    const { security, url } = await run('rollout')
    const { tab } = await visit(`${url}/products/7`)
    expect(await tab.title()).toBe('Still works')
    const reports = async () => (await security.csp.summary()).reports
    await expect.poll(reports, { timeout: 20_000 }).toBe(2)
    const suggestion = await security.csp.suggest()
    const [source] = suggestion?.sources ?? []
    expect(guide).toContain(
      `  ${source?.directive}  ${source?.source}  1 report  1 client  ${source?.routes.join()}`,
    )
    const [advice] = suggestion?.advice ?? []
    expect(guide).toContain(
      `  ${advice?.directive}: ${advice?.blocked}, 1 report, ${advice?.routes.join()}`,
    )
  })

  it('a payment and an analytics script do all they need', async () => {
    const { security, url } = await run('third-parties')
    const { complaints, tab } = await visit(`${url}/checkout`)
    await expect.poll(() => tab.evaluate('globalThis.collected'), { timeout: 20_000 }).toBe(true)
    expect(await tab.locator('#card iframe').count()).toBe(1)
    expect(complaints).toEqual([])
    expect((await security.csp.summary()).reports).toBe(0)
  })
})

/** What such scripts do, in short. */
const thirdParty: Readonly<Record<string, string>> = {
  '/v1.js': `const frame = document.createElement('iframe')
frame.src = 'https://payments.example/card'
document.getElementById('card').append(frame)`,
  '/collect.js': `fetch('https://analytics.example/hit').then(() => { globalThis.collected = true })
new Image().src = 'https://analytics.example/pixel'`,
}
