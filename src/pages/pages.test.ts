import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { becomeMember, type Fields, openSite, password, type Site } from '../../test/pages/site.ts'

let site: Site

beforeAll(async () => {
  site = await openSite()
  await becomeMember(site, 'ada@example.com', { username: 'ada', companyName: "O'Brien <i>& Co" })
})

afterAll(() => site?.close())

const titleOf = (html: string) => /<title>(.*?)<\/title>/.exec(html)?.[1]

describe('every page', () => {
  it.each([
    ...['register', 'resend', 'verify', 'verify?token=x', 'forgot', 'reset'],
    ...['confirm-email', 'undo-email', 'not-me?token=x'],
  ])('is never stored, runs no script and styles by its nonce: %s', async (page) => {
    const response = await site.get(`/account/${page}`)
    const html = await response.text()
    const policy = response.headers.get('content-security-policy') ?? ''
    const nonce = /<style nonce="([^"]+)">/.exec(html)?.[1]
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`)
    expect(policy).toContain("default-src 'none'")
    expect(html).not.toContain('<script')
    expect(html).toContain('<meta name="referrer" content="strict-origin">')
  })

  it('ignores what it does not know in its query, and refuses it in its form', async () => {
    expect((await site.get('/account/sign-in?utm_source=mail&x=1')).status).toBe(200)
    const response = await site.post('/account/register', { email: 'a@b.example', role: 'admin' })
    expect(response.status).toBe(400)
    expect(titleOf(await response.text())).toBe('Error: Unknown field - Lantern &amp; Sons')
  })

  it('takes forms alone', async () => {
    const response = await fetch(`${site.url}/account/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect(response.status).toBe(415)
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
  })

  it('refuses a form from another site', async () => {
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      const form = { identifier: 'ada', password }
      for (const cookie of ['', `__Host-hf_session=${'A'.repeat(43)}`]) {
        const response = await site.post('/account/sign-in', form, { ...headers, cookie } as Fields)
        expect(response.status).toBe(403)
        expect(response.headers.getSetCookie()).toEqual([])
      }
    }
  })
})
