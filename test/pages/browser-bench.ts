import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, vi } from 'vitest'
import { launchChromium } from '../services/chromium.ts'
import { visit } from './in-browser.ts'
import { becomeMember, openSite, type Site } from './site.ts'

/** A site and a Chromium for the tests of one file, and somebody new for each of them. */
export interface BrowserBench {
  readonly site: Site
  readonly browser: Browser
  /** The address of who has registered for this test, and has no second factor yet. */
  readonly email: string
  /** Runs a visit; fails when the page asked anyone else, broke its own policy or threw. */
  run(options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void>
  /** Waits until the page stands at this path of the site. */
  at(page: Page, path: string): Promise<void>
}

/** Opens both before the tests of the file, and closes them after. */
export function openBrowserBench(): BrowserBench {
  let site: Site
  let browser: Browser
  let email = ''
  let people = 0
  // Two cores may be shared with other browsers.
  vi.setConfig({ testTimeout: 120_000 })

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

  return {
    get site() {
      return site
    },
    get browser() {
      return browser
    },
    get email() {
      return email
    },
    run: (options, work) => visit({ browser, site }, options, work),
    at: (page, path) => page.waitForURL(site.url + path),
  }
}
