import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  CDPSession,
  Page,
} from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { becomeMember, openSite, password, type Site } from '../../test/pages/site.ts'
import { appCode } from '../../test/pages/visitor.ts'
import { describeBrowser, launchChromium } from '../../test/services/chromium.ts'

// Two cores may be shared with other browsers.
vi.setConfig({ testTimeout: 120_000 })

/** A browser with a device that has a fingerprint reader. */
interface Device {
  readonly cdp: CDPSession
  readonly authenticatorId: string
  /** Whether somebody is there who touches it when asked. */
  present(isThere: boolean): Promise<void>
}

describeBrowser('second factors in a browser', () => {
  let site: Site
  let browser: Browser
  let email = ''
  let people = 0

  beforeAll(async () => {
    site = await openSite({ mfa: { trustedDevices: '30d' } })
    browser = await launchChromium()
  })
  beforeEach(async () => {
    email = `person${++people}@example.com`
    await becomeMember(site, email)
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

  async function plugIn(page: Page): Promise<Device> {
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

  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent()
  const submit = (page: Page, name: string) =>
    page.getByRole('button', { name, exact: true }).click()
  const at = (page: Page, path: string) => page.waitForURL(site.url + path)

  async function enterPassword(page: Page, next = '/account'): Promise<void> {
    await page.goto(`/account/sign-in?next=${encodeURIComponent(next)}`)
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel('Password').fill(password)
    await submit(page, 'Sign in')
  }

  async function signOut(page: Page): Promise<void> {
    await page.goto('/account')
    await submit(page, 'Sign out')
  }

  async function setUpApp(page: Page) {
    await page.goto('/account')
    await page.getByRole('link', { name: 'Set up an authenticator app' }).click()
    await submit(page, 'Show the QR code')
    const key = (await page.locator('.key code').textContent()) ?? ''
    await page.getByLabel('Code of your app').fill(appCode(site, key))
    await submit(page, 'Finish')
    expect(await heading(page)).toBe('Your recovery codes')
    const codes = await page.getByRole('list', { name: 'Recovery codes' }).locator('code').all()
    const texts = await Promise.all(codes.map((one) => one.textContent()))
    await page.getByRole('link', { name: 'I have kept them' }).click()
    return { key, codes: texts.map(String) }
  }

  /** Adds a passkey, with the codes that come with the first second factor. */
  async function addPasskey(page: Page, { present }: Device): Promise<void> {
    await page.goto('/account/passkeys/add')
    await present(true)
    await submit(page, 'Create the passkey')
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
    await present(false)
  }

  it.each([
    { name: 'with scripts', javaScriptEnabled: true },
    { name: 'without scripts', javaScriptEnabled: false },
  ])(
    '$name an app is set up, signs in, is stood in for by a recovery code, and is removed',
    ({ javaScriptEnabled }) =>
      visit({ javaScriptEnabled }, async (page) => {
        await enterPassword(page)
        const { codes, key } = await setUpApp(page)
        expect(codes).toHaveLength(10)
        expect(await page.locator('.notice').textContent()).toBe(
          'Your authenticator app is set up.',
        )
        expect(await page.getByText('10 left').count()).toBe(1)

        await signOut(page)
        await enterPassword(page, '/app')
        expect(await heading(page)).toBe('One more proof')
        expect(await page.locator(':focus').getAttribute('name')).toBe('code')
        await page.getByLabel('Code of your app').fill('000000')
        await submit(page, 'Continue')
        expect(await page.getByRole('alert').textContent()).toMatch(/not accepted/)
        site.clock.jump(60_000)
        await page.getByLabel('Code of your app').fill(appCode(site, key))
        await submit(page, 'Continue')
        await at(page, '/app')

        await signOut(page)
        await enterPassword(page)
        await page.getByText('Use a recovery code instead').click()
        await page.getByLabel('Recovery code', { exact: true }).fill(codes[0]?.toLowerCase() ?? '')
        await submit(page, 'Use this code')
        await at(page, '/account')
        expect(await page.getByText('9 left').count()).toBe(1)

        await page.getByRole('link', { name: 'Remove the authenticator app' }).click()
        await submit(page, 'Remove the app')
        await at(page, '/account?notice=app-removed')
        await signOut(page)
        await enterPassword(page, '/app')
        await at(page, '/app')
      }),
  )

  it('the QR code is dark on light in dark, too, and can be told by its name', () =>
    visit({ colorScheme: 'dark' }, async (page) => {
      await enterPassword(page)
      await page.goto('/account/authenticator')
      await submit(page, 'Show the QR code')
      const code = page.getByRole('img', { name: /^QR code for your authenticator app/ })
      const fills = await code
        .locator('path')
        .evaluateAll((paths) => paths.map((path) => getComputedStyle(path).fill))
      expect(fills).toEqual(['rgb(255, 255, 255)', 'rgb(0, 0, 0)'])
    }))

  it('recovery codes are copied by their button', () =>
    visit({ permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
      await enterPassword(page)
      await page.goto('/account/authenticator')
      await submit(page, 'Show the QR code')
      const key = (await page.locator('.key code').textContent()) ?? ''
      await page.getByLabel('Code of your app').fill(appCode(site, key))
      await submit(page, 'Finish')
      await submit(page, 'Copy')
      await page.getByText('Copied.').waitFor()
      const copied = await page.evaluate(() => navigator.clipboard.readText())
      expect(copied.split('\n')).toHaveLength(10)
    }))

  it('a browser that is trusted is not asked again', () =>
    visit({}, async (page) => {
      await enterPassword(page)
      const { key } = await setUpApp(page)
      await signOut(page)
      await enterPassword(page)
      await page.getByLabel('Code of your app').fill(appCode(site, key))
      await page.getByLabel(/^Trust this browser for 30 days/).check()
      await submit(page, 'Continue')
      await at(page, '/account')
      expect(await page.getByText(/trusted until/).count()).toBe(1)
      await signOut(page)
      await enterPassword(page, '/app')
      await at(page, '/app')
    }))

  it('a passkey is added, signs in alone, is the second factor of a password, is renamed and removed', () =>
    visit({}, async (page) => {
      await page.addInitScript(withoutAutofill)
      const device = await plugIn(page)
      await enterPassword(page)
      await page.goto('/account/passkeys/add')
      await page.getByLabel('Name').fill('Laptop <i>')
      await device.present(true)
      await submit(page, 'Create the passkey')
      await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
      await device.present(false)
      await page.getByRole('link', { name: 'I have kept them' }).click()
      expect(await page.getByText('Laptop <i>', { exact: true }).count()).toBe(1)

      await signOut(page)
      await page.goto('/account/sign-in?next=/app')
      await device.present(true)
      await submit(page, 'Use a passkey instead')
      await at(page, '/app')
      await device.present(false)

      await signOut(page)
      await enterPassword(page)
      expect(await heading(page)).toBe('One more proof')
      await device.present(true)
      await submit(page, 'Use a passkey')
      await at(page, '/account')
      await device.present(false)
      expect(await page.getByText(/last used now/).count()).toBe(1)

      await page.getByRole('link', { name: 'Rename the passkey Laptop <i>' }).click()
      await page.getByLabel('Name').fill('Desk')
      await submit(page, 'Save the name')
      await page.getByRole('link', { name: 'Remove the passkey Desk' }).click()
      await submit(page, 'Remove the passkey')
      await at(page, '/account?notice=passkey-removed')
      expect(await page.getByText('Desk', { exact: true }).count()).toBe(0)

      await signOut(page)
      await page.goto('/account/sign-in')
      await device.present(true)
      await submit(page, 'Use a passkey instead')
      await page.getByRole('alert').waitFor()
      expect(await page.getByRole('alert').textContent()).toMatch(/not accepted/)
    }))

  it('a passkey is offered in the list of the field for the name', () =>
    visit({}, async (page) => {
      const device = await plugIn(page)
      await enterPassword(page)
      await addPasskey(page, device)
      await signOut(page)
      // The virtual device picks from that list by itself once somebody is there.
      await device.present(true)
      await page.goto('/account/sign-in?next=/app')
      await at(page, '/app')
    }))

  it('a passkey that nobody touches leaves everything as it was, and can be tried again', () =>
    visit({}, async (page) => {
      const device = await plugIn(page)
      await enterPassword(page)
      await page.goto('/account/passkeys/add')
      await device.cdp.send('WebAuthn.setUserVerified', {
        authenticatorId: device.authenticatorId,
        isUserVerified: false,
      })
      await device.present(true)
      await submit(page, 'Create the passkey')
      await page.getByText('That did not work or was cancelled.').waitFor()
      await device.cdp.send('WebAuthn.setUserVerified', {
        authenticatorId: device.authenticatorId,
        isUserVerified: true,
      })
      await submit(page, 'Create the passkey')
      await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
    }))

  it('what is old asks for a fresh proof by passkey, and leads back', () =>
    visit({}, async (page) => {
      const device = await plugIn(page)
      await enterPassword(page)
      await addPasskey(page, device)
      await site.advance(16 * 60_000)
      await page.goto('/account/recovery-codes')
      expect(new URL(page.url()).pathname).toBe('/account/prove')
      expect(await page.getByLabel('Current password').count()).toBe(0)
      await device.present(true)
      await submit(page, 'Use a passkey')
      await at(page, '/account/recovery-codes')
      await site.advance(16 * 60_000)
      await submit(page, 'Make new codes')
      expect(await heading(page)).toBe('Please confirm that it is you')
      await page.getByRole('link', { name: 'Confirm that it is you' }).click()
      await submit(page, 'Use a passkey')
      await at(page, '/account/recovery-codes')
      await submit(page, 'Make new codes')
      expect(await heading(page)).toBe('Your recovery codes')
    }))

  it('what a passkey signed on another site signs nobody in here', async () => {
    const twin = await openSite()
    const context = await browser.newContext({ baseURL: site.url })
    try {
      const page = await context.newPage()
      const device = await plugIn(page)
      await enterPassword(page)
      await addPasskey(page, device)
      await signOut(page)
      for (const [where, end] of [
        // The other port has the same name, so the browser itself lets the passkey sign there.
        [twin.url, /not accepted/],
        [site.url, /inside/],
      ] as const) {
        await page.goto(`${site.url}/account/register`)
        await device.present(true)
        const options = await page.evaluate(fetchOptions)
        await page.goto(`${where}/account/register`)
        const response = await page.evaluate(signOptions, options)
        await device.present(false)
        await page.goto(`${site.url}/account/sign-in?next=/app`)
        await page.evaluate(sendAnswer, response)
        await page.waitForLoadState()
        await expect.poll(() => page.textContent('body')).toMatch(end)
      }
    } finally {
      await context.close()
      await twin.close()
    }
  })

  it('without scripts no button for passkeys is shown, and the other ways work', () =>
    visit({ javaScriptEnabled: false }, async (page) => {
      await page.goto('/account/sign-in')
      expect(await page.getByRole('button').allTextContents()).toEqual(['Sign in'])
      await enterPassword(page)
      await page.goto('/account/passkeys/add')
      expect(await page.locator('noscript p').textContent()).toMatch(/^A passkey needs JavaScript/)
      expect(await page.getByRole('button').count()).toBe(0)
    }))
})

/** In a page: a browser that offers passkeys by a button alone. */
function withoutAutofill(): void {
  PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false)
}

/** In a page: what its script fetches. */
async function fetchOptions(): Promise<string> {
  const answer = await fetch('/auth/login/passkey/options', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  return JSON.stringify((await answer.json()).options)
}

/** In a page: what a passkey signs, as that page's browser sees it. */
async function signOptions(options: string): Promise<string> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options))
  const signed = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential
  return JSON.stringify(signed.toJSON())
}

/** In the page of sign-in: sends an answer from elsewhere by its form. */
function sendAnswer(response: string): void {
  const form = document.querySelector<HTMLFormElement>('form[data-passkey]')
  const field = form?.querySelector<HTMLInputElement>('[name=response]')
  if (!form || !field) throw new Error('there is no form for passkeys')
  field.value = response
  form.submit()
}
