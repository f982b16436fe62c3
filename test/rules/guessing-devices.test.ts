import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, browserOf, cheapHashes, wrongPassword } from './guessing-kit.ts'
import { from, openSite, type Site } from './identity-kit.ts'

const minute = 60_000
const denied = '401 invalid_credentials'
const ada = 'ada@example.com'
const mal = 'mal@example.com'

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
