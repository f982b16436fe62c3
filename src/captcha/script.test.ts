import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeBrowser, launchChromium } from '../../test/services/chromium.ts'
import { listener } from '../adapters/node/index.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import { captchaScript, captchaWidgets } from './index.ts'

const escaped = (value: unknown) =>
  JSON.stringify(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;')

/** What a page makes of the form contract of the README. */
const formOf = (challenge: unknown, inside = '') => `<form method="post" action="/sent">
<div data-captcha="${escaped(challenge)}" data-refresh="/auth/captcha" data-done="Done." data-failed="Failed.">
<input type="hidden" name="captcha"><p data-captcha-status role="status">Working.</p>${inside}
<noscript>This step alone needs JavaScript.</noscript></div><button>Sign in</button></form>`

describeBrowser('the script of a form', () => {
  const server = createServer()
  let test: TestSecurity
  let browser: Browser
  let url = ''
  /** The page at `/form`; the nonce of its policy stands for `NONCE`. */
  let content = ''
  let sent: URLSearchParams | undefined

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    url = `http://localhost:${(server.address() as AddressInfo).port}`
    test = await createTestSecurity({ baseUrl: url, captcha: { work: 2_000 } })
    server.on(
      'request',
      listener(test.security, async (request, response) => {
        if (request.url?.startsWith('/widget/')) return sendFile(request.url, response)
        if (request.url === '/sent') {
          const chunks: Buffer[] = []
          for await (const chunk of request) chunks.push(chunk as Buffer)
          sent = new URLSearchParams(Buffer.concat(chunks).toString())
        }
        sendPage(response, request.url === '/sent' ? 'Thank you.' : content)
      }),
    )
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await test?.close()
  })

  function sendPage(response: ServerResponse, body: string): void {
    const nonce = /'nonce-([^']+)'/.exec(`${response.getHeader('content-security-policy')}`)?.[1]
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(`<!doctype html><title>Form</title>${body.replaceAll('NONCE', nonce ?? '')}`)
  }

  const withScript = (form: string) => `${form}<script nonce="NONCE">${captchaScript}</script>`
  const challenge = async () => (await fetch(`${url}/auth/captcha`)).json()
  const verify = (solution: string) =>
    test.security.parts.ground.captcha?.verify(solution, {}) ?? Promise.resolve(false)

  /** Opens the page; fails when it broke its policy. */
  async function visit(work: (page: Page) => Promise<void>, scripts = true): Promise<void> {
    const context = await browser.newContext({ javaScriptEnabled: scripts })
    try {
      const page = await context.newPage()
      const broken: string[] = []
      page.on('console', (message) => {
        if (/Content Security Policy|Trusted/.test(message.text())) broken.push(message.text())
      })
      page.on('pageerror', (error) => void broken.push(error.message))
      await page.goto(`${url}/form`)
      await work(page)
      expect(broken).toEqual([])
    } finally {
      await context.close()
    }
  }

  const button = (page: Page) => page.getByRole('button', { name: 'Sign in' })

  it('is smaller than 3 KB and cannot end its element', () => {
    expect(Buffer.byteLength(captchaScript)).toBeLessThan(3_072)
    expect(captchaScript).not.toMatch(/<\/?script|<!--/i)
  })

  it('solves the challenge under our policy, then lets the form be sent', async () => {
    content = withScript(formOf(await challenge()))
    await visit(async (page) => {
      await page.getByRole('status').filter({ hasText: 'Done.' }).waitFor()
      await button(page).click()
      await page.getByText('Thank you.').waitFor()
    })
    expect([...(sent?.keys() ?? [])]).toEqual(['captcha'])
    expect(await verify(sent?.get('captcha') ?? '')).toBe(true)
    expect(await verify(sent?.get('captcha') ?? '')).toBe(false)
  })

  it('keeps the button shut until then', async () => {
    const endless = { challenge: 'f'.repeat(64), maxnumber: 100_000_000 }
    content = withScript(formOf({ ...(await challenge()), ...endless }))
    await visit(async (page) => {
      expect(await button(page).isDisabled()).toBe(true)
      expect(await page.getByRole('status').textContent()).toBe('Working.')
    })
  })

  it('opens the button when there is no solution, so that the server explains', async () => {
    content = withScript(formOf({ ...(await challenge()), challenge: 'f'.repeat(64) }))
    await visit(async (page) => {
      await page.getByRole('status').filter({ hasText: 'Failed.' }).waitFor()
      expect(await button(page).isDisabled()).toBe(false)
      expect(await page.locator('[name=captcha]').inputValue()).toBe('')
    })
  })

  it('renews the challenge before it ends', async () => {
    content = withScript(formOf(await challenge()))
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.clock.install()
    await page.goto(`${url}/form`)
    await page.getByRole('status').filter({ hasText: 'Done.' }).waitFor()
    const first = await page.locator('[name=captcha]').inputValue()
    const renewed = page.waitForResponse((response) => response.url().endsWith('/auth/captcha'))
    await page.clock.fastForward(240_000)
    await renewed
    const input = page.locator('[name=captcha]')
    await expect.poll(() => input.inputValue()).not.toBe(first)
    expect(await verify(await input.inputValue())).toBe(true)
    await context.close()
  })

  it('without scripts the form says what is missing, and can be sent', async () => {
    content = withScript(formOf(await challenge()))
    await visit(async (page) => {
      expect(await page.locator('body').innerText()).toContain('This step alone needs JavaScript.')
      expect(await button(page).isDisabled()).toBe(false)
    }, false)
  })

  it('does nothing on a page without a box', async () => {
    content = withScript('<form><button>Sign in</button></form>')
    await visit(async (page) => expect(await button(page).isDisabled()).toBe(false))
  })

  describe('with the widget of a third party', () => {
    const given = { provider: 'turnstile', siteKey: 'key' }
    const field = '<input name="cf-turnstile-response" value="own">'

    it("hands over a widget's token by the names that its markup uses, without its own field", async () => {
      const { attributes } = captchaWidgets.turnstile
      content = withScript(formOf(given, field))
      await visit(async (page) => {
        expect(await button(page).isDisabled()).toBe(true)
        const call = (name: string | undefined, ...args: string[]) =>
          page.evaluate(
            ([of, given]) => (globalThis as never as Calls)[`${of}`]?.(...(given as string[])),
            [name, args] as const,
          )
        await call(attributes['data-callback'], 'first-token')
        await call(attributes['data-expired-callback'])
        expect(await button(page).isDisabled()).toBe(true)
        await call(attributes['data-callback'], 'second-token')
        await button(page).click()
        await page.getByText('Thank you.').waitFor()
      })
      expect(`${sent}`).toBe('captcha=second-token')
    })

    it('says that a widget is unavailable when its loader does not load', async () => {
      const loader = `<script nonce="NONCE" src="/widget/none.js" async data-captcha-loader></script>`
      content = withScript(formOf(given)) + loader
      await visit(async (page) => {
        await page.getByRole('status').filter({ hasText: 'Failed.' }).waitFor()
        expect(await page.locator('[name=captcha]').inputValue()).toBe('unavailable')
        expect(await button(page).isDisabled()).toBe(false)
      })
    })
  })

  it("ALTCHA's own widget solves our challenge", async () => {
    content = `<form method="post" action="/sent"><altcha-widget auto="onload" name="captcha"
      challenge="/auth/captcha" workers="1"></altcha-widget><button>Sign in</button></form>
      <script nonce="NONCE" type="module" src="/widget/altcha.js"></script>`
    const context = await browser.newContext({ bypassCSP: true })
    const page = await context.newPage()
    await page.goto(`${url}/form`)
    const input = page.locator('input[name=captcha][type=hidden]')
    await expect.poll(() => input.inputValue(), { timeout: 20_000 }).not.toBe('')
    expect(await verify(await input.inputValue())).toBe(true)
    await context.close()
  }, 60_000)
})

type Calls = Readonly<Record<string, (...args: string[]) => void>>

function sendFile(path: string, response: ServerResponse): void {
  if (path !== '/widget/altcha.js') return void response.writeHead(404).end()
  const file = fileURLToPath(import.meta.resolve('altcha'))
  response.setHeader('content-type', 'text/javascript')
  response.end(readFileSync(file))
}
