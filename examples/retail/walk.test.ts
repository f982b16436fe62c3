import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeBrowser, launchChromium } from '../../test/services/chromium.ts'
import {
  describeEngines,
  type EngineName,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { Browser as PlainBrowser } from './testdata/browser.ts'
import { type Running, startRetail } from './testdata/running.ts'

const EMAIL = 'nora.o-brien@example.com'
const PASSWORD = 'lantern orchard velvet 71'
const ANOTHER_PASSWORD = 'gravel pelican harbour 38'

describeEngines('with the accounts on', (engine) => {
  describeBrowser('in a real browser without JavaScript', () => walk(engine))
})

function walk(engine: EngineName): void {
  let fresh: FreshDatabase
  let dataDir: string
  let retail: Running
  let browser: Browser
  const contexts: BrowserContext[] = []

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'retail-'))
    fresh = await freshDatabase(engine)
    retail = await startRetail(dataDir, { database: fresh.url })
    browser = await launchChromium()
  })

  afterAll(async () => {
    for (const context of contexts) await context.close()
    await browser?.close()
    await retail?.close()
    await fresh?.drop()
    await rm(dataDir, { recursive: true, force: true })
  })

  /** A visitor with cookies of her own. What the page complains of ends up in `complaints`. */
  async function visitor(complaints: string[]): Promise<Page> {
    const context = await browser.newContext({ javaScriptEnabled: false, baseURL: retail.origin })
    contexts.push(context)
    const page = await context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`))
    return page
  }

  async function signIn(page: Page, email: string, password: string): Promise<void> {
    await page.getByLabel('E-mail address or username').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  /** The link of the newest mail, whose subject says what it is for. */
  async function mailedLink(subject: string): Promise<string> {
    const path = `/dev/mailbox?to=${encodeURIComponent(EMAIL)}`
    const json = { accept: 'application/json' }
    let link: string | undefined
    const ask = async () => {
      const { text } = await new PlainBrowser(retail.origin).get(path, json)
      const mails = JSON.parse(text) as { subject: string; links: string[] }[]
      link = mails.find((mail) => mail.subject.startsWith(subject))?.links[0]
      return link
    }
    await expect.poll(ask, { timeout: 10_000 }).toBeTruthy()
    return String(link)
  }

  test('a person registers, verifies, signs in, is assigned, sees the report, and forgets her password', async () => {
    const complaints: string[] = []
    const nora = await visitor(complaints)
    await nora.goto('/')
    await nora.getByRole('main').getByRole('link', { name: 'Register' }).click()
    await nora.getByLabel('E-mail address').fill(EMAIL)
    await nora.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await nora.getByRole('button', { name: 'Create account' }).click()
    await nora.getByRole('heading', { name: 'Check your mail' }).waitFor()
    await nora.goto(await mailedLink('Confirm your address'))
    await nora.getByRole('button', { name: 'Confirm address' }).click()
    await nora.getByRole('heading', { name: 'Your address is confirmed' }).waitFor()

    await nora.goto('/report')
    await signIn(nora, EMAIL, PASSWORD)
    await nora.getByText('No company has been given to you yet').waitFor()
    expect(new URL(nora.url()).pathname).toBe('/report')

    const admin = await visitor(complaints)
    const made = retail.people.find(({ email }) => email === 'admin@retail.example')
    await admin.goto('/assign')
    await signIn(admin, 'admin@retail.example', made?.password ?? '')
    await admin.getByLabel('E-mail address of a registered person').fill(EMAIL)
    await admin.getByLabel('Role').selectOption('manager')
    await admin.getByLabel('Company', { exact: true }).selectOption('harbour')
    await admin.getByRole('button', { name: 'Assign' }).click()
    await admin.getByText(`${EMAIL} has been assigned`).waitFor()

    await nora.getByRole('link', { name: 'Try again' }).click()
    await nora.getByRole('table').waitFor()
    await nora.getByText('Harbour & Hearth, Ltd.').waitFor()
    expect(await nora.locator('tbody tr').count()).toBe(3)
    expect(await nora.locator('svg.chart rect').count()).toBe(3)
    await nora.getByLabel('Store', { exact: true }).selectOption('ORK')
    await nora.getByLabel('From').fill('2026-01-01')
    await nora.getByRole('button', { name: 'Show' }).click()
    await nora.getByText('2026-01-01 to 2026-09-30').waitFor()
    expect(await nora.locator('tbody tr').count()).toBe(1)

    await nora.getByRole('link', { name: 'Account' }).click()
    await nora.getByRole('button', { name: 'Sign out' }).click()
    await nora.getByText('You are signed out.').waitFor()
    await nora.goto('/')
    await nora.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
    await nora.getByRole('link', { name: 'Forgot your password?' }).click()
    await nora.getByLabel('E-mail address').fill(EMAIL)
    await nora.getByRole('button', { name: 'Send the link' }).click()
    await nora.goto(await mailedLink('Choose a new password'))
    await nora.getByLabel('New password').fill(ANOTHER_PASSWORD)
    await nora.getByRole('button', { name: 'Save the password' }).click()
    await nora.getByRole('heading', { name: 'Your password is saved' }).waitFor()
    await nora.goto('/report')
    await signIn(nora, EMAIL, ANOTHER_PASSWORD)
    await nora.getByRole('table').waitFor()
    expect(complaints).toEqual([])
  }, 120_000)
}
