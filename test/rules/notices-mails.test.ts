import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { SecurityOptions } from '../../src/config/index.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'
import { everything, type Headers, linkOf, notices } from './notices-kit.ts'

const email = 'ann@example.com'
const baseUrl = 'https://app.example.com'
const evil = 'evil.example.net'
let site: Site
afterEach(() => site?.close())

async function open(options: Partial<SecurityOptions> = {}): Promise<void> {
  site = await openSite({ appName: 'Shop', captcha: 'none', ...options })
}

describe('rule 9: text that somebody chose', () => {
  it('is no HTML, no header and no link in a notice, be it a name or a user agent', async () => {
    await open()
    const agent = `Firefox/1 <a href="https://${evil}/">Windows</a> https://${evil} "'>\u00adx`
    const displayName = `<img src=x> https://${evil}`
    await everything(site, email, { headers: { 'user-agent': agent }, displayName })
    const mails = await notices(site, email)
    expect(mails).toHaveLength(4)
    for (const mail of mails) {
      expect(mail.html).not.toMatch(/<img|<a href="https:\/\/evil/)
      expect(JSON.stringify(mail)).not.toContain(evil)
      expect(mail.text).toMatch(/^Hello,\n/)
    }
    const signIn = mails.find(({ subject }) => subject.startsWith('New sign-in'))
    expect(signIn?.text).toContain('\nDevice: Firefox on Windows\n')
  })
})

describe('rule 46: a forged Host', () => {
  it('is in no notice: links lead to baseUrl', async () => {
    await open({ baseUrl, mode: 'production' })
    const byTls = { 'x-forwarded-proto': 'https' }
    const headers = { ...byTls, 'x-forwarded-host': evil, forwarded: `host=${evil};proto=http` }
    await everything(site, email, { headers })
    await site.security.users.create({ email: 'bob@example.com', password: goodPassword })
    const body = { email: 'bob@example.com', password: goodPassword, transport: 'body' }
    for (const agent of ['one', 'two']) {
      const forged = { ...headers, host: evil, 'user-agent': agent }
      expect(await postWithHost(body, forged)).toBe(200)
    }
    const mails = [...(await notices(site, email)), ...(await notices(site, 'bob@example.com'))]
    expect(mails).toHaveLength(6)
    for (const mail of mails) {
      expect(linkOf(mail).page).toMatch(/^https:\/\/app\.example\.com\/account\//)
      expect(mail.html.match(/https?:\/\/[^/"<\s]+/g)).toEqual(Array(2).fill(baseUrl))
      expect(JSON.stringify(mail)).not.toContain(evil)
    }
  })
})

describe('rule 34: a dump of the database', () => {
  it('holds no link of a notice that could be used, before or after it was sent', async () => {
    await open()
    await everything(site, email)
    const before = JSON.stringify(site.dump())
    const mails = await notices(site, email)
    const after = JSON.stringify(site.dump())
    expect(mails).toHaveLength(4)
    for (const mail of mails) {
      const { token } = linkOf(mail)
      expect(token.length).toBeGreaterThan(20)
      for (const dump of [before, after]) expect(dump).not.toContain(token)
    }
    for (const dump of [before, after]) {
      expect(dump).toContain('notice-email')
      expect(dump).not.toMatch(/not-me|undo-email|This was not me|Hello,/)
    }
  })
})

/** By node:http: fetch would not let a Host header be forged. */
function postWithHost(body: object, headers: Headers): Promise<number> {
  const text = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const call = request(`${site.base}/auth/login`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
    })
    call.on('error', reject)
    call.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    call.end(text)
  })
}
