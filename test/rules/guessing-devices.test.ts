import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commonErrors } from '../../src/errors/index.ts'
import { type Browser, browserOf, cheapHashes, wrongPassword } from './guessing-kit.ts'
import { from, openSite, type Site } from './identity-kit.ts'

const minute = 60_000
const denied = '401 invalid_credentials'
const ada = 'ada@example.com'
const mal = 'mal@example.com'

describe('whoever has registered an address', () => {
  it('has no hashes for nothing by signing in with the password that waits there', async () => {
    const limits = { auth: { points: 1_000 }, authClient: { points: 20 } }
    const site = await openSite({ captcha: 'none', limits })
    try {
      const hashed = cheapHashes(site)
      await site.post('/auth/register', { email: ada, password: 'my own words 77' })
      const before = hashed.length
      const words: string[] = []
      for (let n = 0; n < 30; n++) {
        const { json, status } = await site.login(ada, 'my own words 77', '198.51.100.8')
        words.push(status === 200 ? json.status : json.code)
        site.clock.jump(20_000)
      }
      expect(words.slice(0, 5)).toEqual(Array(5).fill('verification_required'))
      expect(words.slice(20)).toEqual(Array(10).fill('rate_limited'))
      expect(hashed.length - before).toBeLessThanOrEqual(40)
    } finally {
      await site.close()
    }
  })
})

describe('while passwords cannot be hashed', () => {
  let site: Site
  beforeAll(async () => {
    site = await openSite({ captcha: 'none' })
    await site.signUp(ada)
  })
  afterAll(() => site.close())

  it('the owner’s attempts are not counted as guesses, at home and elsewhere', async () => {
    const home = browserOf(site, '192.0.2.9')
    const away = browserOf(site, '192.0.2.10')
    expect(await home.signIn(ada)).toBe('signed_in')
    const rows = () => JSON.stringify(site.dump().hf_guesses ?? [])
    const before = rows()
    const { hasher } = site.security.parts.ground
    const { verify } = hasher
    hasher.verify = async () => {
      throw commonErrors.unavailable({ retryAfter: 1 })
    }
    for (let n = 0; n < 12; n++) {
      expect(await home.signIn(ada)).toBe('503 unavailable')
      expect(await away.signIn(ada)).toBe('503 unavailable')
      expect((await site.login('ghost@example.com', wrongPassword)).status).toBe(503)
    }
    hasher.verify = verify
    expect(rows()).toBe(before)
    expect([await home.signIn(ada), await away.signIn(ada)]).toEqual(['signed_in', 'signed_in'])
  })
})

describe('a siege that goes on over a reset', () => {
  let site: Site
  let clients = 0
  beforeAll(async () => {
    site = await openSite({ captcha: 'none' })
    cheapHashes(site)
  })
  afterAll(() => site.close())

  const besiege = async (email: string) => {
    for (let n = 0; n < 9; n++) await site.login(email, wrongPassword, `198.51.9.${++clients}`)
  }
  const linkFor = async (email: string) => {
    // Mails that wait together leave in any order.
    await site.deliverMail()
    await site.post('/auth/password/forgot', { email }, from(`192.0.2.${++clients}`))
    await site.deliverMail()
    return site.mailbox.latestToken(email)
  }
  const password = 'a brand new horse battery 4711'

  it('does not keep her out in the browser that used the link; which is no session', async () => {
    const person = await site.signUp(ada)
    const home = browserOf(site, '192.0.2.9')
    await home.signIn(ada)
    await besiege(ada)
    const token = await linkFor(ada)
    const answer = await site.post(
      '/auth/password/reset',
      { token, password },
      { ...from('192.0.2.9'), cookie: [...home.cookies].map((pair) => pair.join('=')).join('; ') },
    )
    expect(answer.status).toBe(200)
    const set = answer.headers.getSetCookie()
    expect(set.map((line) => line.split('=')[0])).toEqual(['__Host-hf_device'])
    expect(await site.security.parts.rooms.sessions.list(person.id)).toEqual([])
    await besiege(ada)
    expect(await home.signIn(ada, password)).toBe(denied)
    const [name = '', value = ''] = set[0]?.split(';')[0]?.split(/=(.*)/s) ?? []
    home.cookies.set(name, value)
    expect(await home.signIn(ada, wrongPassword)).toBe(denied)
    expect(await home.signIn(ada, password)).toBe('signed_in')
    const devices = await site.security.parts.ground.devices.list(person.id)
    expect(devices).toHaveLength(1)
  })

  it('nor on the page', async () => {
    await site.signUp('bea@example.com')
    const token = await linkFor('bea@example.com')
    const answer = await site.request('POST', '/account/reset', {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'http://localhost:3000',
        ...from('192.0.2.10'),
      },
      body: new URLSearchParams({ token, password }).toString(),
    })
    const [line = '', ...more] = answer.headers.getSetCookie()
    expect([answer.status, more]).toEqual([200, []])
    const home = browserOf(site, '192.0.2.10')
    const [name = '', value = ''] = line.split(';')[0]?.split(/=(.*)/s) ?? []
    home.cookies.set(name, value)
    await besiege('bea@example.com')
    expect(await home.signIn('bea@example.com', password)).toBe('signed_in')
  })

  it('a link that is dead makes no device known', async () => {
    const body = { token: 'A'.repeat(43), password }
    const answer = await site.post('/auth/password/reset', body, from('192.0.2.11'))
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([400, []])
  })
})

describe('a browser that several people use', () => {
  let site: Site
  let hashed: readonly string[]
  let clients = 0
  beforeAll(async () => {
    site = await openSite({ captcha: 'none' })
    hashed = cheapHashes(site)
    for (const email of [ada, mal, 'bob@example.com']) await site.signUp(email)
  })
  afterAll(() => site.close())

  const newClient = () => `198.51.${Math.floor(++clients / 250)}.${1 + (clients % 250)}`
  const newBrowser = () => browserOf(site, newClient())
  const idOf = async (email: string) => (await site.security.users.find(email))?.id
  const besiege = async (guesses: number) => {
    for (let n = 0; n < guesses; n++) await site.login(ada, wrongPassword, newClient())
  }
  const deviceOf = ({ cookies }: Browser) =>
    [...cookies].filter(([name]) => name.endsWith('hf_device'))
  const copyOf = (browser: Browser) => {
    const copy = newBrowser()
    for (const [name, value] of deviceOf(browser)) copy.cookies.set(name, value)
    return copy
  }

  it('a copy that an earlier user kept of its cookie is no known device of a later one', async () => {
    const shared = newBrowser()
    expect(await shared.signIn(mal)).toBe('signed_in')
    const copy = copyOf(shared)
    expect(await shared.signIn(ada)).toBe('signed_in')
    await besiege(5)
    const before = hashed.length
    expect(await copy.signIn(ada, wrongPassword)).toBe(denied)
    expect(hashed.length - before).toBe(0)
    expect(await shared.signIn(ada)).toBe('signed_in')
    site.clock.jump(15 * minute)
  })

  it('a copy that a later user makes of its cookie is worth 100 guesses, whenever the owner comes back', async () => {
    const cat = 'cat@example.com'
    await site.signUp(cat)
    const shared = newBrowser()
    expect(await shared.signIn(cat)).toBe('signed_in')
    let spent = 0
    for (let day = 0; day < 12; day++) {
      for (let n = 0; n < 15; n++) {
        const before = hashed.length
        await copyOf(shared).signIn(cat, wrongPassword)
        spent += hashed.length - before
        site.clock.jump(15 * minute)
      }
      expect(await shared.signIn(cat)).toBe('signed_in')
      if (day === 6) expect(spent).toBeGreaterThan(100)
    }
    const { database, throttle } = site.security.parts.ground
    const { failures } = await throttle.stateOf(database.reader, (await idOf(cat)) ?? '')
    expect(spent - failures).toBe(100)
  })

  it('people who take turns at it each keep their own lane; the fifth puts the oldest out', async () => {
    const shared = newBrowser()
    for (const email of [ada, mal, ada, mal]) expect(await shared.signIn(email)).toBe('signed_in')
    expect(deviceOf(shared)[0]?.[1].split('~')).toHaveLength(2)
    await besiege(5)
    expect(await shared.signIn(ada)).toBe('signed_in')
    for (const name of ['ann', 'ben', 'cyd', 'dan']) {
      await site.signUp(`${name}@example.com`)
      expect(await shared.signIn(`${name}@example.com`)).toBe('signed_in')
    }
    expect(deviceOf(shared)[0]?.[1].split('~')).toHaveLength(4)
    expect(await shared.signIn(ada)).toBe(denied)
    site.clock.jump(15 * minute)
  })

  it('a refresh is tried again by the device of its session, wherever it stands in the cookie', async () => {
    const shared = newBrowser()
    await shared.signIn(ada)
    const name = [...shared.cookies.keys()].find((key) => key.endsWith('hf_refresh')) ?? ''
    const refresh = shared.cookies.get(name) ?? ''
    const [device = '', own = ''] = deviceOf(shared)[0] ?? []
    await shared.signIn('bob@example.com')
    const both = deviceOf(shared)[0]?.[1] ?? ''
    const [bob = ''] = both.split('~')
    const headers = (value: string) => ({
      cookie: `${name}=${refresh}; ${device}=${value}`,
      origin: site.base,
      'sec-fetch-site': 'same-origin',
    })
    const answers = []
    for (const value of [own, both, bob]) {
      answers.push(
        await site.post('/auth/refresh', {}, { ...headers(value), ...from('192.0.2.77') }),
      )
    }
    expect(answers.map(({ json, status }) => json.code ?? status)).toEqual([
      ...[200, 200, 'session_revoked'],
    ])
  })
})
