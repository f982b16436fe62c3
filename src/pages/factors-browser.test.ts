import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { openBrowserBench } from '../../test/pages/browser-bench.ts'
import {
  enterPassword,
  heading,
  plugIn,
  setUpAppOn,
  signOut,
  submit,
  visit,
} from '../../test/pages/in-browser.ts'
import { openSite, password } from '../../test/pages/site.ts'
import { appCode } from '../../test/pages/visitor.ts'
import { describeBrowser } from '../../test/services/chromium.ts'

describeBrowser('second factors in a browser', () => {
  const bench = openBrowserBench()
  const { at, run } = bench

  it.each([
    { name: 'with scripts', javaScriptEnabled: true },
    { name: 'without scripts', javaScriptEnabled: false },
  ])(
    '$name an app is set up, signs in, is stood in for by a recovery code, and is removed',
    ({ javaScriptEnabled }) =>
      run({ javaScriptEnabled }, async (page) => {
        await enterPassword(page, bench.email)
        const { codes, key } = await setUpAppOn(page, bench.site)
        expect(codes).toHaveLength(10)
        expect(await page.locator('.notice').textContent()).toBe(
          'Your authenticator app is set up.',
        )
        expect(await page.getByText('10 left').count()).toBe(1)

        await signOut(page)
        await enterPassword(page, bench.email, '/app')
        expect(await heading(page)).toBe('Enter the 6-digit code')
        expect(await page.locator(':focus').getAttribute('name')).toBe('code')
        await page.getByLabel('6-digit code').fill('000000')
        await submit(page, 'Continue')
        expect(await page.locator('#code-fault-0').textContent()).toMatch(/not accepted/)
        expect(await page.locator(':focus').getAttribute('aria-describedby')).toMatch(
          /^code-fault-0/,
        )
        await page.goto(page.url())
        expect(await heading(page)).toBe('Enter the 6-digit code')
        bench.site.clock.jump(60_000)
        await page.getByLabel('6-digit code').fill(appCode(bench.site, key))
        await submit(page, 'Continue')
        await at(page, '/app')

        await signOut(page)
        await enterPassword(page, bench.email)
        await page.getByText('Use a recovery code instead').click()
        await page.getByLabel('Recovery code', { exact: true }).fill(codes[0]?.toLowerCase() ?? '')
        await submit(page, 'Use this code')
        await at(page, '/account')
        expect(await page.getByText('9 left').count()).toBe(1)

        await page.getByRole('link', { name: 'Remove the authenticator app' }).click()
        await submit(page, 'Remove the app')
        await at(page, '/account?notice=app-removed')
        await signOut(page)
        await enterPassword(page, bench.email, '/app')
        await at(page, '/app')
      }),
  )

  it('after a wrong code the same QR code is there to be scanned, and its next code is taken', () =>
    run({}, async (page) => {
      await enterPassword(page, bench.email)
      await page.goto('/account/authenticator')
      await submit(page, 'Show the QR code')
      const code = page.getByRole('img', { name: /^QR code for your authenticator app/ })
      const seen = async () => ({
        key: (await page.locator('.key code').textContent()) ?? '',
        drawn: await code.locator('path').last().getAttribute('d'),
      })
      const given = await seen()
      await page.getByLabel('6-digit code').fill('000000')
      await submit(page, 'Finish')
      expect(await page.locator('#code-fault-0').textContent()).toMatch(/not accepted/)
      expect(await page.locator(':focus').getAttribute('name')).toBe('code')
      expect(await code.isVisible()).toBe(true)
      expect(await seen()).toEqual(given)
      bench.site.clock.jump(60_000)
      await page.getByLabel('6-digit code').fill(appCode(bench.site, given.key))
      await submit(page, 'Finish')
      expect(await page.locator('.codes code').count()).toBe(10)
    }))

  it('the QR code is dark on light in dark, too, and can be told by its name', () =>
    run({ colorScheme: 'dark' }, async (page) => {
      await enterPassword(page, bench.email)
      await page.goto('/account/authenticator')
      await submit(page, 'Show the QR code')
      const code = page.getByRole('img', { name: /^QR code for your authenticator app/ })
      const fills = await code
        .locator('path')
        .evaluateAll((paths) => paths.map((path) => getComputedStyle(path).fill))
      expect(fills).toEqual(['rgb(255, 255, 255)', 'rgb(0, 0, 0)'])
    }))

  it('recovery codes are copied by their button', () =>
    run({ permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
      await enterPassword(page, bench.email)
      await page.goto('/account/authenticator')
      await submit(page, 'Show the QR code')
      const key = (await page.locator('.key code').textContent()) ?? ''
      await page.getByLabel('6-digit code').fill(appCode(bench.site, key))
      await submit(page, 'Finish')
      await submit(page, 'Copy')
      await page.getByText('Copied.').waitFor()
      const copied = await page.evaluate(() => navigator.clipboard.readText())
      expect(copied.split('\n')).toHaveLength(10)
    }))

  it('recovery codes are saved as a text file by their button', () =>
    run({ acceptDownloads: true }, async (page) => {
      await enterPassword(page, bench.email)
      await page.goto('/account/authenticator')
      await submit(page, 'Show the QR code')
      const key = (await page.locator('.key code').textContent()) ?? ''
      await page.getByLabel('6-digit code').fill(appCode(bench.site, key))
      await submit(page, 'Finish')
      const shown = await page.locator('.codes code').allTextContents()
      const [file] = await Promise.all([page.waitForEvent('download'), submit(page, 'Download')])
      expect(file.suggestedFilename()).toBe('recovery-codes.txt')
      const lines = (await readFile(await file.path(), 'utf8')).split('\r\n')
      expect(lines).toEqual(['Lantern & Sons: Recovery codes', '', ...shown, ''])
    }))

  it('a browser that is trusted is not asked again', () =>
    run({}, async (page) => {
      await enterPassword(page, bench.email)
      const { key } = await setUpAppOn(page, bench.site)
      await signOut(page)
      await enterPassword(page, bench.email)
      await page.getByLabel('6-digit code').fill(appCode(bench.site, key))
      await page.getByLabel(/^Trust this browser for 30 days/).check()
      await submit(page, 'Continue')
      await at(page, '/account')
      expect(await page.getByText(/trusted until/).count()).toBe(1)
      await signOut(page)
      await enterPassword(page, bench.email, '/app')
      await at(page, '/app')
    }))

  it('nothing is wider than a small telephone, in German neither', async () => {
    const german = await openSite({ appName: 'Donaudampfschifffahrt', mail: { language: 'de' } })
    const mailbox = { email: 'anna-katharina.mustermann@example.com', password }
    await german.security.users.create({ ...mailbox, roles: ['user'] })
    try {
      await visit(
        { browser: bench.browser, site: german },
        { viewport: { width: 320, height: 640 } },
        async (page) => {
          const fits = async () => {
            const width = await page.evaluate(() => document.documentElement.scrollWidth)
            expect(width, page.url()).toBe(320)
          }
          const press = (form: string) => page.locator(`form${form} button`).first().click()
          const enter = async () => {
            await page.goto('/account/sign-in')
            await page.locator('#identifier').fill(mailbox.email)
            await page.locator('#password').fill(password)
            await press('')
          }
          await enter()
          await page.goto('/account/authenticator')
          await press('')
          await fits()
          const key = (await page.locator('.key code').textContent()) ?? ''
          await page.locator('#code').fill('000000')
          await press('')
          await fits()
          await page.locator('#code').fill(appCode(german, key))
          await press('')
          await fits()
          const device = await plugIn(page)
          await device.present(true)
          await page.goto('/account/passkeys/add')
          await page.locator('#name').fill('W'.repeat(100))
          await press('')
          await page.waitForURL(`${german.url}/account?notice=passkey-added`)
          await device.present(false)
          for (const path of ['', '/authenticator/remove', '/recovery-codes', '/prove']) {
            await page.goto(`/account${path}`)
            await fits()
          }
          await page.goto('/account')
          await press('[action="/account/sign-out"]')
          await enter()
          await page.locator('summary').click()
          await fits()
        },
      )
    } finally {
      await german.close()
    }
  })
})
