import { expect, it } from 'vitest'
import { openBrowserBench } from '../../test/pages/browser-bench.ts'
import {
  addPasskeyOn,
  enterPassword,
  heading,
  plugIn,
  signOut,
  submit,
} from '../../test/pages/in-browser.ts'
import { openSite } from '../../test/pages/site.ts'
import { describeBrowser } from '../../test/services/chromium.ts'

describeBrowser('passkeys in a browser', () => {
  const bench = openBrowserBench()
  const { at, run } = bench

  it('a passkey is added, signs in alone, is the second factor of a password, is renamed and removed', () =>
    run({}, async (page) => {
      await page.addInitScript(withoutAutofill)
      const device = await plugIn(page)
      await enterPassword(page, bench.email)
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
      await enterPassword(page, bench.email)
      expect(await heading(page)).toBe('Two-step verification')
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
    run({}, async (page) => {
      const device = await plugIn(page)
      await enterPassword(page, bench.email)
      await addPasskeyOn(page, device)
      await signOut(page)
      // The virtual device picks from that list by itself once somebody is there.
      await device.present(true)
      await page.goto('/account/sign-in?next=/app')
      await at(page, '/app')
    }))

  it('a passkey that nobody touches leaves everything as it was, and can be tried again', () =>
    run({}, async (page) => {
      const device = await plugIn(page)
      await enterPassword(page, bench.email)
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
    run({}, async (page) => {
      const device = await plugIn(page)
      await enterPassword(page, bench.email)
      await addPasskeyOn(page, device)
      await bench.site.advance(16 * 60_000)
      await page.goto('/account/recovery-codes')
      expect(new URL(page.url()).pathname).toBe('/account/prove')
      expect(await page.getByLabel('Current password').count()).toBe(0)
      await device.present(true)
      await submit(page, 'Use a passkey')
      await at(page, '/account/recovery-codes')
      await bench.site.advance(16 * 60_000)
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
    const context = await bench.browser.newContext({ baseURL: bench.site.url })
    try {
      const page = await context.newPage()
      const device = await plugIn(page)
      await enterPassword(page, bench.email)
      await addPasskeyOn(page, device)
      await signOut(page)
      for (const [where, end] of [
        // The other port has the same name, so the browser itself lets the passkey sign there.
        [twin.url, /not accepted/],
        [bench.site.url, /inside/],
      ] as const) {
        await page.goto(`${bench.site.url}/account/register`)
        await device.present(true)
        const options = await page.evaluate(fetchOptions)
        await page.goto(`${where}/account/register`)
        const response = await page.evaluate(signOptions, options)
        await device.present(false)
        await page.goto(`${bench.site.url}/account/sign-in?next=/app`)
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
    run({ javaScriptEnabled: false }, async (page) => {
      await page.goto('/account/sign-in')
      expect(await page.getByRole('button').allTextContents()).toEqual(['Sign in'])
      await enterPassword(page, bench.email)
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
