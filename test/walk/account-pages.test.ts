import { readFile } from 'node:fs/promises'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { becomeMember, openSite, password, type Site } from '../pages/site.ts'
import { describeBrowser, launchChromium } from '../services/chromium.ts'

const second = 'velvet compass harbour 58'
const third = 'gravel pelican lantern 93'

// Two cores may be shared with other browsers.
vi.setConfig({ testTimeout: 120_000 })

describeBrowser('an account, by its pages', () => {
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

  /** Runs a visit; fails when a page asked anyone else, broke its policy or showed a password. */
  async function visit(
    options: BrowserContextOptions,
    work: (page: Page, context: BrowserContext) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext({ baseURL: site.url, ...options })
    const strange: string[] = []
    context.on('request', (request) => {
      if (new URL(request.url()).origin !== site.url) strange.push(request.url())
    })
    context.on('response', async (response) => {
      const html = await response.text().catch(() => '')
      if ([password, second, third].some((secret) => html.includes(secret))) {
        strange.push(`${response.url()} holds a password`)
      }
    })
    try {
      const page = await context.newPage()
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) strange.push(message.text())
      })
      page.on('pageerror', (error) => strange.push(String(error)))
      await work(page, context)
      expect(strange).toEqual([])
    } finally {
      await context.close()
    }
  }

  const press = (page: Page, name: string) => page.getByRole('button', { name }).click()
  const field = (page: Page, label: string) => page.getByLabel(label, { exact: true })
  const notice = (page: Page) => page.getByRole('status').textContent()

  /** Waits for the page of this heading. */
  const arrive = (page: Page, title: string) =>
    page.getByRole('heading', { level: 1, name: title }).waitFor()

  async function signIn(page: Page, name: string, secret: string): Promise<void> {
    await page.goto('/account/sign-in')
    await field(page, 'E-mail address or username').fill(name)
    await field(page, 'Password').fill(secret)
    await press(page, 'Sign in')
  }

  /** The link of the newest mail to an address whose subject says this. */
  async function mailedLink(to: string, subject: RegExp): Promise<string> {
    await site.deliverMail()
    const mail = site.mailbox.list(to).findLast((one) => subject.test(one.subject))
    const link = /https?:\S+token=\S+/.exec(mail?.text ?? '')?.[0]
    if (link === undefined) throw new Error(`no mail to ${to} says ${subject}`)
    return link
  }

  async function changePassword(page: Page, from: string, to: string): Promise<void> {
    await page.goto('/account')
    await page.getByRole('link', { name: 'Change password' }).click()
    await field(page, 'Current password').fill(from)
    await field(page, 'New password').fill(to)
    await press(page, 'Save the new password')
  }

  const visitors = [
    { name: 'with scripts', javaScriptEnabled: true },
    { name: 'without scripts', javaScriptEnabled: false },
  ]

  it.each(visitors)('its owner changes and forgets her password, $name', (visitor) =>
    visit({ javaScriptEnabled: visitor.javaScriptEnabled }, async (page, context) => {
      const email = `password-${visitor.javaScriptEnabled}@example.com`
      await becomeMember(site, email)
      await signIn(page, email, password)
      await arrive(page, 'Your account')

      await changePassword(page, 'not the password', second)
      expect(await page.getByText('This is not your current password.').count()).toBe(2)
      expect(await field(page, 'Current password').getAttribute('aria-invalid')).toBe('true')
      expect(await field(page, 'New password').inputValue()).toBe('')
      await changePassword(page, password, 'passwordpassword')
      expect(await page.getByRole('alert').textContent()).toContain('New password')
      await changePassword(page, password, second)
      expect(await notice(page)).toBe('Your password was changed.')

      await context.clearCookies()
      await page.goto('/account/sign-in')
      await page.getByRole('link', { name: 'Forgot your password?' }).click()
      await field(page, 'E-mail address').fill(email)
      await press(page, 'Send the link')
      await arrive(page, 'Check your mail')
      const link = await mailedLink(email, /Choose a new password/)
      await page.goto(link)
      await field(page, 'New password').fill('short')
      await press(page, 'Save the password')
      expect(await field(page, 'New password').getAttribute('aria-invalid')).toBe('true')
      await field(page, 'New password').fill(third)
      await press(page, 'Save the password')
      await arrive(page, 'Your password is saved')
      expect(page.url()).toBe(`${site.url}/account/reset`)
      await page.goto(link)
      await arrive(page, 'This link does not work any more')

      await signIn(page, email, second)
      expect(await page.getByRole('alert').textContent()).toMatch(/wrong/)
      await signIn(page, email, third)
      await arrive(page, 'Your account')
    }),
  )

  it.each(visitors)('its owner changes her address and takes it back, $name', (visitor) =>
    visit({ javaScriptEnabled: visitor.javaScriptEnabled }, async (page) => {
      const [old, next] = ['old', 'new'].map(
        (part) => `${part}-${visitor.javaScriptEnabled}@example.com`,
      ) as [string, string]
      await becomeMember(site, old)
      await signIn(page, old, password)
      await page.getByRole('link', { name: 'Change e-mail address' }).click()
      await field(page, 'New e-mail address').fill(next)
      await field(page, 'Current password').fill(password)
      await press(page, 'Send the mail')
      await arrive(page, 'Check your mail')

      await page.goto(await mailedLink(next, /new address/))
      await press(page, 'Confirm address')
      await arrive(page, 'Your new address is confirmed')
      await page.goto('/account')
      expect(await page.getByRole('main').textContent()).toContain(next)

      await page.goto(await mailedLink(old, /address .*changed/))
      await press(page, 'Put my address back and lock the account')
      await arrive(page, 'Your old address is back')
      await signIn(page, old, password)
      expect(await page.getByRole('alert').textContent()).toMatch(/cannot be used/)

      await page.goto(await mailedLink(old, /back/))
      await arrive(page, 'Take your account back')
      await field(page, 'New password').fill(second)
      await press(page, 'Save the password and unlock the account')
      await signIn(page, old, second)
      await arrive(page, 'Your account')
      expect(await page.getByRole('main').textContent()).toContain(old)
    }),
  )

  it.each(visitors)('its owner says that it was not her, $name', (visitor) =>
    visit({ javaScriptEnabled: visitor.javaScriptEnabled }, async (page) => {
      const email = `report-${visitor.javaScriptEnabled}@example.com`
      await becomeMember(site, email)
      await signIn(page, email, password)
      await changePassword(page, password, second)
      const link = await mailedLink(email, /password .*changed/)
      for (let look = 0; look < 2; look += 1) await page.goto(link)
      await page.goto('/account')
      await arrive(page, 'Your account')

      await page.goto(link)
      expect(await page.getByRole('listitem').allTextContents()).toHaveLength(4)
      await press(page, 'Lock my account')
      await arrive(page, 'Your account is locked')
      await page.goto('/account')
      await arrive(page, 'Sign in')
      await signIn(page, email, second)
      expect(await page.getByRole('alert').count()).toBe(1)

      await page.goto(await mailedLink(email, /back/))
      await field(page, 'New password').fill(third)
      await press(page, 'Save the password and unlock the account')
      await signIn(page, email, third)
      await arrive(page, 'Your account')
    }),
  )

  it.each(visitors)(
    'its owner forgets a device, takes her data along and closes it, $name',
    (visitor) =>
      visit({ javaScriptEnabled: visitor.javaScriptEnabled }, async (page) => {
        const email = `close-${visitor.javaScriptEnabled}@example.com`
        await becomeMember(site, email)
        await signIn(page, email, password)
        const devices = page.getByRole('list', { name: 'Known devices' }).getByRole('listitem')
        expect(await devices.count()).toBe(1)
        await page.getByRole('button', { name: 'Forget the device' }).click()
        expect(await notice(page)).toBe('The device was forgotten.')
        expect(await devices.count()).toBe(0)

        await page.getByRole('link', { name: 'Download your data' }).click()
        await field(page, 'Current password').fill('not the password')
        await press(page, 'Download')
        await page.getByText('This is not your current password.').first().waitFor()
        await field(page, 'Current password').fill(password)
        const coming = page.waitForEvent('download')
        await press(page, 'Download')
        const file = await coming
        expect(file.suggestedFilename()).toBe('my-data.json')
        const data = await readFile(await file.path(), 'utf8')
        expect(data).toContain(email)
        expect(JSON.stringify(JSON.parse(data))).not.toMatch(/argon2|_hash|csrf/i)

        await page.goto('/account/close')
        await field(page, 'Current password').fill(password)
        await press(page, 'Close my account')
        await arrive(page, 'Your account is closed')
        await page.goto('/account')
        await arrive(page, 'Sign in')
        await signIn(page, email, password)
        expect(await page.getByRole('alert').count()).toBe(1)
      }),
  )

  it('after three wrong passwords the browser proves its work while the right one is typed', () =>
    visit({}, async (page) => {
      const email = 'work@example.com'
      await becomeMember(site, email)
      for (let guess = 0; guess < 3; guess += 1) await signIn(page, email, `wrong ${guess}`)
      expect(await page.title()).toMatch(/^Error: Sign in/)
      await field(page, 'Password').fill(password)
      await press(page, 'Sign in')
      await arrive(page, 'One more check')
      expect(await field(page, 'E-mail address or username').inputValue()).toBe(email)
      expect(await page.locator(':focus').getAttribute('name')).toBe('password')
      await page.keyboard.type('still wrong')
      await page.locator('button:enabled', { hasText: 'Sign in' }).waitFor()
      expect(await notice(page)).toBe('Done. You can sign in.')
      await press(page, 'Sign in')

      // A wrong one brings the next task with it, so the right one needs no further step.
      expect(await page.getByRole('alert').textContent()).toMatch(/wrong/)
      await field(page, 'Password').fill(password)
      await page.locator('button:enabled', { hasText: 'Sign in' }).waitFor()
      await press(page, 'Sign in')
      await arrive(page, 'Your account')
    }))

  it('without scripts the check says what to do, and a mailed link is a way in', () =>
    visit({ javaScriptEnabled: false }, async (page) => {
      const email = 'noscript@example.com'
      await becomeMember(site, email)
      for (let guess = 0; guess < 4; guess += 1) await signIn(page, email, `wrong ${guess}`)
      await arrive(page, 'One more check')
      // Playwright's texts pass over <noscript>, which this browser shows.
      expect(await page.locator('noscript p').isVisible()).toBe(true)
      expect(await page.locator('noscript p').textContent()).toMatch(/JavaScript/)
      expect(await notice(page)).toBe('')
      await page.getByRole('link', { name: 'Forgot your password?' }).click()
      await field(page, 'E-mail address').fill(email)
      await press(page, 'Send the link')
      await page.goto(await mailedLink(email, /Choose a new password/))
      await field(page, 'New password').fill(second)
      await press(page, 'Save the password')
      await signIn(page, email, second)
      await arrive(page, 'Your account')
    }))
})
