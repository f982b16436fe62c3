import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deviceOf } from './device.ts'

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'

it.each([
  [`Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/140.0.0.0 Safari/537.36`, 'Chrome', 'Linux'],
  [`Mozilla/5.0 (X11; Linux x86_64) ${webkit} HeadlessChrome/140.0.0.0`, 'Chrome', 'Linux'],
  [`Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/1 Safari/1 Edg/1`, 'Edge', 'Windows'],
  [`Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/1 Safari/1 OPR/1`, 'Opera', 'Windows'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 15.0; rv:1) Gecko/1 Firefox/1', 'Firefox', 'macOS'],
  [`Mozilla/5.0 (Macintosh; Mac OS X) ${webkit} Version/18.0 Safari/605.1.15`, 'Safari', 'macOS'],
  [`Mozilla/5.0 (iPhone; CPU like Mac OS X) ${webkit} Version/18 Safari/1`, 'Safari', 'iPhone'],
  [`Mozilla/5.0 (iPad; CPU like Mac OS X) ${webkit} CriOS/1 Safari/1`, 'Chrome', 'iPad'],
  [
    `Mozilla/5.0 (Linux; Android 15) ${webkit} SamsungBrowser/1 Chrome/1`,
    'Samsung Internet',
    'Android',
  ],
  [`Mozilla/5.0 (X11; CrOS x86_64) ${webkit} Chrome/1 Safari/1`, 'Chrome', 'ChromeOS'],
  ['curl/8.5.0', undefined, undefined],
  ['', undefined, undefined],
  [null, undefined, undefined],
])('%s is named as its owner would', (userAgent, browser, system) => {
  expect(deviceOf(userAgent)).toEqual({ browser, system })
})

it('a device is named by our words alone, whatever the user agent says', () => {
  const known = /^(?:[A-Z][A-Za-z ]+|iPhone|iPad|macOS)?$/
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (userAgent) => {
      const { browser, system } = deviceOf(`Mozilla/5.0 ${userAgent} Firefox/1 Windows`)
      expect(`${browser ?? ''}`).toMatch(known)
      expect(`${system ?? ''}`).toMatch(known)
    }),
  )
})
