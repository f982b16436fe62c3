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

describe('the account', () => {
  it('sends those who are not signed in to sign in, and back', async () => {
    const response = await site.get('/account')
    expect(response.status).toBe(303)
    expect(location(response)).toBe('/account/sign-in?next=%2Faccount')
  })

  it('shows the profile, the roles, the sessions and the devices, with this one marked', async () => {
    const cookie = await signIn(site, 'ada')
    const html = await (await site.get('/account', { cookie })).text()
    expect(html).toContain('ada@example.com')
    expect(html).toContain('O&#39;Brien &lt;i&gt;&amp; Co')
    expect(html).toContain('<dt>Roles</dt><dd><bdi>user</bdi></dd>')
    const lists = html.split('<ul class="entries"')
    expect(lists.map((list) => list.match(/class="badge"/g)?.length)).toEqual([
      undefined,
      undefined,
      1,
      1,
    ])
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

  describe('signing out with the refresh cookie of another session', () => {
    /** The account page's cookie, and a refresh cookie that the API gave. */
    async function both() {
      const login = await fetch(`${site.url}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'ada@example.com', password }),
      })
      const refresh =
        /__Host-hf_refresh=[\w-]+/.exec(login.headers.getSetCookie().join())?.[0] ?? ''
      return { session: await signIn(site, 'ada'), refresh }
    }
    const fromHere = { 'sec-fetch-site': 'same-origin' }
    const renew = async (cookie: string) =>
      (
        await site.post(
          '/auth/refresh',
          {},
          { cookie, ...fromHere, 'content-type': 'application/json' },
        )
      ).status

    it('ends both by the token of the form', async () => {
      const { refresh, session } = await both()
      const page = await (await site.get('/account', { cookie: session })).text()
      const headers = { cookie: `${session}; ${refresh}` }
      const form = { _csrf: hiddenField(page, '_csrf') }
      expect((await site.post('/account/sign-out', form, headers)).status).toBe(303)
      expect((await site.get('/account', { cookie: session })).status).toBe(303)
      expect(await renew(refresh)).toBe(401)
    })

    it('ends it when the browser vouches for the form and nothing else is left', async () => {
      const { refresh } = await both()
      const headers = { cookie: refresh, ...fromHere }
      expect((await site.post('/account/sign-out', {}, headers)).status).toBe(303)
      expect(await renew(refresh)).toBe(401)
    })

    it('does not end it for a form that may come from anywhere', async () => {
      const { refresh } = await both()
      for (const from of [
        {},
        { 'sec-fetch-site': 'cross-site' },
        { origin: 'https://evil.example' },
      ]) {
        const headers = { cookie: refresh, ...from }
        const response = await site.post('/account/sign-out', { _csrf: 'A'.repeat(43) }, headers)
        expect(response.status).toBe(403)
      }
      expect(await renew(refresh)).toBe(200)
    })
  })

  it('shows no notice that it does not know', async () => {
    const headers = { cookie: await signIn(site, 'ada') }
    for (const notice of ['constructor', '<b>', 'toString', '']) {
      const page = await site.get(`/account?notice=${encodeURIComponent(notice)}`, headers)
      expect(await page.text()).not.toContain('class="notice"')
    }
  })
})
