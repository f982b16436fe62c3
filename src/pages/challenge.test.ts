import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { becomeMember, hiddenField, openSite, password, type Site } from '../../test/pages/site.ts'
import type { SecurityOptions } from '../index.ts'

const sites: Site[] = []
let site: Site

beforeAll(async () => {
  site = await openSite({ captcha: { work: 1_000 } })
})

afterEach(async () => {
  for (const other of sites.splice(0)) await other.close()
})

afterAll(() => site?.close())

/** The page after so many failures that a challenge is due. */
async function challenged(on: Site, identifier: string, form = {}): Promise<Response> {
  for (let guess = 0; guess < 3; guess += 1) {
    await on.post('/account/sign-in', { identifier, password: `wrong ${guess}` })
  }
  return on.post('/account/sign-in', { identifier, password, next: '/app', ...form })
}

const bare = (html: string) =>
  html.replace(/nonce="[^"]+"/g, '').replace(/data-captcha="[^"]+"/, 'data-captcha=""')

describe('a challenge', () => {
  it('keeps the name and the way on, and never the password', async () => {
    const response = await challenged(site, 'somebody@example.com')
    const html = await response.text()
    expect(response.status).toBe(200)
    expect(html).toContain('<h1>One more check</h1>')
    expect(html).toContain('value="somebody@example.com"')
    expect(hiddenField(html, 'next')).toBe('/app')
    expect(html).not.toContain(password)
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it('is letter by letter the same for names that nobody has, and for the right password', async () => {
    await becomeMember(site, 'member@example.com')
    const pages = await Promise.all(
      ['member@example.com', 'nobody@example.com'].map(async (name) =>
        bare(await (await challenged(site, name)).text()).replaceAll(name, 'NAME'),
      ),
    )
    expect(pages[0]).toBe(pages[1])
  })

  it('runs two scripts, of ours, by the nonce of its response', async () => {
    const response = await challenged(site, 'script@example.com')
    const policy = response.headers.get('content-security-policy') ?? ''
    const html = await response.text()
    const nonce = /<script nonce="([^"]+)">/.exec(html)?.[1]
    expect(html.match(/<script/g)).toHaveLength(2)
    expect(html.split(`<script nonce="${nonce}">`)).toHaveLength(3)
    expect(policy).toContain(`script-src 'nonce-${nonce}'`)
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(html).toContain('<noscript>')
    expect(html).toContain('data-refresh="/auth/captcha"')
  })

  it('that was not solved is asked again, whatever was sent instead', async () => {
    for (const captcha of ['', 'x', '"><script>', 'e30=', 'A'.repeat(9_000)]) {
      const response = await challenged(site, 'again@example.com', { captcha })
      const html = await response.text()
      expect(response.status).toBe(200)
      expect(html).toContain('<h1>One more check</h1>')
      expect(html).not.toMatch(/AAAA|&gt;&lt;script/)
    }
  })

  it('is not shown to somebody who may not try for a while', async () => {
    const limits = { auth: { points: 3, window: '15m' } } as const
    const strict = await openSite({ captcha: { work: 1_000 }, limits })
    sites.push(strict)
    const response = await challenged(strict, 'eager@example.com', { captcha: 'e30=' })
    const html = await response.text()
    expect([response.status, html.includes('15 minutes')]).toEqual([429, true])
    expect(html).not.toMatch(/data-captcha|One more check/)
  })

  it('is not asked where the options say none', async () => {
    const open = await openSite({ captcha: 'none' })
    sites.push(open)
    const response = await challenged(open, 'somebody@example.com')
    expect(response.status).toBe(401)
    expect(await response.text()).not.toContain('data-captcha')
  })
})

describe.each([
  ['turnstile', 'cf-turnstile', 'https://challenges.cloudflare.com/turnstile/v0/api.js'],
  ['hcaptcha', 'h-captcha', 'https://js.hcaptcha.com/1/api.js'],
  ['recaptcha', 'g-recaptcha', 'https://www.google.com/recaptcha/api.js'],
] as const)('the widget of %s', (provider, className, loader) => {
  const captcha = { provider, siteKey: 'site"key', secret: 'a secret' } as const
  const open = async (options: Partial<SecurityOptions> = {}) => {
    const other = await openSite({ captcha, ...options })
    sites.push(other)
    return other
  }

  it('is shown when it is due and nowhere else, and the policy opens for it alone', async () => {
    const other = await open({
      headers: { contentSecurityPolicy: { directives: { 'img-src': ["'self'"] } } },
    })
    const before = await other.get('/account/sign-in')
    expect(await before.text()).not.toMatch(/data-captcha|<script [^n]/)
    expect(before.headers.get('content-security-policy')).not.toContain('frame-src')
    const response = await challenged(other, 'somebody@example.com')
    const html = await response.text()
    const policy = response.headers.get('content-security-policy') ?? ''
    const nonce = /<style nonce="([^"]+)">/.exec(html)?.[1]
    expect(html).toContain(`<div class="${className}" data-sitekey="site&quot;key"`)
    expect(html).toContain(`<script src="${loader}" async defer nonce="${nonce}"`)
    expect(policy).toContain(`script-src 'nonce-${nonce}' 'strict-dynamic'`)
    expect(policy).toMatch(/frame-src https:/)
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("img-src 'self';")
    expect(policy).not.toContain('trusted-types')
    expect(html).not.toContain('a secret')
  })

  it('has no policy where the app has switched it off', async () => {
    const other = await open({ headers: { contentSecurityPolicy: false } })
    const response = await challenged(other, 'somebody@example.com')
    expect(response.headers.get('content-security-policy')).toBeNull()
    expect(await response.text()).toContain(`<div class="${className}"`)
  })
})
