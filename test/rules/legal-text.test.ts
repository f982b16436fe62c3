import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, type Sent } from '../fuzz/ask.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'
import { fitting, legalTexts, unstorable } from './legal-text-kit.ts'

/** So many texts go into the metadata of one account, within its 8 KB. */
const batchSize = 20

const names = Array.from({ length: batchSize }, (_, at) => `text${at}`)

let site: Site
beforeAll(async () => {
  site = await openSite({ registrationMetadata: names })
})
afterAll(() => site.close())

const post = (path: string, body: unknown): Sent => ({ path, body: JSON.stringify(body) })

async function answers(status: number, sent: Sent): Promise<string> {
  const answer = await ask(site.base, sent)
  expect(answer.status, answer.body).toBe(status)
  return answer.body
}

/** Registers, asks three times for another link, and confirms: the texts are saved five times. */
async function saveFiveTimes(registration: Readonly<Record<string, unknown>>): Promise<void> {
  const { email } = registration
  await answers(202, post('/auth/register', registration))
  for (let times = 0; times < 3; times += 1) {
    await answers(202, post('/auth/verify-email/resend', { email }))
  }
  await site.deliverMail()
  const token = site.mailbox.latestToken(String(email))
  await answers(200, post('/auth/verify-email', { token }))
}

const batches: readonly (readonly string[])[] = Array.from(
  { length: Math.ceil(legalTexts.length / batchSize) },
  (_, at) => legalTexts.slice(at * batchSize, (at + 1) * batchSize),
)

describe('rule 29: legal text through our API', () => {
  it('in metadata is the same, byte for byte, after five saves', { timeout: 120_000 }, async () => {
    const { reader } = site.security.parts.ground.database
    for (const [at, texts] of batches.entries()) {
      const email = `batch${at}@example.com`
      const metadata = Object.fromEntries(texts.map((text, n) => [`text${n}`, text]))
      await saveFiveTimes({ email, password: goodPassword, metadata })
      const row = await reader
        .selectFrom('hf_users')
        .select(['metadata', 'status'])
        .where('email', '=', email)
        .executeTakeFirstOrThrow()
      expect(row.status).toBe('active')
      expect(JSON.parse(row.metadata)).toEqual(metadata)
    }
  })

  const shown = legalTexts.filter((text) => fitting(text, 100)).filter((_, at) => at % 12 === 0)

  it('as a name is the same in every answer, and escaped on the page', {
    timeout: 120_000,
  }, async () => {
    for (const [at, text] of ["O'Brien", '1 < 2', '--', 'executive', ' a ', ...shown].entries()) {
      const email = `name${at}@example.com`
      const named = { displayName: text, companyName: text }
      await saveFiveTimes({ email, password: goodPassword, ...named })
      const login = await ask(site.base, {
        ...post('/auth/login', { email, password: goodPassword, transport: 'session' }),
      })
      expect(JSON.parse(login.body).user).toMatchObject(named)
      const cookie = login.headers['set-cookie']?.split('\n').map((one) => one.split(';')[0])
      const headers = { cookie: cookie?.join('; ') ?? '' }
      const me = await answers(200, { method: 'GET', path: '/auth/me', headers })
      expect(JSON.parse(me).user).toMatchObject(named)
      const page = await answers(200, { method: 'GET', path: '/account', headers })
      expect(unescaped(page)).toContain(text)
      expect(page).not.toMatch(/<(?:img|svg|iframe|b|a href="javascript)[ >]/i)
    }
  })

  const passwords = [
    "O'Brien 1 < 2 -- executive",
    ' <b>&amp;</b> "\\" %00 {{x}} ',
    '\u{1f468}\u200d\u{1f469}\u200d\u{1f467} 東京 e\u0301 \u202e für Ömer',
    "'; drop table hf_users; --",
  ]
  it.each(passwords)('as a password %j is that very password', async (password) => {
    const email = `pw${passwords.indexOf(password)}@example.com`
    await saveFiveTimes({ email, password })
    const login = (tried: string) =>
      ask(site.base, post('/auth/login', { email, password: tried, transport: 'body' }))
    expect((await login(password)).status).toBe(200)
    for (const other of [password.trim(), `${password} `, password.replaceAll('&amp;', '&')]) {
      if (other !== password) expect((await login(other)).status).toBe(401)
    }
  })

  it('in a reason for a role is recorded as it was written', async () => {
    const { users } = site.security
    await users.create({ email: 'admin@example.com', password: goodPassword, roles: ['admin'] })
    const { id } = await users.create({ email: 'user@example.com', password: goodPassword })
    const { json } = await site.login('admin@example.com', goodPassword)
    const headers = { authorization: `Bearer ${json.accessToken}` }
    const path = `/admin/users/${id}/roles`
    const reason = `O'Brien: "1 < 2" -- executive \u{1f600} <script>`
    await answers(200, { ...post(path, { role: 'manager', reason }), headers })
    const rows = await site.security.parts.ground.database.reader
      .selectFrom('hf_grants')
      .select('reason')
      .where('role', '=', 'manager')
      .execute()
    expect(rows).toEqual([{ reason }])
  })
})

describe('rule 29: what no store can keep is refused before anything is kept', () => {
  const places = [
    ['password', (text: string) => ({ password: `${goodPassword}${text}` })],
    ['displayName', (text: string) => ({ displayName: text })],
    ['companyName', (text: string) => ({ companyName: text })],
    ['metadata/text0', (text: string) => ({ metadata: { text0: text } })],
  ] as const

  it.each(unstorable)('%j', async (text) => {
    const before = site.dump()
    for (const [pointer, place] of places) {
      const body = { email: 'never@example.com', password: goodPassword, ...place(text) }
      const { problem, status } = await ask(site.base, post('/auth/register', body))
      expect(status).toBe(400)
      expect(problem).toMatchObject({
        code: 'forbidden_character',
        errors: [{ pointer: `#/body/${pointer}` }],
      })
    }
    expect(site.dump()).toEqual(before)
  })
})

/** What a browser reads in a text of HTML. */
function unescaped(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#96;', '`')
    .replaceAll('&#13;', '\r')
    .replaceAll('&amp;', '&')
}
