import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeBrowser, launchChromium } from '../services/chromium.ts'
import { type PagesSite, pagesSites, person } from './sites.ts'

// Two cores may be shared with other browsers.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const much = { points: 100_000 }

describeBrowser('in Chromium no page breaks its own policy', () => {
  describe.each(pagesSites)('%s', (_name, open, paths) => {
    let site: PagesSite
    let browser: Browser
    beforeAll(async () => {
      site = await open({ limits: { general: much, account: much } })
      browser = await launchChromium()
    })
    afterAll(async () => {
      await browser?.close()
      await site?.close()
    })

    /** Opens every page; what the browser complains of, by page. */
    async function walk(tab: Page): Promise<readonly string[]> {
      const complaints: string[] = []
      tab.on('console', (message) => {
        const text = message.text()
        if (/content security policy|trusted type/i.test(text))
          complaints.push(`${tab.url()}: ${text}`)
      })
      tab.on('pageerror', (error) => complaints.push(`${tab.url()}: ${error.message}`))
      for (const path of paths) {
        const response = await tab.goto(`${site.origin}${path}`, { waitUntil: 'load' })
        expect(response?.status(), path).toBeLessThan(500)
      }
      return complaints
    }

    it('for a stranger', async () => {
      const context = await browser.newContext()
      expect(await walk(await context.newPage())).toEqual([])
      await context.close()
      expect((await site.csp.summary()).reports).toBe(0)
    })

    it('for somebody who has signed in', async () => {
      const context = await browser.newContext()
      const tab = await context.newPage()
      await tab.goto(`${site.origin}/account/sign-in`)
      await tab.getByLabel('E-mail address or username').fill(person.identifier)
      await tab.getByLabel('Password', { exact: true }).fill(person.password)
      await tab.getByRole('button', { name: 'Sign in', exact: true }).click()
      await tab.waitForURL(`${site.origin}/account`)
      expect(await walk(tab)).toEqual([])
      await context.close()
      expect((await site.csp.summary()).reports).toBe(0)
    })
  })
})
