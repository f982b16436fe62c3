import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { changeStatus } from '../../src/users/index.ts'
import { from, goodPassword, openSite, type Person, type Site } from './identity-kit.ts'

const wrong = 'wrong horse battery staple 1'

/** Limits of clients; the lanes of accounts have a test of their own. */
describe('guessing', () => {
  let site: Site
  let ada: Person
  let clients = 0
  beforeAll(async () => {
    const limits = { auth: { points: 5 }, authClient: { points: 50 } }
    site = await openSite({ captcha: 'none', limits })
    ada = await site.signUp('ada@example.com', { username: 'ada_l' })
    await site.signUp('eve@example.com')
  })
  afterAll(() => site.close())
  const openLanes = () =>
    site.security.parts.ground.database.transaction((trx) => trx.deleteFrom('hf_guesses').execute())
  beforeEach(openLanes)

  const newClient = () => `198.51.100.${++clients}`
  const tries = async (name: string, password: string, client: string, count: number) => {
    const statuses = []
    for (let n = 0; n < count; n++) statuses.push((await site.login(name, password, client)).status)
    return statuses
  }

  it('five failures by client and name, then 429 with Retry-After, also for the right password', async () => {
    const client = newClient()
    expect(await tries('ada@example.com', wrong, client, 6)).toEqual([401, 401, 401, 401, 401, 429])
    const refused = await site.login('ada@example.com', goodPassword, client)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.json.retryAfter).toBe(Number(refused.headers.get('retry-after')))
    await openLanes()
    expect((await site.login('ada@example.com', goodPassword, newClient())).status).toBe(200)
  })

  it('a name that nobody has is limited alike', async () => {
    const client = newClient()
    expect(await tries('ghost@example.com', wrong, client, 6)).toEqual([
      ...[401, 401, 401, 401, 401, 429],
    ])
  })

  it('successes do not spend the budget of failures', async () => {
    const client = newClient()
    expect(await tries('ada@example.com', goodPassword, client, 55)).toEqual(Array(55).fill(200))
    expect(await tries('ada@example.com', wrong, client, 6)).toEqual([401, 401, 401, 401, 401, 429])
  })

  it("an attacker's own successes do not refill the budget for another name", async () => {
    const client = newClient()
    const statuses = []
    for (let n = 0; n < 8; n++) {
      expect((await site.login('eve@example.com', goodPassword, client)).status).toBe(200)
      statuses.push((await site.login('ada@example.com', wrong, client)).status)
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  })

  it('a success gives back its own point and none of the failures before it', async () => {
    const client = newClient()
    expect(await tries('ada@example.com', wrong, client, 4)).toEqual([401, 401, 401, 401])
    expect(await tries('ada@example.com', goodPassword, client, 3)).toEqual([200, 200, 200])
    expect(await tries('ada@example.com', wrong, client, 2)).toEqual([401, 429])
  })

  it('one client has 50 failures over all names, and its own successes give none back', async () => {
    const client = newClient()
    const statuses = []
    for (let n = 0; n < 54; n++) {
      if (n % 5 === 0)
        expect((await site.login('eve@example.com', goodPassword, client)).status).toBe(
          n < 50 ? 200 : 429,
        )
      statuses.push((await site.login(`name${n}@example.com`, wrong, client)).status)
    }
    expect(statuses).toEqual([...Array(50).fill(401), ...Array(4).fill(429)])
  })

  it('the budget comes back with the next window, by itself', async () => {
    const client = newClient()
    await tries('ada@example.com', wrong, client, 6)
    site.clock.jump(15 * 60_000)
    await openLanes()
    expect(await tries('ada@example.com', wrong, client, 6)).toEqual([401, 401, 401, 401, 401, 429])
  })

  it('every spelling of a client is one: IPv6 by its /64, IPv4-mapped as IPv4; others stay apart', async () => {
    const six = (end: string) => `2001:db8:1:2:${end}`
    const spellings = ['::1', '0:0:0:2', 'ffff:ffff:ffff:ffff', '1:2:3:4', '::a', '::b']
    const statuses = []
    for (const end of spellings) {
      statuses.push(
        (await site.login('kim@example.com', wrong, six(end.replace(/^::/, '0:0:0:')))).status,
      )
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    await openLanes()
    expect((await site.login('kim@example.com', wrong, '2001:db8:1:3::1')).status).toBe(401)
    const four = ['203.0.113.9', '::ffff:203.0.113.9', '::ffff:cb00:7109', '203.0.113.9:4711']
    const folded = []
    for (const client of [...four, '203.0.113.9', '203.0.113.9']) {
      folded.push((await site.login('kim@example.com', wrong, client)).status)
    }
    expect(folded).toEqual([401, 401, 401, 401, 401, 429])
    expect((await site.login('kim@example.com', wrong, '::ffff:203.0.113.10')).status).toBe(401)
  })

  it('what a client writes to the left of the last trusted hop changes nothing', async () => {
    const statuses = []
    for (let n = 0; n < 6; n++) {
      const forged = `10.9.8.${n}, garbage, 203.0.113.77`
      statuses.push((await site.login('lee@example.com', wrong, forged)).status)
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  })

  it('an address that cannot be read loses nobody their limit', async () => {
    const statuses = []
    for (const forged of ['unknown', '_hidden', '999.1.1.1', ',', '""', '<>']) {
      statuses.push((await site.login('max@example.com', wrong, forged)).status)
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  })

  it("wrong guesses end nobody's sessions", async () => {
    for (let n = 0; n < 40; n++) await site.login('ada@example.com', wrong, newClient())
    await site.advance(1_000)
    expect((await site.get('/auth/me', { ...ada.bearer })).status).toBe(200)
    await openLanes()
    expect((await site.login('ada@example.com', goodPassword, newClient())).status).toBe(200)
  })

  it('a lock by an administrator keeps the right password out, and says nothing', async () => {
    const locked = await site.signUp('locked@example.com')
    await site.security.parts.ground.database.transaction((trx) =>
      changeStatus(trx, locked.id, { from: ['active'], to: 'locked', reason: 'test' }),
    )
    const answer = await site.login('locked@example.com', goodPassword, newClient())
    expect([answer.status, answer.json.code]).toEqual([401, 'invalid_credentials'])
  })

  it('mails that strangers ask for are limited by address in silence and by client aloud', async () => {
    const few = { mailAddress: { points: 3 }, mailClient: { points: 6 } }
    const other = await openSite({ limits: few })
    try {
      const ask = (email: string, client: string) =>
        other.post('/auth/verify-email/resend', { email }, from(client))
      await other.register('kim@example.com')
      for (let n = 0; n < 8; n++) {
        expect((await ask('kim@example.com', `192.0.2.${n + 10}`)).status).toBe(202)
      }
      await other.deliverMail()
      // One for registering, whose share is its own, and three repetitions.
      expect(other.mailbox.list('kim@example.com')).toHaveLength(4)
      const statuses = []
      for (let n = 0; n < 8; n++)
        statuses.push((await ask(`a${n}@example.com`, '192.0.2.99')).status)
      expect(statuses).toEqual([202, 202, 202, 202, 202, 202, 429, 429])
    } finally {
      await other.close()
    }
  })
})

describe('answers to a sign-in', () => {
  let site: Site
  beforeAll(async () => {
    site = await openSite()
    await site.signUp('ada@example.com')
  })
  afterAll(() => site.close())

  const body = { email: 'ada@example.com', password: goodPassword, transport: 'body' }

  it('the body transport is refused to browsers, before a password is looked at', async () => {
    const signs: Record<string, string>[] = [
      { origin: 'http://localhost:3000' },
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-dest': 'empty' },
    ]
    for (const headers of signs) {
      const answer = await site.post('/auth/login', body, headers)
      expect([answer.status, answer.json.code]).toEqual([400, 'transport_not_for_browsers'])
      expect(answer.text).not.toMatch(/refreshToken/)
    }
  })

  it('the cookie transport answers no refresh token in the body', async () => {
    for (const transport of ['cookie', 'session']) {
      const answer = await site.post('/auth/login', { ...body, transport })
      expect(answer.json.status).toBe('signed_in')
      expect(answer.json).not.toHaveProperty('refreshToken')
      expect(answer.headers.get('set-cookie')).toMatch(/__Host-.+HttpOnly/)
      const secret = /__Host-\w+=([\w.-]{30,})/.exec(answer.headers.get('set-cookie') ?? '')?.[1]
      expect(answer.text).not.toContain(secret ?? 'a cookie with a value')
    }
  })

  it('two sign-ins in one second give different tokens', async () => {
    // Guesses count before they are known to be right: of four at once one may be asked for a CAPTCHA.
    const three = () => Promise.all([1, 2, 3].map(() => site.post('/auth/login', body)))
    const answers = [...(await three()), ...(await three()), ...(await three()), ...(await three())]
    expect(answers.map(({ json }) => json.status)).toEqual(Array(12).fill('signed_in'))
    for (const name of ['accessToken', 'refreshToken', 'sessionId', 'csrfToken']) {
      expect(new Set(answers.map(({ json }) => json[name])).size, name).toBe(12)
    }
  })

  it('a sign-in from another site is refused', async () => {
    const cookie = { email: body.email, password: body.password }
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const answer = await site.post('/auth/login', cookie, { ...headers } as Record<
        string,
        string
      >)
      expect(answer.status).toBe(403)
      expect(answer.headers.get('set-cookie')).toBeNull()
    }
  })
})
