import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countHashes } from './enumeration-kit.ts'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'

/** Each spelling and the one account that it means. Escapes, so that nobody has to tell them apart. */
const spellings: readonly (readonly [what: string, spelling: string, same: string])[] = [
  ['upper case', 'Alice@Example.COM', 'alice@example.com'],
  ['a space in front', ' alice@example.com', 'alice@example.com'],
  ['a no-break space behind', 'alice@example.com\u00a0', 'alice@example.com'],
  ['full width', '\uff41\uff4c\uff49\uff43\uff45@example.com', 'alice@example.com'],
  ['a full-width @', 'alice\uff20example.com', 'alice@example.com'],
  ['a ligature', 'sta\ufb00@example.com', 'staff@example.com'],
  ['the Kelvin sign', '\u212aim@example.com', 'kim@example.com'],
  ['a full-width domain', 'alice@\uff45xample.com', 'alice@example.com'],
  ['an ideographic dot', 'alice@example\u3002com', 'alice@example.com'],
]

/** Spellings that look like another and are refused rather than folded. */
const refused: readonly (readonly [string, string, string])[] = [
  ['the dotless i', 'al\u0131ce@example.com', 'email_unsupported'],
  ['a sharp s', 'stra\u00dfe@example.com', 'email_unsupported'],
  ['a dotted capital I', '\u0130nes@example.com', 'email_unsupported'],
  ['a Cyrillic a', '\u0430lice@example.com', 'email_unsupported'],
  ['two addresses', 'a@x.example,b@y.example', 'email_invalid'],
  ['two addresses with a semicolon', 'a@x.example;b@y.example', 'email_invalid'],
  ['two signs', 'a@x.example@y.example', 'email_invalid'],
  ['a zero-width space', 'ali\u200bce@example.com', 'email_unsupported'],
]

describe('two spellings of one identifier', () => {
  let site: Site
  beforeAll(async () => {
    site = await openSite({ captcha: 'none', limits: { auth: { points: 5 } } })
    for (const name of ['alice', 'staff', 'kim', 'strasse', 'ines']) {
      await site.signUp(`${name}@example.com`, { username: `${name}_name` })
    }
  })
  afterAll(() => site.close())

  const accounts = () => site.dump().hf_users?.length

  it.each(spellings)(
    '%s is no second account, and mail goes to the stored address alone',
    async (_what, spelling, same) => {
      const before = accounts()
      const mails = site.mailbox.list().length
      const answer = await site.post('/auth/register', { email: spelling, password: goodPassword })
      expect(answer.status).toBe(202)
      await site.post('/auth/verify-email/resend', { email: spelling })
      await site.deliverMail()
      expect(accounts()).toBe(before)
      const sent = site.mailbox.list().slice(mails)
      expect(sent.map(({ to }) => to)).toEqual([same])
      expect(sent[0]?.text).not.toMatch(/token=/)
    },
  )

  it.each(spellings)('%s signs in to the same account', async (_what, spelling, same) => {
    const { json } = await site.login(spelling, goodPassword)
    expect(json).toMatchObject({ status: 'signed_in', user: { email: same } })
  })

  it('all spellings of an address are one bucket: five guesses, not five each', async () => {
    const ofAlice = spellings.filter(([, , same]) => same === 'alice@example.com')
    expect(ofAlice.length).toBeGreaterThan(5)
    const client = '198.51.100.20'
    const { throttle, database } = site.security.parts.ground
    const statuses = []
    for (const [, spelling] of ofAlice) {
      statuses.push((await site.login(spelling, 'wrong password 1', client)).status)
    }
    expect(statuses).toEqual(statuses.map((_, at) => (at < 5 ? 401 : 429)))
    expect((await site.login('alice@example.com', goodPassword, client)).status).toBe(429)
    const id = (await site.security.users.find('alice@example.com'))?.id ?? ''
    await database.transaction((trx) => throttle.clear(trx, id))
  })

  it('all spellings of a name, and the username of the same account, are one lane of guesses', async () => {
    const ofAlice = spellings.filter(([, , same]) => same === 'alice@example.com')
    const names = [...ofAlice.map(([, spelling]) => spelling), 'ALICE_NAME', 'alice_name']
    expect(names.length).toBeGreaterThanOrEqual(8)
    const hashes = countHashes(site)
    for (const [n, name] of names.entries()) {
      const answer = await site.login(name, 'wrong password 1', `198.51.100.${100 + n}`)
      expect(answer.json.code, name).toBe('invalid_credentials')
    }
    expect(hashes()).toBe(5)
    const rows = site.dump().hf_guesses?.filter((row) => row.includes('"strangers"'))
    expect(rows).toHaveLength(1)
    const { throttle, database } = site.security.parts.ground
    const id = (await site.security.users.find('alice@example.com'))?.id ?? ''
    await database.transaction((trx) => throttle.clear(trx, id))
  })

  it.each(refused)('%s is refused, and reaches nobody', async (_what, email, code) => {
    const before = site.dump()
    for (const path of ['/auth/register', '/auth/verify-email/resend']) {
      const body = path.endsWith('register') ? { email, password: goodPassword } : { email }
      const answer = await site.post(path, body)
      expect([answer.status, answer.json.code]).toEqual([400, code])
    }
    expect(site.dump()).toEqual(before)
    expect((await site.login(email, goodPassword, '198.51.100.21')).status).toBe(401)
  })

  it('user names fold alike: case, width, spaces; and never meet an address', async () => {
    for (const spelling of ['ALICE_NAME', ' alice_name ', '\uff21lice_name']) {
      const { json } = await site.login(spelling, goodPassword, '198.51.100.22')
      expect(json, spelling).toMatchObject({ status: 'signed_in' })
    }
    for (const username of ['alice@example.com', 'al\u0131ce', 'a', 'a b c', 'x'.repeat(31)]) {
      const body = { email: 'new@example.com', password: goodPassword, username }
      expect((await site.post('/auth/register', body)).json.code).toBe('username_invalid')
    }
  })

  it('a name in another spelling is taken as well, before activation', async () => {
    const token = await site.register('other@example.com', { username: '\uff21LICE_name' })
    const taken = await site.post('/auth/verify-email', { token })
    expect([taken.status, taken.json.code]).toEqual([409, 'username_taken'])
    const free = await site.post('/auth/verify-email', { token, username: 'other_name' })
    expect(free.status).toBe(200)
    const { json } = await site.login('alice_name', goodPassword, '198.51.100.23')
    expect(json.user.email).toBe('alice@example.com')
  })

  it('exactly one of identifier, email and username is read', async () => {
    const one = { email: 'alice@example.com', password: goodPassword }
    for (const more of [{ username: 'kim_name' }, { identifier: 'kim@example.com' }]) {
      const answer = await site.post('/auth/login', { ...one, ...more }, from('198.51.100.24'))
      expect([answer.status, answer.json.code]).toEqual([400, 'identifier_required'])
    }
    const none = await site.post('/auth/login', { password: goodPassword })
    expect(none.json.code).toBe('identifier_required')
  })
})
