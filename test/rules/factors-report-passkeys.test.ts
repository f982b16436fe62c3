import { afterAll, beforeAll, expect, it } from 'vitest'
import { SoftwareAuthenticator, type Twist } from '../passkeys/authenticator.ts'
import type { Site } from './identity-kit.ts'
import { linkOf } from './notices-kit.ts'
import { newPassword, type RecoveryKit, recoveryKit } from './recovery-kit.ts'
import { bearerOf, makePerson, openFactorSite, outcome, visitor } from './second-factor-kit.ts'

const origin = 'http://localhost:3000'
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

let site: Site
let kit: RecoveryKit
beforeAll(async () => {
  site = await openFactorSite()
  kit = recoveryKit(site)
})
afterAll(() => site?.close())

/** Adds a passkey as whoever has the password; answers the token of the notice that tells of it. */
async function add(email: string, key: SoftwareAuthenticator): Promise<string> {
  const own = visitor(site, '192.0.2.77', await bearerOf(site, email))
  const { options } = (await own.post('/auth/passkeys/options')).json
  const added = await own.post('/auth/passkeys', { response: key.create(options, origin) })
  expect(added.status).toBe(201)
  return kit.link(email)
}

/** How a sign-in by the passkey alone ends, in a browser that nobody has seen. */
async function byPasskey(key: SoftwareAuthenticator, twist: Twist = {}): Promise<string> {
  const browser = visitor(site, '198.51.100.66')
  const { options } = (await browser.post('/auth/login/passkey/options')).json
  const response = key.get(options, origin, twist)
  return outcome(await browser.post('/auth/login/passkey', { response }))
}

async function report(token: string): Promise<void> {
  expect((await site.post('/auth/report', { token })).status).toBe(200)
}

async function comeBack(email: string): Promise<void> {
  expect((await kit.reset(await kit.link(email), newPassword)).status).toBe(200)
}

const subjects = (email: string) => site.mailbox.list(email).map(({ subject }) => subject)

it.each(['by the mailed link', 'by itself after a day'])(
  "rule 5: an intruder's passkey opens nothing after any report, when the lock ends %s",
  async (how) => {
    const email = `victim${how.length}@example.com`
    await makePerson(site, email)
    const intruder = new SoftwareAuthenticator()
    const enrolled = await add(email, intruder)
    await site.advance(2 * minuteMs)
    expect(await byPasskey(intruder)).toBe('signed_in')
    const signedIn = await kit.link(email)
    expect(signedIn).not.toBe(enrolled)
    await report(signedIn)
    expect(await byPasskey(intruder)).not.toBe('signed_in')
    if (how === 'by the mailed link') await comeBack(email)
    else await site.advance(dayMs + minuteMs)
    expect(await byPasskey(intruder)).not.toBe('signed_in')
  },
)

it('rule 5: the lock that ends by itself opens to no passkey before a new password is set', async () => {
  const email = 'older@example.com'
  await makePerson(site, email)
  const key = new SoftwareAuthenticator()
  await add(email, key)
  await site.advance(8 * dayMs)
  expect(await byPasskey(key)).toBe('signed_in')
  await report(await kit.link(email))
  await site.advance(dayMs + minuteMs)
  expect(await byPasskey(key)).toBe('401 invalid_credentials')
  await comeBack(email)
  expect(await byPasskey(key)).toBe('signed_in')
})

it('rule A7: the owner of a passkey that may have been copied is told, and a report takes it away', async () => {
  const email = 'copied@example.com'
  await makePerson(site, email)
  const key = new SoftwareAuthenticator({ counts: true })
  await add(email, key)
  await site.advance(8 * dayMs)
  expect(await byPasskey(key)).toBe('signed_in')
  await site.deliverMail()
  expect(await byPasskey(key, { counter: 1 })).not.toBe('signed_in')
  await site.deliverMail()
  const mail = site.mailbox.list(email).at(-1)
  expect(mail?.subject).toMatch(/^A passkey for .* may have been copied$/)
  expect(linkOf(mail).page).toBe(`${origin}/account/not-me`)
  await report(site.mailbox.latestToken(email))
  await site.deliverMail()
  expect(site.mailbox.list(email).at(-1)?.text).toContain('may have been copied: one passkey.')
  await comeBack(email)
  expect(await byPasskey(key)).not.toBe('signed_in')
})

it('rule A7: a copy that is tried again and again fills no mailbox', async () => {
  const email = 'often@example.com'
  await makePerson(site, email)
  const key = new SoftwareAuthenticator({ counts: true })
  await add(email, key)
  expect(await byPasskey(key)).toBe('signed_in')
  const told = async () => {
    await site.deliverMail()
    return subjects(email).filter((subject) => subject.includes('copied')).length
  }
  for (let tries = 0; tries < 4; tries += 1) await byPasskey(key, { counter: 1 })
  expect(await told()).toBe(1)
  await site.advance(dayMs + minuteMs)
  await byPasskey(key, { counter: 1 })
  expect(await told()).toBe(2)
})

it('rule A7: nor does one alarm a day by its thief keep the owner from hearing of it again', async () => {
  const email = 'silent@example.com'
  await makePerson(site, email)
  const key = new SoftwareAuthenticator({ counts: true })
  await add(email, key)
  expect(await byPasskey(key)).toBe('signed_in')
  for (let tries = 0; tries < 5; tries += 1) {
    await byPasskey(key, { counter: 1 })
    await site.advance(20 * 60 * minuteMs)
  }
  await site.deliverMail()
  // At 0, 40 and 80 hours.
  expect(subjects(email).filter((subject) => subject.includes('copied'))).toHaveLength(3)
})

it('rule 5: a forced reset after a report opens the account to nothing but its mailed link', async () => {
  const email = 'forced@example.com'
  await makePerson(site, email)
  const key = new SoftwareAuthenticator()
  await add(email, key)
  await site.advance(8 * dayMs)
  expect(await byPasskey(key)).toBe('signed_in')
  await report(await kit.link(email))
  await site.deliverMail()
  await site.advance(60 * minuteMs)
  await site.security.users.forceReset(email, { reason: 'she called' })
  expect(await byPasskey(key)).toBe('401 invalid_credentials')
  await site.advance(dayMs + minuteMs)
  expect(await byPasskey(key)).toBe('401 invalid_credentials')
  await comeBack(email)
  expect(await byPasskey(key)).toBe('signed_in')
})

it('rule 5: the link of a forced reset opens the lock of a report, as the one it ends would have', async () => {
  const email = 'waits@example.com'
  await makePerson(site, email)
  await add(email, new SoftwareAuthenticator())
  await report(await kit.link(email))
  await site.deliverMail()
  await site.security.users.forceReset(email, { reason: 'she called' })
  await comeBack(email)
  const signedIn = await visitor(site, '192.0.2.78').login(email, { password: newPassword })
  expect(outcome(signedIn)).toBe('signed_in')
})
