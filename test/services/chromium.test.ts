import { expect, it } from 'vitest'
import { describeBrowser, launchChromium } from './chromium.ts'

describeBrowser('Chromium', () => {
  it('shows a page', async () => {
    const browser = await launchChromium()
    try {
      const page = await browser.newPage()
      await page.setContent('<title>Holdfast</title>')
      expect(await page.title()).toBe('Holdfast')
    } finally {
      await browser.close()
    }
  })
})
