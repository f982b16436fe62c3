import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  becomeMember,
  type Fields,
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

describe('a mailed link', () => {
  const register = async (email: string, more = {}) => {
    await site.post('/account/register', { email, password, ...more })
    await site.deliverMail()
    return site.mailbox.latestToken(email)
  }

  it('leads to the page of the configured address, whatever Host was sent', async () => {
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' }
    const form = new URLSearchParams({ email: 'host@example.com', password })
    expect(await postRaw(`${site.url}/account/register`, { headers, form })).toBe(202)
    await site.deliverMail()
    expect(site.mailbox.latest('host@example.com').text).toContain(`${site.url}/account/verify?`)
  })

  it('changes nothing when it is looked at, however often; its button confirms once', async () => {
    const token = await register('look@example.com')
    for (let look = 0; look < 3; look += 1) {
      const page = await site.get(`/account/verify?token=${token}`)
      expect(page.status).toBe(200)
      expect(hiddenField(await page.text(), 'token')).toBe(token)
    }
    const denied = await site.post('/account/sign-in', { identifier: 'look@example.com', password })
    expect(await denied.text()).toContain('not confirmed yet')
    const done = await site.post('/account/verify', { token })
    expect(done.status).toBe(200)
    expect(done.headers.getSetCookie()).toEqual([])
    expect(await done.text()).toContain('href="/account/sign-in"')
    const again = await site.post('/account/verify', { token })
    expect(again.status).toBe(400)
    expect(await again.text()).toContain('action="/account/resend"')
  })

  it('that is unknown, broken or absent offers a new one, and echoes nothing', async () => {
    for (const query of ['', '?token=', '?token=%3Cscript%3E', `?token=${'A'.repeat(43)}`]) {
      const response = await site.get(`/account/verify${query}`)
      const html = await response.text()
      expect(response.status).toBe(400)
      expect(html).toContain('action="/account/resend"')
      expect(html).not.toMatch(/script&gt;|AAAA/)
    }
  })

  it('whose username is taken asks for another one before it works', async () => {
    const token = await register('second@example.com', { username: 'ADA' })
    expect(await (await site.get(`/account/verify?token=${token}`)).text()).toContain(
      'id="username"',
    )
    for (const username of ['', 'Ada', 'no spaces']) {
      const refused = await site.post('/account/verify', { token, username })
      expect(refused.status).toBeGreaterThanOrEqual(400)
      expect(await refused.text()).toContain('id="username-fault-0"')
    }
    expect((await site.post('/account/verify', { token, username: 'lovelace' })).status).toBe(200)
    expect(await signIn(site, 'lovelace')).toContain('hf_session=')
  })

  it('that nobody knows the password of asks for one', async () => {
    const email = 'several@example.com'
    await register(email)
    await site.post('/account/register', { email, password: 'another orchard lantern 7' })
    await site.deliverMail()
    await site.post('/account/resend', { email })
    await site.deliverMail()
    const token = site.mailbox.latestToken(email)
    expect(await (await site.get(`/account/verify?token=${token}`)).text()).toContain(
      'autocomplete="new-password"',
    )
    const weak = await site.post('/account/verify', { token, password: 'short' })
    expect(weak.status).toBe(400)
    expect(await weak.text()).toContain('id="password-fault-0"')
    expect((await site.post('/account/verify', { token })).status).toBe(400)
    expect((await site.post('/account/verify', { token, password })).status).toBe(200)
    expect(await signIn(site, email)).toContain('hf_session=')
  })
})

/** Posts a form with headers that `fetch` keeps to itself; gives the status. */
function postRaw(
  url: string,
  { form, headers }: { readonly form: URLSearchParams; readonly headers: Fields },
): Promise<number | undefined> {
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', headers: { ...type, ...headers } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
      .on('error', reject)
      .end(form.toString())
  })
}
