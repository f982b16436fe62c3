import { describe, expect, it } from 'vitest'
import {
  newPassword,
  openMemberBench,
  renewedCookie,
  withoutNonce,
} from '../../test/pages/member-bench.ts'
import { hiddenField, openSite, password, signIn } from '../../test/pages/site.ts'

const bench = openMemberBench()
const { member, submit } = bench

/** The token in the newest mail to an address that leads to this page. */
async function mailedToken(to: string, page: string): Promise<string> {
  const { site } = bench
  await site.deliverMail()
  const shape = new RegExp(`/account/${page}\\?token=([\\w-]{43})`)
  const tokens = site.mailbox.list(to).flatMap(({ text }) => shape.exec(text)?.[1] ?? [])
  const token = tokens.at(-1)
  if (token === undefined) throw new Error(`no mail to ${to} leads to ${page}`)
  return token
}

describe('a change of address', () => {
  it('names the account, and says to whoever is signed in as somebody else that it is another', async () => {
    const { site } = bench
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
    const { site } = bench
    await member('known@example.com')
    const pages = await Promise.all(
      ['known@example.com', 'unknown@example.com'].map(async (email) => {
        const response = await site.post('/account/forgot', { email })
        expect(response.status).toBe(202)
        expect(response.headers.getSetCookie()).toEqual([])
        return withoutNonce(await response.text()).replaceAll(email, 'ADDRESS')
      }),
    )
    expect(pages[0]).toBe(pages[1])
  })

  it('says beside the field what is wrong with an address, and keeps it', async () => {
    const { site } = bench
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
    const { site } = bench
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
      [newPassword, 200],
      [newPassword, 400],
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
    const { site } = bench
    const email = 'invited@example.com'
    await site.security.users.invite({ email })
    const token = await mailedToken(email, 'reset')
    const html = await (await site.get(`/account/reset?token=${token}`)).text()
    expect(html).toContain('<h1>Welcome</h1>')
    await site.post('/account/reset', { token, password: newPassword })
    const done = await site.post('/account/sign-in', { identifier: email, password: newPassword })
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
    const { site } = bench
    const cookie = await member(`${page}@example.com`)
    const _csrf = hiddenField(await (await site.get('/account', { cookie })).text(), '_csrf')
    await site.post('/account/forgot', { email: `${page}@example.com` })
    const foreign = page === 'reset' ? _csrf : await mailedToken(`${page}@example.com`, 'reset')
    const tokens = ['', 'A'.repeat(43), foreign, foreign.slice(1), `${foreign}A`, '<script>"\'']
    const seen = new Set<string>()
    for (const token of tokens) {
      const query = new URLSearchParams({ token })
      const form = { token, ...(page === 'reset' ? { password: newPassword } : {}) }
      for (const response of [
        await site.get(`/account/${page}?${query}`),
        await site.post(`/account/${page}`, form),
      ]) {
        expect(response.status).toBe(400)
        seen.add(withoutNonce(await response.text()))
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
    const { site } = bench
    const email = 'reported@example.com'
    const before = await member(email)
    const form = { currentPassword: password, password: newPassword }
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
