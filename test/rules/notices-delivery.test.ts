import { request } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import type { SecurityOptions } from '../../src/config/index.ts'
import { Gate } from '../outage/gate.ts'
import { startSmtp } from '../services/smtp.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'
import {
  account,
  besiege,
  headersOf,
  linkOf,
  login,
  newPassword,
  notices,
  safari,
  signedIn,
} from './notices-kit.ts'

const email = 'ann@example.com'
const baseUrl = 'https://app.example.com'
const evil = 'evil.example.net'
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

async function newSite(options: Partial<SecurityOptions> = {}): Promise<Site> {
  const site = await openSite({ appName: 'Shop', captcha: 'none', ...options })
  open.push(site)
  return site
}

type Headers = Record<string, string>

/** Makes each of the four notices happen to an account. */
async function everything(site: Site, more: Headers = {}, displayName?: string): Promise<void> {
  await account(site, email, displayName)
  await besiege(site, email)
  await site.advance(3_600_000)
  const owner = { ...(await signedIn(site, email)), ...more }
  await login(site, email, { userAgent: more['user-agent'] ?? safari, address: '192.0.2.51' })
  const proof = { currentPassword: goodPassword }
  await site.post('/auth/password/change', { ...proof, password: newPassword }, owner)
  const change = { email: `new-${email}`, currentPassword: newPassword }
  await site.post('/auth/email/change', change, owner)
  await site.deliverMail()
  const token = site.mailbox.latestToken(`new-${email}`)
  await site.post('/auth/email/confirm', { token }, { ...headersOf({}), ...more })
}

const subjects = {
  underAttack: 'Somebody is guessing your password for Shop',
  newDevice: 'New sign-in to Shop',
  password: 'Your password for Shop was changed',
  email: 'Your address for Shop was changed',
}

describe('a notice that is switched off', () => {
  it.each(Object.keys(subjects) as (keyof typeof subjects)[])(
    '%s is not sent, and the others are',
    async (off) => {
      const site = await newSite({ notices: { [off]: false } })
      await everything(site)
      const expected = Object.entries(subjects).filter(([name]) => name !== off)
      expect((await notices(site, email)).map(({ subject }) => subject)).toEqual(
        expected.map(([, subject]) => subject),
      )
      expect(site.security.relaxations.map(({ option }) => option)).toContain(`notices.${off}`)
    },
  )
})

describe('rule 39: a notice and what it tells of', () => {
  it('a change whose notice cannot be written does not happen', async () => {
    const site = await newSite()
    await account(site, email)
    const owner = await signedIn(site, email)
    const path = site.security.config.database.url?.reveal().replace('sqlite:', '') ?? ''
    const file = new DatabaseSync(path)
    file.exec(`create trigger refuse before insert on hf_outbox when new.kind = 'notice-password'
      begin select raise(abort, 'no mail today'); end`)
    file.close()
    const body = { currentPassword: goodPassword, password: newPassword }
    const { status } = await site.post('/auth/password/change', body, owner)
    expect(status).toBeGreaterThanOrEqual(500)
    expect((await site.login(email, newPassword)).status).toBe(401)
    expect((await site.login(email, goodPassword)).status).toBe(200)
    expect(site.dump().hf_audit?.join()).not.toContain('password.changed')
  })

  it('outlasts a mail server that is away, and arrives once', async () => {
    const smtp = await startSmtp()
    open.push(smtp)
    const gate = await Gate.before(smtp.url)
    open.push(gate)
    const mail = { smtpUrl: gate.url, from: 'Shop <no-reply@shop.example>' }
    const site = await newSite({ mail })
    await account(site, email)
    gate.mode = 'cut'
    const owner = await signedIn(site, email)
    const body = { currentPassword: goodPassword, password: newPassword }
    expect((await site.post('/auth/password/change', body, owner)).status).toBe(200)
    await site.deliverMail()
    await site.advance(60_000)
    await site.deliverMail()
    expect(smtp.mails).toEqual([])
    gate.mode = 'open'
    await site.advance(60_000)
    await site.deliverMail()
    await site.deliverMail()
    expect(smtp.mails.map(({ subject, to }) => [subject, ...to])).toEqual([
      [subjects.password, email],
    ])
    expect(smtp.mails[0]?.headers['message-id']).toMatch(/^<[\w-]+@localhost>$/)
  })
})

describe('rule 9: text that somebody chose', () => {
  it('is no HTML, no header and no link in a notice, be it a name or a user agent', async () => {
    const site = await newSite({ appName: 'Shop' })
    const agent = `Firefox/1 <a href="https://${evil}/">Windows</a> https://${evil} "'>\u00adx`
    await everything(site, { 'user-agent': agent }, `<img src=x> https://${evil}`)
    const mails = await notices(site, email)
    expect(mails).toHaveLength(4)
    for (const mail of mails) {
      expect(mail.html).not.toMatch(/<img|<a href="https:\/\/evil/)
      expect(JSON.stringify(mail)).not.toContain(evil)
      expect(mail.text).toMatch(/^Hello,\n/)
    }
    expect(mails[1]?.text).toContain('\nDevice: Firefox on Windows\n')
  })
})

describe('rule 46: a forged Host', () => {
  it('is in no notice: links lead to baseUrl', async () => {
    const site = await newSite({ baseUrl, mode: 'production' })
    await everything(site, { 'x-forwarded-host': evil, forwarded: `host=${evil};proto=http` })
    await site.security.users.create({ email: 'bob@example.com', password: goodPassword })
    const body = { email: 'bob@example.com', password: goodPassword, transport: 'body' }
    for (const agent of ['one', 'two']) {
      const headers = { host: evil, 'x-forwarded-host': evil, 'user-agent': agent }
      expect(await postWithHost(site, '/auth/login', body, headers)).toBe(200)
    }
    const mails = [...(await notices(site, email)), ...(await notices(site, 'bob@example.com'))]
    expect(mails).toHaveLength(5)
    for (const mail of mails) {
      expect(linkOf(mail).page).toMatch(/^https:\/\/app\.example\.com\/account\//)
      expect(mail.html.match(/https?:\/\/[^/"<\s]+/g)).toEqual(Array(2).fill(baseUrl))
      expect(JSON.stringify(mail)).not.toContain(evil)
    }
  })
})

describe('rule 34: a dump of the database', () => {
  it('holds no link of a notice that could be used, before or after it was sent', async () => {
    const site = await newSite()
    await everything(site)
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
function postWithHost(site: Site, path: string, body: object, headers: Headers): Promise<number> {
  const text = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const call = request(site.base + path, {
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
