import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  becomeMember,
  hiddenField,
  openSite,
  password,
  type Site,
  signIn,
} from '../../test/pages/site.ts'

let site: Site

beforeAll(async () => {
  site = await openSite()
  await becomeMember(site, 'ada@example.com', { username: 'ada', companyName: "O'Brien <i>& Co" })
})

afterAll(() => site?.close())

const location = (response: Response) => response.headers.get('location')

describe('sign-in', () => {
  it('sets the cookies of a session, ends all others, and leads to where one wanted to go', async () => {
    const form = { identifier: 'ada', password, next: '/app?page=2' }
    const response = await site.post('/account/sign-in', form)
    expect(response.status).toBe(303)
    expect(location(response)).toBe('/app?page=2')
    const cookies = response.headers.getSetCookie()
    const isEnded = (cookie: string) => /=; .*Max-Age=0;/.test(cookie)
    const names = (some: string[]) => some.map((cookie) => cookie.split('=')[0])
    expect(names(cookies.filter((cookie) => !isEnded(cookie)))).toEqual([
      '__Host-hf_session',
      '__Host-hf_device',
    ])
    expect(names(cookies.filter(isEnded))).toEqual([
      '__Host-hf_refresh',
      '__Host-hf_flow',
      '__Host-hf_step',
    ])
    for (const cookie of cookies) expect(cookie).toMatch(/; HttpOnly; Secure; SameSite=Lax$/)
  })

  it.each(['//evil.example', 'https://evil.example', '/\\evil.example', '/.//evil.example', ''])(
    'leads to the account when %j is asked for',
    async (next) => {
      const form = { identifier: 'ada', password, next }
      expect(location(await site.post('/account/sign-in', form))).toBe('/account')
      const page = await site.get(`/account/sign-in?next=${encodeURIComponent(next)}`)
      expect(hiddenField(await page.text(), 'next')).toBe('/account')
    },
  )

  it('denies a wrong password and an unknown name in the same words', async () => {
    const bodies = await Promise.all(
      ['ada', 'eve'].map(async (identifier) => {
        const response = await site.post('/account/sign-in', { identifier, password: 'wrong' })
        expect(response.status).toBe(401)
        expect(response.headers.getSetCookie()).toEqual([])
        return (await response.text())
          .replaceAll(`"${identifier}"`, '"NAME"')
          .replace(/nonce="[^"]+"/g, '')
      }),
    )
    expect(bodies[0]).toBe(bodies[1])
    expect(bodies[0]).toContain('role="alert"')
    expect(bodies[0]).not.toContain('wrong"')
  })

  it('runs one script, of ours, by the nonce of its response', async () => {
    const response = await site.get('/account/sign-in')
    const html = await response.text()
    const nonce = /<script nonce="([^"]+)">/.exec(html)?.[1]
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(html.match(/<script/g)).toHaveLength(1)
    expect(html).not.toMatch(/ on\w+=/)
    expect(policy).toContain(`script-src 'nonce-${nonce}'`)
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('keeps where one wanted to go over a wrong password', async () => {
    const form = { identifier: 'ada', password: 'wrong', next: '/app' }
    expect(hiddenField(await (await site.post('/account/sign-in', form)).text(), 'next')).toBe(
      '/app',
    )
  })

  it('after too many tries says how long to wait', async () => {
    const strict = await openSite({ limits: { auth: { points: 2, window: '15m' } } })
    try {
      const form = { identifier: 'ada', password: 'wrong' }
      const statuses: number[] = []
      let last: Response | undefined
      for (let attempt = 0; attempt < 3; attempt += 1) {
        last = await strict.post('/account/sign-in', form)
        statuses.push(last.status)
      }
      expect(statuses).toEqual([401, 401, 429])
      expect(last?.headers.get('retry-after')).toMatch(/^\d+$/)
      expect(await last?.text()).toMatch(/Try again in \d+ minutes\./)
    } finally {
      await strict.close()
    }
  })

  it('of somebody whose address waits offers the mail again', async () => {
    const email = 'waiting@example.com'
    await site.post('/account/register', { email, password })
    const html = await (await site.post('/account/sign-in', { identifier: email, password })).text()
    expect(html).toContain('action="/account/resend"')
    expect(hiddenField(html, 'email')).toBe(email)
  })

  it('of somebody who is signed in offers the way on and the way out', async () => {
    const cookie = await signIn(site, 'ada')
    const page = await site.get('/account/sign-in?next=/app', { cookie })
    const html = await page.text()
    expect(page.status).toBe(200)
    expect(html).toContain('href="/app"')
    expect(html).toContain('action="/account/sign-out"')
  })
})
