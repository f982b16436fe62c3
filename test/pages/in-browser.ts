import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  CDPSession,
  Page,
} from 'playwright-core'
import { expect } from 'vitest'
import { password, type Site } from './site.ts'
import { appCode } from './visitor.ts'

/** A browser's device with a fingerprint reader. */
export interface Device {
  readonly cdp: CDPSession
  readonly authenticatorId: string
  /** Whether somebody is there who touches it when asked. */
  present(isThere: boolean): Promise<void>
}

/** Runs a visit; fails when the page asked anyone else, broke its own policy or threw. */
export async function visit(
  { browser, site }: { readonly browser: Browser; readonly site: Site },
  options: BrowserContextOptions,
  work: (page: Page, context: BrowserContext) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ baseURL: site.url, ...options })
  const strange: string[] = []
  try {
    const page = await context.newPage()
    context.on('request', (request) => {
      if (new URL(request.url()).origin !== site.url) strange.push(request.url())
    })
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted/.test(message.text())) strange.push(message.text())
    })
    page.on('pageerror', (error) => strange.push(error.message))
    await work(page, context)
    expect(strange).toEqual([])
  } finally {
    await context.close()
  }
}

/** Chromium's virtual authenticator; nobody is there at first. */
export async function plugIn(page: Page): Promise<Device> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: false },
    },
  })
  const present = async (enabled: boolean) =>
    void (await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }))
  return { cdp, authenticatorId, present }
}

export function heading(page: Page): Promise<string | null> {
  return page.getByRole('heading', { level: 1 }).textContent()
}

/** Presses a button by its whole name. */
export function submit(page: Page, name: string): Promise<void> {
  return page.getByRole('button', { name, exact: true }).click()
}

export async function enterPassword(page: Page, email: string, next = '/account'): Promise<void> {
  await page.goto(`/account/sign-in?next=${encodeURIComponent(next)}`)
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await submit(page, 'Sign in')
}

export async function signOut(page: Page): Promise<void> {
  await page.goto('/account')
  await submit(page, 'Sign out')
}

/** Sets an authenticator app up by the key that stands below the QR code. */
export async function setUpAppOn(page: Page, site: Site) {
  await page.goto('/account')
  await page.getByRole('link', { name: 'Set up an authenticator app' }).click()
  await submit(page, 'Show the QR code')
  const key = (await page.locator('.key code').textContent()) ?? ''
  const address = (await page.locator('a[href^="otpauth:"]').getAttribute('href')) ?? ''
  expect(new URL(address).searchParams.get('secret')).toBe(key.replaceAll(' ', ''))
  await page.getByLabel('6-digit code').fill(appCode(site, key))
  await submit(page, 'Finish')
  expect(await heading(page)).toBe('Your recovery codes')
  const codes = await page.getByRole('list', { name: 'Recovery codes' }).locator('code').all()
  const texts = await Promise.all(codes.map((one) => one.textContent()))
  await page.getByRole('link', { name: 'I have kept them' }).click()
  return { key, codes: texts.map(String) }
}

/** Adds a passkey, with the codes that come with the first second factor. */
export async function addPasskeyOn(page: Page, { present }: Device): Promise<void> {
  await page.goto('/account/passkeys/add')
  await present(true)
  await submit(page, 'Create the passkey')
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
  await present(false)
}
