import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SecurityOptions } from '../../src/config/index.ts'
import { solveCaptcha } from '../solve-captcha.ts'
import { browserOf, cheapHashes, wrongPassword } from './guessing-kit.ts'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'

const denied = 'invalid_credentials'
const asked = 'challenge_required'
const lockouts: readonly NonNullable<SecurityOptions['lockout']>[] = ['adaptive', 'strict']

/** Whoever watches the answers must not learn which address and which username are one account's. */
describe.each(lockouts)('names of one account, lockout %s', (lockout) => {
  let site: Site
  let clients = 0
  let people = 0
  beforeAll(async () => {
    site = await openSite({ captcha: { work: 1_000 }, lockout })
    cheapHashes(site)
  })
  afterAll(() => site.close())

  const newClient = () => `198.51.${Math.floor(++clients / 250)}.${1 + (clients % 250)}`
  const post = async (identifier: string, password: string, captcha?: string) => {
    const proof = captcha === undefined ? {} : { captcha }
    const body = { identifier, password, transport: 'body', ...proof }
    return site.post('/auth/login', body, from(newClient()))
  }
  const wordOf = ({ json }: Awaited<ReturnType<typeof post>>): string => json.code ?? json.status
  const guess = async (name: string) => wordOf(await post(name, wrongPassword))
  /** Goes on although a proof of work is asked for. */
  const guessOn = async (name: string) => {
    const answer = await post(name, wrongPassword)
    if (wordOf(answer) !== asked) return
    await post(name, wrongPassword, solveCaptcha(answer.json.challenge))
  }
  const times = async (count: number, name: string) => {
    const words: string[] = []
    for (let n = 0; n < count; n++) words.push(await guess(name))
    return words
  }
  const person = async () => {
    const name = `person_${++people}`
    const email = `${name}@example.com`
    await site.signUp(email, { username: `${name}_l` })
    return { email, username: `${name}_l` }
  }
  const first = [denied, denied, denied, asked, asked]

  it('three wrong guesses at the address ask nobody for a CAPTCHA at the username, nor back', async () => {
    const [ada, bob] = [await person(), await person()]
    expect(await times(5, ada.email)).toEqual(first)
    expect(await times(5, ada.username)).toEqual(first)
    await times(3, bob.username)
    expect(await guess(bob.email)).toBe(denied)
  })

  it('not when the account is under siege either: the username answers like one that nobody has', async () => {
    const [ada, eve] = [await person(), await person()]
    for (let n = 0; n < 12; n++) await guessOn(ada.email)
    const names = [ada.username, eve.username, 'nobody_at_all']
    const answers = await Promise.all(names.map((name) => times(6, name)))
    expect(answers).toEqual(names.map(() => [...first, asked]))
  })

  it('nor when its owner signs in, or sets the password anew', async () => {
    const ada = await person()
    for (const name of [ada.email, ada.username]) await times(4, name)
    site.clock.jump(15 * 60_000)
    const { json } = await post(ada.email, goodPassword)
    const signedIn = await post(ada.email, goodPassword, solveCaptcha(json.challenge))
    expect(wordOf(signedIn)).toBe('signed_in')
    expect([await guess(ada.email), await guess(ada.username)]).toEqual([asked, asked])
    await site.security.users.setPassword(ada.email, 'another horse battery staple 9')
    expect([await guess(ada.email), await guess(ada.username)]).toEqual([asked, asked])
  })

  it('a known device goes by its own lane, and like anybody where a lock for all leaves it none', async () => {
    const ada = await person()
    const home = browserOf(site, newClient())
    expect(await home.signIn(ada.email)).toBe('signed_in')
    await times(4, ada.username)
    const expected = lockout === 'strict' ? asked : 'signed_in'
    expect(await home.signIn(ada.username)).toBe(expected)
    expect(await home.signIn(ada.email)).toBe('signed_in')
  })
})
