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

const titleOf = (html: string) => /<title>(.*?)<\/title>/.exec(html)?.[1]
const location = (response: Response) => response.headers.get('location')

describe('every page', () => {
  it.each(['register', 'sign-in', 'resend', 'verify', 'verify?token=x'])(
    'is never stored, runs no script and styles by its nonce: %s',
    async (page) => {
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
    },
  )

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

describe('registration', () => {
  it('answers the same for a known and an unknown address, letter by letter', async () => {
    const bodies = await Promise.all(
      ['ada@example.com', 'new@example.com'].map(async (email) => {
        const response = await site.post('/account/register', { email, password })
        const html = await response.text()
        expect(response.status).toBe(202)
        return html.replaceAll(email, 'EMAIL').replace(/nonce="[^"]+"/, '')
      }),
    )
    expect(bodies[0]).toBe(bodies[1])
    expect(bodies[0]).toContain('Check your mail')
  })

  it('shows a refused form again with all that was typed but the password', async () => {
    const typed = { email: 'x"y', username: 'a b', displayName: '<b>Ada', companyName: "O'Brien" }
    const response = await site.post('/account/register', { ...typed, password })
    const html = await response.text()
    expect(response.status).toBe(400)
    expect(titleOf(html)).toMatch(/^Error: /)
    expect(html).toContain('value="x&quot;y"')
    expect(html).toContain('value="&lt;b&gt;Ada"')
    expect(html).toContain('value="O&#39;Brien"')
    expect(html).toContain('id="email-fault-0"')
    expect(html).not.toContain(password)
  })

  it('gives the reasons against a weak password, and how to do better, at the field', async () => {
    const form = { email: 'new@example.com', password: 'passwordpassword' }
    const html = await (await site.post('/account/register', form)).text()
    expect(html).toMatch(/id="password-fault-0">[^<]*people use most[^<]*unrelated words/)
    expect(html).toContain('aria-describedby="password-fault-0')
  })

  it('with nothing filled in names the fields, and with too much says that it is too much', async () => {
    const empty = await site.post('/account/register', {})
    expect(empty.status).toBe(400)
    expect(await empty.text()).toContain('id="password-fault-0">Fill in this field.')
    const long = { email: 'a@example.com', password, displayName: 'a'.repeat(101) }
    expect(await (await site.post('/account/register', long)).text()).toContain(
      'id="displayName-fault-0">This is longer than we can keep.',
    )
  })

  it('that is closed says so, without a form', async () => {
    const closed = await openSite({ registration: 'closed' })
    try {
      for (const response of [
        await closed.get('/account/register'),
        await closed.post('/account/register', { email: 'a@example.com', password }),
      ]) {
        expect(response.status).toBe(403)
        expect(await response.text()).not.toContain('<form')
      }
      expect(await (await closed.get('/account/sign-in')).text()).not.toContain('/register')
    } finally {
      await closed.close()
    }
  })
})

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

describe('a new link', () => {
  it('is promised in the same words for every address', async () => {
    const bodies = await Promise.all(
      ['ada@example.com', 'none@example.com'].map(async (email) => {
        const response = await site.post('/account/resend', { email })
        expect(response.status).toBe(202)
        return (await response.text()).replaceAll(email, 'EMAIL').replace(/nonce="[^"]+"/, '')
      }),
    )
    expect(bodies[0]).toBe(bodies[1])
  })

  it('is not promised to what is no address', async () => {
    const response = await site.post('/account/resend', { email: 'a@example.com,b@example.com' })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('id="email-fault-0"')
  })
})

describe('sign-in', () => {
  it('sets the session cookie of the server and leads to where one wanted to go', async () => {
    const form = { identifier: 'ada', password, next: '/app?page=2' }
    const response = await site.post('/account/sign-in', form)
    expect(response.status).toBe(303)
    expect(location(response)).toBe('/app?page=2')
    const cookies = response.headers.getSetCookie()
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual([
      '__Host-hf_session',
      '__Host-hf_device',
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
        return (await response.text()).replaceAll(identifier, 'NAME').replace(/nonce="[^"]+"/, '')
      }),
    )
    expect(bodies[0]).toBe(bodies[1])
    expect(bodies[0]).toContain('role="alert"')
    expect(bodies[0]).not.toContain('wrong"')
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

describe('the account', () => {
  it('sends those who are not signed in to sign in, and back', async () => {
    const response = await site.get('/account')
    expect(response.status).toBe(303)
    expect(location(response)).toBe('/account/sign-in?next=%2Faccount')
  })

  it('shows the profile, the roles and the sessions, with this one marked', async () => {
    const cookie = await signIn(site, 'ada')
    const html = await (await site.get('/account', { cookie })).text()
    expect(html).toContain('ada@example.com')
    expect(html).toContain('O&#39;Brien &lt;i&gt;&amp; Co')
    expect(html).toContain('<dt>Roles</dt><dd><bdi>user</bdi></dd>')
    expect(html.match(/class="badge"/g)).toHaveLength(1)
    expect(html).not.toMatch(/hf_session|eyJ/)
  })

  it('ends one session, and all others', async () => {
    await becomeMember(site, 'many@example.com')
    const [mine, ...others] = [
      await signIn(site, 'many@example.com'),
      await signIn(site, 'many@example.com'),
      await signIn(site, 'many@example.com'),
    ]
    const headers = { cookie: mine ?? '' }
    const html = await (await site.get('/account', headers)).text()
    const [id, _csrf] = [hiddenField(html, 'id'), hiddenField(html, '_csrf')]
    const one = await site.post('/account/sessions/end', { id, _csrf }, headers)
    expect(location(one)).toBe('/account?notice=session-ended')
    const gone = await site.post('/account/sessions/end', { id, _csrf }, headers)
    expect(gone.status).toBe(404)
    expect(gone.headers.get('content-type')).toMatch(/^text\/html/)
    const all = await site.post('/account/sessions/end-others', { _csrf }, headers)
    expect(location(all)).toBe('/account?notice=others-ended')
    for (const cookie of others) expect((await site.get('/account', { cookie })).status).toBe(303)
    const left = await (await site.get('/account?notice=others-ended', headers)).text()
    expect(left).toContain('All other sessions were ended.')
    expect(left).not.toContain('/sessions/end')
  })

  it("cannot end somebody else's session", async () => {
    await becomeMember(site, 'eve@example.com')
    const eve = { cookie: await signIn(site, 'eve@example.com') }
    const ada = { cookie: await signIn(site, 'ada') }
    const { sessions } = (await (await site.get('/auth/sessions', ada)).json()) as {
      sessions: { id: string }[]
    }
    const _csrf = hiddenField(await (await site.get('/account', eve)).text(), '_csrf')
    for (const { id } of sessions) {
      expect((await site.post('/account/sessions/end', { id, _csrf }, eve)).status).toBe(404)
    }
    expect((await site.get('/account', ada)).status).toBe(200)
  })

  it.each(['sessions/end-others', 'sessions/end', 'sign-out'])(
    'does nothing for a form without the token when the browser does not say where it is from: %s',
    async (action) => {
      const headers = { cookie: await signIn(site, 'ada') }
      for (const form of [{}, { _csrf: '' }, { _csrf: 'A'.repeat(43) }]) {
        expect((await site.post(`/account/${action}`, form, headers)).status).toBe(403)
      }
      expect((await site.get('/account', headers)).status).toBe(200)
    },
  )

  it('needs no token where the browser vouches for the form', async () => {
    const headers = { cookie: await signIn(site, 'ada'), 'sec-fetch-site': 'same-origin' }
    const response = await site.post('/account/sessions/end-others', {}, headers)
    expect(response.status).toBe(303)
  })

  it('signs out: the session ends on the server and its cookies go', async () => {
    const headers = { cookie: await signIn(site, 'ada') }
    const _csrf = hiddenField(await (await site.get('/account', headers)).text(), '_csrf')
    const response = await site.post('/account/sign-out', { _csrf }, headers)
    expect(location(response)).toBe('/account/sign-in?notice=signed-out')
    expect(response.headers.getSetCookie().join()).toContain(
      '__Host-hf_session=; Path=/; Max-Age=0',
    )
    expect((await site.get('/account', headers)).status).toBe(303)
    const again = await site.post('/account/sign-out', { _csrf }, headers)
    expect(again.status).toBe(303)
  })

  it('shows no notice that it does not know', async () => {
    const headers = { cookie: await signIn(site, 'ada') }
    for (const notice of ['constructor', '<b>', 'toString', '']) {
      const page = await site.get(`/account?notice=${encodeURIComponent(notice)}`, headers)
      expect(await page.text()).not.toContain('class="notice"')
    }
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
