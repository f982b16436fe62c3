import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  becomeMember,
  hiddenField,
  openSite,
  password,
  type Site,
  signIn,
} from '../../test/pages/site.ts'

const fresh = 'gravel pelican lantern 93'
let site: Site

beforeAll(async () => {
  site = await openSite()
})

afterAll(() => site?.close())

const bare = (html: string) => html.replace(/nonce="[^"]+"/g, '')

/** The token in the newest mail to an address that leads to this page. */
async function mailedToken(to: string, page: string): Promise<string> {
  await site.deliverMail()
  const shape = new RegExp(`/account/${page}\\?token=([\\w-]{43})`)
  const tokens = site.mailbox.list(to).flatMap(({ text }) => shape.exec(text)?.[1] ?? [])
  const token = tokens.at(-1)
  if (token === undefined) throw new Error(`no mail to ${to} leads to ${page}`)
  return token
}

async function member(email: string): Promise<string> {
  await becomeMember(site, email)
  return signIn(site, email)
}

/** Posts a form of somebody signed in, as her browser would. */
const submit = (page: string, form: Record<string, string>, cookie: string) =>
  site.post(`/account/${page}`, form, { cookie, 'sec-fetch-site': 'same-origin' })

/** The session cookie that an answer replaced. */
function renewedCookie({ headers }: Response): string {
  const line = headers.getSetCookie().find((one) => one.includes('hf_session='))
  return line?.slice(0, line.indexOf(';')) ?? ''
}

describe('a change of address', () => {
  it('names the account, and says to whoever is signed in as somebody else that it is another', async () => {
    const cookie = await member('wanda@example.com')
    const foreign = await member('lured@example.com')
    const form = { currentPassword: password, email: 'wanda2@example.com' }
    expect((await submit('email', form, cookie)).status).toBe(202)
    const token = await mailedToken('wanda2@example.com', 'confirm-email')
    const [mail] = site.mailbox.list('wanda2@example.com')
    expect(mail?.text).toContain('w***@example.com')
    expect(mail?.text).toContain('7 days')
    const look = async (headers: Record<string, string>) =>
      (await site.get(`/account/confirm-email?token=${token}`, headers)).text()
    for (const html of [await look({}), await look({ cookie })]) {
      expect(html).toContain('w***@example.com')
      expect(html).toContain('7 days')
      expect(html).not.toContain('with another account')
      expect(html).not.toContain('wanda@')
    }
    expect(await look({ cookie: foreign })).toContain('with another account')
  })
})

describe('a forgotten password', () => {
  it('answers letter by letter the same for known and unknown addresses', async () => {
    await member('known@example.com')
    const pages = await Promise.all(
      ['known@example.com', 'unknown@example.com'].map(async (email) => {
        const response = await site.post('/account/forgot', { email })
        expect(response.status).toBe(202)
        expect(response.headers.getSetCookie()).toEqual([])
        return bare(await response.text()).replaceAll(email, 'ADDRESS')
      }),
    )
    expect(pages[0]).toBe(pages[1])
  })

  it('says beside the field what is wrong with an address, and keeps it', async () => {
    const response = await site.post('/account/forgot', { email: 'a@x.example, b@x.example' })
    const html = await response.text()
    expect(response.status).toBe(400)
    expect(html).toContain('id="email-fault-0"')
    expect(html).toContain('value="a@x.example, b@x.example"')
  })

  it('says how long to wait when a client asks too often', async () => {
    const strict = await openSite({ limits: { mailClient: { points: 1, window: '1h' } } })
    try {
      await strict.post('/account/forgot', { email: 'one@example.com' })
      const response = await strict.post('/account/forgot', { email: 'two@example.com' })
      expect(response.status).toBe(429)
      expect(await response.text()).toMatch(/Try again in \d+ minutes/)
    } finally {
      await strict.close()
    }
  })
})

describe('the link of a forgotten password', () => {
  it('is looked at without being used, saves a password once, and signs nobody in', async () => {
    const email = 'forgot@example.com'
    const cookie = await member(email)
    await site.post('/account/forgot', { email })
    const token = await mailedToken(email, 'reset')
    for (let look = 0; look < 2; look += 1) {
      const html = await (await site.get(`/account/reset?token=${token}`)).text()
      expect(html).toContain('<h1>Choose a new password</h1>')
      expect(html).toContain('autocomplete="new-password"')
      expect(html).toContain(`autocomplete="username" value="${email}" readonly hidden>`)
      expect(html).toContain('href="/account/sign-in"')
    }
    const weak = await site.post('/account/reset', { token, password: 'passwordpassword' })
    const html = await weak.text()
    expect(weak.status).toBe(400)
    expect(html).toContain('id="password-fault-0"')
    expect(hiddenField(html, 'token')).toBe(token)
    expect(html).not.toContain('passwordpassword')
    for (const [secret, status] of [
      ['', 400],
      [fresh, 200],
      [fresh, 400],
    ] as const) {
      const saved = await site.post('/account/reset', { token, password: secret })
      expect(saved.status).toBe(status)
      const set = saved.headers.getSetCookie().map((line) => line.split('=')[0])
      expect(set).toEqual(status === 200 ? ['__Host-hf_device'] : [])
    }
    expect((await site.get('/account', { cookie })).status).toBe(303)
    expect((await site.post('/account/sign-in', { identifier: email, password })).status).toBe(401)
  })

  it('of an invitation welcomes whoever was invited', async () => {
    const email = 'invited@example.com'
    await site.security.users.invite({ email })
    const token = await mailedToken(email, 'reset')
    const html = await (await site.get(`/account/reset?token=${token}`)).text()
    expect(html).toContain('<h1>Welcome</h1>')
    await site.post('/account/reset', { token, password: fresh })
    const done = await site.post('/account/sign-in', { identifier: email, password: fresh })
    expect(done.status).toBe(303)
  })
})

describe.each([
  ['reset', 'action="/account/forgot"'],
  ['undo-email', 'action="/account/forgot"'],
  ['not-me', 'action="/account/forgot"'],
  ['confirm-email', 'href="/account/email"'],
])('a link to /account/%s that is not good', (page, offer) => {
  it('has one page however it is not good, says what to do instead, and echoes nothing', async () => {
    const cookie = await member(`${page}@example.com`)
    const _csrf = hiddenField(await (await site.get('/account', { cookie })).text(), '_csrf')
    await site.post('/account/forgot', { email: `${page}@example.com` })
    const foreign = page === 'reset' ? _csrf : await mailedToken(`${page}@example.com`, 'reset')
    const tokens = ['', 'A'.repeat(43), foreign, foreign.slice(1), `${foreign}A`, '<script>"\'']
    const seen = new Set<string>()
    for (const token of tokens) {
      const query = new URLSearchParams({ token })
      const form = { token, ...(page === 'reset' ? { password: fresh } : {}) }
      for (const response of [
        await site.get(`/account/${page}?${query}`),
        await site.post(`/account/${page}`, form),
      ]) {
        expect(response.status).toBe(400)
        seen.add(bare(await response.text()))
      }
    }
    expect(seen.size).toBe(1)
    const [html = ''] = seen
    expect(html).toContain('<title>Error: This link does not work any more')
    expect(html).toContain(offer)
    expect(html).not.toMatch(/script&gt;|AAAA/)
  })
})

describe('the link of a notice', () => {
  it('says what will happen, does it at the press of its button, and mails the way back', async () => {
    const email = 'reported@example.com'
    const before = await member(email)
    const form = { currentPassword: password, password: fresh }
    const cookie = renewedCookie(await submit('password', form, before))
    const token = await mailedToken(email, 'not-me')
    for (let look = 0; look < 2; look += 1) {
      const html = await (await site.get(`/account/not-me?token=${token}`)).text()
      expect(html).toContain('Every session ends')
      expect(html).toContain('the account is locked')
    }
    expect((await site.get('/account', { cookie })).status).toBe(200)
    const done = await site.post('/account/not-me', { token })
    expect([done.status, await done.text()]).toEqual([
      200,
      expect.stringContaining('href="/account/sign-in"'),
    ])
    expect((await site.get('/account', { cookie })).status).toBe(303)
    const back = await mailedToken(email, 'reset')
    const html = await (await site.get(`/account/reset?token=${back}`)).text()
    expect(html).toContain('<h1>Take your account back</h1>')
    expect((await site.post('/account/reset', { token: back, password })).status).toBe(200)
    expect(await signIn(site, email)).toContain('hf_session=')
  })
})

describe('what somebody does to her own account', () => {
  const pages = ['password', 'email', 'data', 'close'] as const

  it.each(pages)('needs a session and its token: %s', async (page) => {
    const anonymous = await site.get(`/account/${page}`)
    expect(anonymous.status).toBe(303)
    expect(anonymous.headers.get('location')).toBe(`/account/sign-in?next=%2Faccount%2F${page}`)
    const cookie = await member(`own-${page}@example.com`)
    const form = { currentPassword: password }
    for (const headers of [
      { cookie },
      { cookie, 'sec-fetch-site': 'cross-site' },
      { cookie, origin: 'https://evil.example' },
    ]) {
      expect((await site.post(`/account/${page}`, form, headers)).status).toBe(403)
    }
    expect((await site.post(`/account/${page}`, form)).status).toBe(401)
    expect((await site.get('/account', { cookie })).status).toBe(200)
  })

  it.each(pages)('needs the current password, which is never echoed: %s', async (page) => {
    const cookie = await member(`proof-${page}@example.com`)
    const more: Record<string, string> = {
      ...(page === 'password' ? { password: fresh } : {}),
      ...(page === 'email' ? { email: `proof-${page}-2@example.com` } : {}),
    }
    for (const [currentPassword, status] of [
      ['', 400],
      ['x'.repeat(5_000), 400],
      ['not <b>my</b> password', 401],
    ] as const) {
      const response = await submit(page, { ...more, currentPassword }, cookie)
      const html = await response.text()
      expect(response.status).toBe(status)
      expect(html).toContain('id="currentPassword-fault-0"')
      expect(html).toContain('autocomplete="current-password"')
      expect(html).not.toMatch(/xxxx|not &lt;b|gravel pelican/)
      if (more.email) expect(html).toContain(`value="${more.email}"`)
    }
    expect(
      (await submit(page, { ...more, currentPassword: password }, cookie)).status,
    ).toBeLessThan(400)
  })

  it('takes no field that its form does not have', async () => {
    const cookie = await member('fields@example.com')
    const form = { currentPassword: password, password: fresh, userId: 'x' }
    expect((await submit('password', form, cookie)).status).toBe(400)
    expect(await signIn(site, 'fields@example.com')).toContain('hf_session=')
  })

  it('tells a password manager whose password it is, and sends that nowhere', async () => {
    const cookie = await member('manager@example.com')
    const html = await (await site.get('/account/password', { cookie })).text()
    expect(html).toContain(
      '<input type="text" autocomplete="username" value="manager@example.com" readonly hidden>',
    )
  })

  it('is found by password managers at the address that all sites share', async () => {
    const response = await site.get('/.well-known/change-password')
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/account/password')
  })

  it('keeps this session when the password changes, and ends the others', async () => {
    const cookie = await member('sessions@example.com')
    const other = await signIn(site, 'sessions@example.com')
    const form = { currentPassword: password, password: fresh }
    const response = await submit('password', form, cookie)
    expect(response.headers.get('location')).toBe('/account?notice=password-changed')
    const renewed = renewedCookie(response)
    expect((await site.get('/account', { cookie: renewed })).status).toBe(200)
    for (const dead of [cookie, other]) {
      expect((await site.get('/account', { cookie: dead })).status).toBe(303)
    }
  })

  it('says the same of a new address whether or not it is taken', async () => {
    const cookie = await member('mover@example.com')
    await member('taken@example.com')
    const html: string[] = []
    for (const email of ['taken@example.com', 'free@example.com']) {
      const response = await submit('email', { email, currentPassword: password }, cookie)
      expect(response.status).toBe(202)
      html.push(bare(await response.text()).replaceAll(email, 'ADDRESS'))
    }
    expect(html[0]).toBe(html[1])
  })

  it('gives her data as a file that nobody stores', async () => {
    const cookie = await member('data@example.com')
    const response = await submit('data', { currentPassword: password }, cookie)
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="my-data.json"')
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.text()).toContain('data@example.com')
  })

  it('removes the cookies of an account that was closed', async () => {
    const cookie = await member('closing@example.com')
    const response = await submit('close', { currentPassword: password }, cookie)
    expect(await response.text()).toContain('<h1>Your account is closed</h1>')
    expect(response.headers.getSetCookie().join()).toContain(
      '__Host-hf_session=; Path=/; Max-Age=0',
    )
    expect((await site.get('/account', { cookie })).status).toBe(303)
  })

  it('cannot forget a device of somebody else, nor one twice', async () => {
    const [ada, eve] = [await member('device@example.com'), await member('thief@example.com')]
    const list = await site.get('/auth/devices', { cookie: ada })
    const { devices } = (await list.json()) as { devices: { id: string }[] }
    const id = devices[0]?.id ?? ''
    expect((await submit('devices/forget', { id }, eve)).status).toBe(404)
    expect((await submit('devices/forget', { id }, ada)).status).toBe(303)
    expect((await submit('devices/forget', { id }, ada)).status).toBe(404)
    expect(await (await site.get('/account', { cookie: ada })).text()).toContain('None.')
  })
})
