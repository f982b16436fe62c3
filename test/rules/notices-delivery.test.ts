import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import type { SecurityOptions } from '../../src/config/index.ts'
import { TestMailbox } from '../../src/testing/index.ts'
import { Gate } from '../outage/gate.ts'
import { startSmtp } from '../services/smtp.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'
import { account, everything, newPassword, notices, signedIn } from './notices-kit.ts'

const email = 'ann@example.com'
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

async function newSite(options: Partial<SecurityOptions> = {}): Promise<Site> {
  const site = await openSite({ appName: 'Shop', captcha: 'none', ...options })
  open.push(site)
  return site
}

const subjects = {
  underAttack: 'Somebody is guessing your password for Shop',
  newDevice: 'New sign-in to Shop',
  password: 'Your password for Shop was changed',
  email: 'Your address for Shop was changed',
}

it('a notice speaks the language of the configuration', async () => {
  const mailer = new TestMailbox()
  const mail = { mailer, from: 'Laden <no-reply@shop.example>', language: 'de' } as const
  const site = await newSite({ mail, appName: 'Laden' })
  const id = await account(site, email, 'Änne Groß')
  await site.security.users.setPassword(id, newPassword)
  await site.deliverMail()
  const { html, subject, text } = mailer.latest(email)
  expect(subject).toBe('Ihr Passwort für Laden wurde geändert')
  expect(text).toMatch(/^Guten Tag Änne Groß,/)
  expect(html).toContain('<html lang="de" dir="ltr">')
})

describe('a notice that is switched off', () => {
  it.each(Object.keys(subjects) as (keyof typeof subjects)[])(
    '%s is not sent, and the others are',
    async (off) => {
      const site = await newSite({ notices: { [off]: false } })
      await everything(site, email)
      const others = Object.entries(subjects).filter(([name]) => name !== off)
      expect((await notices(site, email)).map(({ subject }) => subject).sort()).toEqual(
        others.map(([, subject]) => subject).sort(),
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
