import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { FakeSiteverify, json, passes } from '../../test/fake-siteverify.ts'
import { becomeMember, openSite, password, type Site } from '../../test/pages/site.ts'
import { describeBrowser, launchChromium } from '../../test/services/chromium.ts'
import naughty from '../../test/vectors/naughty-strings/blns.json' with { type: 'json' }
import { html } from './html.ts'

const owned = [
  ...['', '/password', '/email', '/data', '/close', '/authenticator', '/authenticator/remove'],
  ...['/recovery-codes', '/passkeys/add', '/prove', '/prove?level=2'],
].map((page) => `/account${page}`)
const paths = [
  ...owned,
  ...['register', 'sign-in', 'verify', 'resend', 'forgot', 'reset', 'confirm-email'].map(
    (page) => `/account/${page}`,
  ),
  ...['/account/undo-email', '/account/not-me'],
]

/** What a provider's loader does, in short: a frame of its own, then the callback. */
const widgetScript = `
const box = document.querySelector('.cf-turnstile')
const frame = document.createElement('iframe')
frame.src = 'https://challenges.cloudflare.com/frame'
frame.onload = () => window[box.dataset.callback]('widget-token')
box.append(frame)
`

// Two cores may be shared with other browsers.
vi.setConfig({ testTimeout: 120_000 })

describeBrowser('in a browser', () => {
  let site: Site
  let browser: Browser

  beforeAll(async () => {
    site = await openSite()
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  /** Runs a visit; fails when the page asked anyone else or broke its own policy. */
  async function visit(
    options: BrowserContextOptions,
    work: (page: Page, context: BrowserContext) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext(options)
    try {
      const page = await context.newPage()
      const strange: string[] = []
      context.on('request', (request) => {
        if (new URL(request.url()).origin !== site.url) strange.push(request.url())
      })
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) strange.push(message.text())
      })
      await work(page, context)
      expect(strange).toEqual([])
    } finally {
      await context.close()
    }
  }

  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent()
  const sessionsOn = (page: Page) =>
    page.getByRole('list', { name: 'Where you are signed in' }).getByRole('listitem').count()
  const submit = (page: Page, name: string) => page.getByRole('button', { name }).click()

  const visitors = [
    { name: 'in light, with scripts', colorScheme: 'light', javaScriptEnabled: true },
    { name: 'in dark, without scripts', colorScheme: 'dark', javaScriptEnabled: false },
  ] as const

  describe.each(visitors)('$name', ({ name, colorScheme, javaScriptEnabled }) => {
    const options = { colorScheme, javaScriptEnabled }
    const email = `${colorScheme}@example.com`

    it('somebody registers, confirms, signs in, sees her account and signs out', () =>
      visit(options, async (page, context) => {
        await page.goto(`${site.url}/account/register`)
        await page.getByLabel('E-mail address').fill(email)
        await page.getByLabel('Password').fill('passwordpassword')
        await page.getByLabel('Username').fill(`ada-${colorScheme}`)
        await page.getByLabel('Company').fill("O'Brien & <b>Söhne</b>")
        await submit(page, 'Create account')
        await expectFault(page, 'Password', /people use most/)
        await page.getByLabel('Password').fill(password)
        await submit(page, 'Create account')
        expect(await heading(page)).toBe('Check your mail')

        await site.deliverMail()
        const token = site.mailbox.latestToken(email)
        await page.goto(`${site.url}/account/verify?token=${token}`)
        await submit(page, 'Confirm address')
        expect(await heading(page)).toBe('Your address is confirmed')
        expect(page.url()).toBe(`${site.url}/account/verify`)
        await page.getByRole('link', { name: 'Sign in' }).click()

        await page.getByLabel('E-mail address or username').fill(email)
        await page.getByLabel('Password').fill('not the password')
        await submit(page, 'Sign in')
        expect(await page.getByRole('alert').textContent()).toMatch(/wrong/)
        await page.getByLabel('Password').fill(password)
        await submit(page, 'Sign in')
        expect(page.url()).toBe(`${site.url}/account`)
        expect(await page.getByRole('main').textContent()).toContain("O'Brien & <b>Söhne</b>")
        expect(await sessionsOn(page)).toBe(1)
        for (const cookie of await context.cookies()) {
          expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' })
          expect(cookie.name).toMatch(/^__Host-/)
        }

        await submit(page, 'Sign out')
        expect(await page.getByRole('status').textContent()).toBe('You are signed out.')
        await page.goto(`${site.url}/account`)
        expect(await heading(page)).toBe('Sign in')
      }))

    it(`the page is ${colorScheme}`, () =>
      visit(options, async (page) => {
        await page.goto(`${site.url}/account/sign-in`)
        const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
        const [red = 0] = /\d+/.exec(colour)?.map(Number) ?? []
        expect(red > 128 ? 'light' : 'dark', name).toBe(colorScheme)
      }))
  })

  async function expectFault(page: Page, label: string, reason: RegExp): Promise<void> {
    const field = page.getByLabel(label)
    expect(await page.title()).toMatch(/^Error: /)
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    expect(await field.inputValue()).toBe('')
    const ids = (await field.getAttribute('aria-describedby'))?.split(' ') ?? []
    const said = await Promise.all(ids.map((id) => page.locator(`#${id}`).textContent()))
    expect(said.join(' ')).toMatch(reason)
    expect(await page.locator(':focus').getAttribute('role')).toBe('alert')
    await page.getByRole('alert').getByRole('link', { name: label }).click()
    expect(await page.locator(':focus').getAttribute('name')).toBe('password')
  }

  it('everything can be done by keyboard, in the order of reading', () =>
    visit({}, async (page) => {
      await becomeMember(site, 'keys@example.com')
      await page.goto(`${site.url}/account/sign-in?next=/app`)
      const order: (string | null)[] = []
      for (let stop = 0; stop < 8; stop += 1) {
        await page.keyboard.press('Tab')
        const focus = page.locator(':focus')
        order.push((await focus.getAttribute('name')) ?? (await focus.textContent()))
      }
      expect(order).toEqual([
        expect.stringContaining('Lantern & Sons'),
        'identifier',
        'password',
        'Sign in',
        'Use a passkey instead',
        'Forgot your password?',
        'New here? Create an account',
        'The link to confirm your address is missing? Send a new one',
      ])
      for (let back = 0; back < 6; back += 1) await page.keyboard.press('Shift+Tab')
      await page.keyboard.type('keys@example.com')
      await page.keyboard.press('Tab')
      await page.keyboard.type(password)
      await page.keyboard.press('Enter')
      await page.waitForURL(`${site.url}/app`)
      expect(await page.textContent('body')).toBe('inside')
    }))

  it('a form names its origin and no more, so that the token of a link goes nowhere', () =>
    visit({}, async (page) => {
      await page.goto(`${site.url}/account/verify?token=${'A'.repeat(43)}`)
      await page.getByLabel('E-mail address').fill('nobody@example.com')
      const posted = page.waitForRequest((request) => request.method() === 'POST')
      await submit(page, 'Send a new link')
      const headers = await (await posted).allHeaders()
      expect(headers.origin).toBe(site.url)
      expect(headers.referer).toBe(`${site.url}/`)
    }))

  it('nothing is wider than a small telephone', () =>
    visit({ viewport: { width: 320, height: 640 } }, async (page) => {
      const email = `${'long-'.repeat(10)}name@example.com`
      await becomeMember(site, email, {
        companyName: 'W'.repeat(200),
        displayName: 'W'.repeat(100),
      })
      await page.goto(`${site.url}/account/sign-in`)
      await page.getByLabel('E-mail address').fill(email)
      await page.getByLabel('Password').fill(password)
      await submit(page, 'Sign in')
      for (const path of paths) {
        await page.goto(site.url + path)
        expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(320)
      }
    }))

  it('no German word is wider either', async () => {
    const german = await openSite({ appName: 'Donaudampfschifffahrt', mail: { language: 'de' } })
    const context = await browser.newContext({ viewport: { width: 320, height: 640 } })
    try {
      const page = await context.newPage()
      for (const path of paths.filter((one) => !owned.includes(one))) {
        await page.goto(german.url + path)
        expect(await page.locator('html').getAttribute('lang')).toBe('de')
        expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(320)
      }
    } finally {
      await context.close()
      await german.close()
    }
  })

  it("a third party's widget is shown under our policy, and what it says is sent", async () => {
    const fake = await FakeSiteverify.start()
    fake.reply = json(passes.turnstile)
    const keys = { siteKey: 'the-site-key', secret: 'the secret', verifyUrl: fake.url }
    const other = await openSite({ captcha: { provider: 'turnstile', ...keys } })
    const context = await browser.newContext({ baseURL: other.url })
    const complaints: string[] = []
    try {
      await becomeMember(other, 'widget@example.com')
      await context.route('https://challenges.cloudflare.com/**', (route) =>
        route.request().url().endsWith('.js')
          ? route.fulfill({ contentType: 'text/javascript', body: widgetScript })
          : route.fulfill({ contentType: 'text/html', body: '<p>A widget</p>' }),
      )
      const page = await context.newPage()
      page.on('console', (message) => {
        if (/Content Security Policy|Trusted/.test(message.text())) complaints.push(message.text())
      })
      await page.goto('/account/sign-in')
      for (const attempt of ['wrong 1', 'wrong 2', 'wrong 3', 'wrong 4']) {
        await page.getByLabel('E-mail address').fill('widget@example.com')
        await page.getByLabel('Password').fill(attempt)
        await submit(page, 'Sign in')
      }
      expect(await page.getByText('shown by Cloudflare Turnstile').count()).toBe(1)
      await page.frameLocator('iframe').getByText('A widget').waitFor()
      await page.getByLabel('Password').fill(password)
      await page.locator('main button:enabled').first().click()
      await page.waitForURL(`${other.url}/account`)
      expect(fake.asked[0]?.fields).toMatchObject({ response: 'widget-token' })
      expect(complaints).toEqual([])
    } finally {
      await context.close()
      await other.close()
      await fake.close()
    }
  })

  it('a session ended elsewhere is ended here, and the page leads back to sign in', () =>
    visit({}, async (page) => {
      await becomeMember(site, 'two@example.com')
      await page.goto(`${site.url}/account`)
      await page.getByLabel('E-mail address').fill('two@example.com')
      await page.getByLabel('Password').fill(password)
      await submit(page, 'Sign in')
      await site.post('/account/sign-in', { identifier: 'two@example.com', password })
      await page.reload()
      await submit(page, 'End session of')
      expect(await page.getByRole('status').textContent()).toBe('The session was ended.')
      expect(await sessionsOn(page)).toBe(1)
    }))

  it('every naughty string is shown as it is, byte for byte', () =>
    visit({ javaScriptEnabled: false }, async (page) => {
      const list = naughty.map((text) => html`<p title="${text}">${text}</p>`)
      await page.setContent(String(html`<!doctype html><title>x</title>${list}`))
      const shown = await page.evaluate(() =>
        [...document.querySelectorAll('p')].map((p) => [p.title, p.textContent]),
      )
      expect(shown).toEqual(naughty.map((text) => [text, text]))
      expect(await page.locator('body *').count()).toBe(naughty.length)
    }))
})
