import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, openSite, type Site } from './identity-kit.ts'

const attackers = 'attacker horse battery staple 42'
const owners = 'owner horse battery staple 4242'

describe('links and the passwords that wait on them', () => {
  let site: Site
  let turn = 0
  beforeAll(async () => {
    site = await openSite()
  })
  afterAll(() => site.close())

  const address = () => `owner${++turn}@example.com`
  const register = (email: string, password: string) => site.register(email, { password })
  const verify = (body: object) => site.post('/auth/verify-email', body)
  const opens = async (email: string, password: string) =>
    (await site.login(email, password)).json.status === 'signed_in'
  const resend = async (email: string) => {
    await site.post('/auth/verify-email/resend', { email })
    await site.deliverMail()
    return site.mailbox.latestToken(email)
  }

  it("an attacker's earlier registration never opens the owner's account", async () => {
    const email = address()
    const first = await register(email, attackers)
    const second = await register(email, owners)
    expect((await verify({ token: second })).status).toBe(200)
    expect(await opens(email, owners)).toBe(true)
    expect(await opens(email, attackers)).toBe(false)
    expect((await verify({ token: first })).json.code).toBe('link_invalid')
    expect(await opens(email, attackers)).toBe(false)
  })

  it('nor does a later one, nor one of an address that is confirmed already', async () => {
    const email = address()
    const token = await register(email, owners)
    await register(email, attackers)
    expect((await verify({ token })).status).toBe(200)
    await site.post('/auth/register', { email, password: attackers })
    await site.deliverMail()
    expect(site.mailbox.latest(email).text).not.toMatch(/token=/)
    expect(await opens(email, attackers)).toBe(false)
    expect(await opens(email, owners)).toBe(true)
  })

  it('after two registrations a repeated link asks for a password, and only that one works', async () => {
    const email = address()
    await register(email, attackers)
    await register(email, owners)
    const token = await resend(email)
    expect((await verify({ token })).json.code).toBe('password_required')
    expect((await verify({ token, password: 'short' })).json.code).toBe('weak_password')
    const chosen = 'chosen horse battery staple 77'
    expect((await verify({ token, password: chosen })).status).toBe(200)
    expect(await opens(email, attackers)).toBe(false)
    expect(await opens(email, owners)).toBe(false)
    expect(await opens(email, chosen)).toBe(true)
  })

  it('a password sent along with a link that has one changes nothing of it', async () => {
    const email = address()
    const token = await register(email, owners)
    expect((await verify({ token, password: attackers })).status).toBe(200)
    expect(await opens(email, attackers)).toBe(false)
    expect(await opens(email, owners)).toBe(true)
  })

  it('a repeated link of the only registration keeps its password; both links are spent by one', async () => {
    const email = address()
    const first = await register(email, owners)
    const again = await resend(email)
    expect(again).not.toBe(first)
    expect((await verify({ token: first })).status).toBe(200)
    expect((await verify({ token: again })).json.code).toBe('link_invalid')
    expect(await opens(email, owners)).toBe(true)
  })

  it('a pending account is never opened, and says so to the right password alone', async () => {
    const email = address()
    await register(email, owners)
    expect((await site.login(email, owners)).json).toEqual({ status: 'verification_required' })
    expect((await site.login(email, attackers)).status).toBe(401)
  })

  it('a link tries five usernames and no sixth, so that nobody learns which are taken', async () => {
    const site = await openSite({ limits: { auth: { points: 5 } } })
    const verify = (body: object) => site.post('/auth/verify-email', body)
    await site.signUp(address(), { username: 'taken_name' })
    const token = await site.register(address())
    const tried: string[] = []
    for (let tries = 0; tries < 6; tries++) {
      tried.push((await verify({ token, username: 'taken_name' })).json.code)
    }
    expect(tried).toEqual([...Array(5).fill('username_taken'), 'rate_limited'])
    expect((await verify({ token, username: 'free_name' })).status).toBe(429)
    expect((await verify({ token })).status).toBe(200)
    await site.close()
  })

  it('a link has ended at its end, whether or not a cleaner has run', async () => {
    const email = address()
    const token = await register(email, owners)
    const { verifyEmailMs } = site.security.config.links
    site.clock.jump(verifyEmailMs)
    expect((await verify({ token })).json.code).toBe('link_invalid')
    site.clock.jump(-1)
    expect((await verify({ token })).status).toBe(200)
  })

  it('a link of a disabled account opens nothing', async () => {
    const email = address()
    const token = await register(email, owners)
    await site.security.users.disable(email)
    expect((await verify({ token })).json.code).toBe('link_invalid')
    // Whoever registered hears the same as for any other address: that something waits.
    expect((await site.login(email, owners)).json).toEqual({ status: 'verification_required' })
    await site.security.users.enable(email)
    expect((await verify({ token })).status).toBe(200)
  })

  it('looking at a link changes nothing, however often scanners do', async () => {
    const email = address()
    const token = await register(email, owners)
    const before = site.dump()
    for (let visit = 0; visit < 5; visit++) {
      expect((await site.get(`/account/verify?token=${token}`)).status).toBe(200)
    }
    expect(site.dump()).toEqual(before)
    expect((await verify({ token })).status).toBe(200)
  })

  it.each(['', 'x', 'A'.repeat(43), 'a'.repeat(200), "' or 1=1 --", '%00', 'null'])(
    'a token nobody was sent is not valid: %j',
    async (token) => {
      const { json, status } = await verify({ token })
      expect(status).toBe(400)
      expect(json.code).toMatch(/^(link_invalid|invalid_request)$/)
    },
  )

  it('a refresh token is no link, and a link is no session', async () => {
    const email = address()
    const token = await register(email, owners)
    expect((await site.post('/auth/refresh', { refreshToken: token })).status).toBe(401)
    const bearer = { authorization: `Bearer ${token}` }
    expect((await site.get('/auth/me', bearer)).status).toBe(401)
    expect((await verify({ token })).status).toBe(200)
    const { json } = await site.login(email, owners)
    for (const other of [json.refreshToken, json.accessToken.slice(0, 200)]) {
      expect((await verify({ token: other })).json.code).toBe('link_invalid')
    }
  })

  it('the database holds no link that could be used, and no password', async () => {
    const email = address()
    const token = await register(email, owners)
    const text = JSON.stringify(site.dump())
    expect(text).not.toContain(token)
    expect(text).not.toContain(owners)
  })
})

describe('user text in a mail', () => {
  it('stands in no header and is no HTML', async () => {
    const site = await openSite({ appName: 'Shop <b>&' })
    try {
      await site.register('html@example.com', {
        displayName: '<img src=x onerror=alert(1)>',
        companyName: 'a\u2028b"><script>',
        password: goodPassword,
      })
      const mail = site.mailbox.latest('html@example.com')
      expect(mail.html).not.toMatch(/<img|<script|<b>&/)
      expect(mail.html).toContain('Shop &lt;b&gt;&amp;')
      expect(`${mail.subject}${mail.to}${mail.from}`).not.toMatch(/[\r\n]/)
    } finally {
      await site.close()
    }
  })

  it.each([
    'a@example.com\r\nBcc: b@example.com',
    'a@example.com\nX: y',
    'a@example.com%0d%0aBcc:b@example.com',
    '"a\r\nBcc:b"@example.com',
    'a@example.com,b@example.com',
    'A <a@example.com>',
  ])('an address that could be two, or a header, is refused: %j', async (email) => {
    const site = await openSite()
    try {
      const answer = await site.post('/auth/register', { email, password: goodPassword })
      expect(answer.status).toBe(400)
      expect(answer.json.code).toMatch(/^email_(invalid|unsupported)$/)
      await site.deliverMail()
      expect(site.mailbox.list()).toEqual([])
    } finally {
      await site.close()
    }
  })
})
