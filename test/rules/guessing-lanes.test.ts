import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { browserOf, cheapHashes, recordsOf, resetTokenOf, wrongPassword } from './guessing-kit.ts'
import { from, goodPassword, openSite, type Person, type Site } from './identity-kit.ts'

const minute = 60_000
const denied = '401 invalid_credentials'
const ada = 'ada@example.com'

describe('an account under siege', () => {
  let site: Site
  let owner: Person
  let hashed: readonly string[]
  let clients = 0
  beforeAll(async () => {
    site = await openSite({ captcha: 'none' })
    hashed = cheapHashes(site)
    owner = await site.signUp(ada, { username: 'ada_l' })
  })
  afterAll(() => site.close())
  beforeEach(async () => {
    const { database, guessRefusals, throttle } = site.security.parts.ground
    await database.transaction((trx) => throttle.clear(trx, owner.id))
    await guessRefusals.flush(database)
  })
  /** Access tokens end while the clock jumps. */
  const bearerOf = async (name: string) => {
    const { json } = await site.login(name, goodPassword, newClient())
    return { authorization: `Bearer ${json.accessToken}` }
  }

  const newClient = () => `198.51.${Math.floor(++clients / 250)}.${1 + (clients % 250)}`
  const newBrowser = () => browserOf(site, newClient())
  const besiege = async (guesses: number, name = ada) => {
    for (let n = 0; n < guesses; n++) await site.login(name, wrongPassword, newClient())
  }
  const hashesDuring = async (work: () => Promise<unknown>) => {
    const before = hashed.length
    await work()
    return hashed.length - before
  }

  it('each stranger is held back, wherever they come from; the owner’s device is not', async () => {
    const home = newBrowser()
    expect(await home.signIn(ada)).toBe('signed_in')
    expect(await hashesDuring(() => besiege(40))).toBe(5)
    expect(await home.signIn(ada)).toBe('signed_in')
    expect(await newBrowser().signIn(ada)).toBe(denied)
    site.clock.jump(minute)
    expect(await newBrowser().signIn(ada)).toBe('signed_in')
  })

  it('100 guesses are evaluated, and not one more; then a reset opens the account again', async () => {
    const home = newBrowser()
    await home.signIn(ada)
    const evaluated = await hashesDuring(async () => {
      for (let n = 0; n < 130; n++) {
        await besiege(1)
        site.clock.jump(15 * minute)
      }
    })
    expect(evaluated).toBe(100)
    expect(await newBrowser().signIn(ada)).toBe(denied)
    expect(await home.signIn(ada)).toBe('signed_in')
    const token = await resetTokenOf(site, ada)
    const reset = await site.post('/auth/password/reset', { token, password: goodPassword })
    expect(reset.status).toBe(200)
    expect(await newBrowser().signIn(ada)).toBe('signed_in')
  })

  it('no door of a password is outside the lane: each transport, the page, each name', async () => {
    await besiege(5)
    const doors = [
      ...['cookie', 'session', 'body'].map((transport) => () => {
        const body = { identifier: ada, password: goodPassword, transport }
        return site.post('/auth/login', body, from(newClient()))
      }),
      () => site.login('ada_l', goodPassword, newClient()),
      () => site.login(' ADA@example.com', goodPassword, newClient()),
      () =>
        site.request('POST', '/account/sign-in', {
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            origin: 'http://localhost:3000',
            ...from(newClient()),
          },
          body: new URLSearchParams({ identifier: ada, password: goodPassword }).toString(),
        }),
    ]
    for (const door of doors) {
      const answer = await door()
      expect(answer.status).toBe(401)
      expect(answer.headers.getSetCookie()).toEqual([])
    }
  })

  it('a siege keeps nobody who is signed in from proving the password, and a thief from guessing it', async () => {
    const bearer = await bearerOf(ada)
    await besiege(20)
    const prove = (currentPassword: string, shown = bearer) =>
      site.post('/auth/step-up', { currentPassword }, { ...shown, ...from(newClient()) })
    const fresh = await site.login(ada, goodPassword, newClient())
    expect(fresh.status).toBe(401)
    const proven = await prove(goodPassword)
    expect(proven.status).toBe(200)
    const raised = { authorization: `Bearer ${proven.json.accessToken}` }
    expect((await prove(wrongPassword, raised)).json.code).toBe('password_wrong')
    const { proof } = site.security.parts.ground
    const about = { userId: owner.id, sessionId: 'stolen', origin: {} }
    const guess = () => proof.prove({ ...about, password: wrongPassword })
    const evaluated = await hashesDuring(async () => {
      for (let n = 0; n < 30; n++) {
        await expect(guess()).rejects.toMatchObject({ code: 'password_wrong', status: 401 })
        site.clock.jump(15 * minute)
      }
    })
    expect(evaluated).toBe(12)
    const bob = await site.signUp('bob@example.com')
    const right = { currentPassword: goodPassword }
    expect((await site.post('/auth/step-up', right, { ...bob.bearer })).status).toBe(200)
  })

  it('wrong guesses end no session and lock no account', async () => {
    const person = await site.signUp('eve@example.com')
    await besiege(30, 'eve@example.com')
    await site.advance(1_000)
    expect((await site.get('/auth/me', { ...person.bearer })).status).toBe(200)
    expect(await site.security.users.find('eve@example.com')).toMatchObject({ status: 'active' })
    expect(await recordsOf(site, 'session.ended')).toEqual([])
  })

  it('successes of others refill nothing, and the owner’s own leave the attacker where he was', async () => {
    const { database, throttle } = site.security.parts.ground
    const spent = async () => (await throttle.stateOf(database.reader, owner.id)).failures
    await site.signUp('mallory@example.com')
    const attacker = newClient()
    for (let n = 0; n < 3; n++) {
      await site.login(ada, wrongPassword, attacker)
      expect((await site.login('mallory@example.com', goodPassword, attacker)).status).toBe(200)
    }
    expect(await spent()).toBe(3)
    expect(await newBrowser().signIn(ada)).toBe('signed_in')
    expect(await spent()).toBe(3)
  })

  it('nobody has passwords tried for nothing by registering the address with them', async () => {
    const guesses = Array.from({ length: 7 }, (_, n) => `${wrongPassword} number ${n}`)
    for (const password of guesses) {
      const body = { email: ada, password }
      expect((await site.post('/auth/register', body, from(newClient()))).status).toBe(202)
    }
    const words = []
    for (const password of guesses) {
      const { json } = await site.login(ada, password, newClient())
      words.push(json.status === 401 ? json.code : json.status)
    }
    expect(words).toEqual([
      ...Array(5).fill('verification_required'),
      ...['invalid_credentials', 'invalid_credentials'],
    ])
  })

  it('a device that is made up, changed, somebody else’s or forgotten is a stranger', async () => {
    const home = newBrowser()
    await home.signIn(ada)
    const name = [...home.cookies.keys()].find((key) => key.endsWith('hf_device')) ?? ''
    const value = home.cookies.get(name) ?? ''
    expect(value).toMatch(/^[\w-]{43}\.[\w-]{22}$/)
    const bearer = await bearerOf(ada)
    const foreign = newBrowser()
    await site.signUp('zoe@example.com')
    await foreign.signIn('zoe@example.com')
    await besiege(5)
    const flipped = value.at(-1) === 'A' ? 'B' : 'A'
    for (const cookie of [
      value.slice(0, 43),
      `${value.slice(0, -1)}${flipped}`,
      `${'A'.repeat(43)}.${value.slice(44)}`,
      `${value}.`,
      foreign.cookies.get(name) ?? '',
    ]) {
      const thief = newBrowser()
      thief.cookies.set(name, cookie)
      expect(await thief.signIn(ada), cookie).toBe(denied)
    }
    expect(await home.signIn(ada)).toBe('signed_in')
    const shown = { ...bearer, cookie: `${name}=${value}` }
    const { json } = await site.get('/auth/devices', shown)
    const { id } = json.devices.find(({ current }: { current: boolean }) => current)
    const path = `/auth/devices/${id}`
    const stranger = await site.signUp('yan@example.com')
    const gone = (headers: Record<string, string>) => site.request('DELETE', path, { headers })
    expect((await gone({ ...stranger.bearer })).status).toBe(404)
    expect((await gone(bearer)).status).toBe(204)
    expect((await gone(bearer)).status).toBe(404)
    expect(await home.signIn(ada)).toBe(denied)
  })

  it('each device is listed to its owner alone, and new only once', async () => {
    const kim = await site.signUp('kim@example.com')
    const home = newBrowser()
    await home.signIn('kim@example.com')
    await home.signIn('kim@example.com')
    const events = (await recordsOf(site, 'sign_in.succeeded')).filter(
      ({ userId }) => userId === kim.id,
    )
    expect(events.map(({ first, newDevice }) => `${first} ${newDevice}`).sort()).toEqual([
      ...['false false', 'false true', 'true true'],
    ])
    const { json: native } = await site.login('kim@example.com', goodPassword)
    const bearer = { authorization: `Bearer ${native.accessToken}`, ...from('192.0.2.1') }
    const { json } = await site.get('/auth/devices', bearer)
    expect(json.devices).toHaveLength(2)
    expect(json.devices.filter(({ current }: { current: boolean }) => current)).toHaveLength(1)
    expect(JSON.stringify(json)).not.toMatch(/hash/)
  })

  it('every refusal is explained in the record, which tells no name', async () => {
    const { ground } = site.security.parts
    site.clock.jump(minute)
    await besiege(12)
    await besiege(9, 'ghost@example.com')
    await ground.guessRefusals.flush(ground.database)
    const all = await recordsOf(site, 'guesses.refused')
    const refused = all.filter(({ since }) => since === site.clock.now())
    expect(refused.sort((one, other) => Number(other.refusals) - Number(one.refusals))).toEqual([
      expect.objectContaining({ userId: owner.id, cause: 'throttled', refusals: 7 }),
      expect.objectContaining({ lane: 'strangers', cause: 'throttled', refusals: 4 }),
    ])
    expect(JSON.stringify(refused)).not.toContain('ghost')
  })
})

describe('a password', () => {
  let site: Site
  beforeAll(async () => {
    site = await openSite({ captcha: 'none' })
  })
  afterAll(() => site.close())

  it('that is changed while it is proven issues nothing', async () => {
    const person = await site.signUp(ada)
    const { hasher } = site.security.parts.ground
    const verify = hasher.verify.bind(hasher)
    hasher.verify = async (stored, password) => {
      const check = await verify(stored, password)
      await site.security.users.setPassword(ada, 'another horse battery staple 9')
      return check
    }
    const during = await site.login(ada, goodPassword, '192.0.2.9')
    hasher.verify = verify
    expect([during.status, during.json.code]).toEqual([401, 'invalid_credentials'])
    const { sessions } = site.security.parts.rooms
    expect(await sessions.list(person.id)).toEqual([])
    expect((await site.login(ada, goodPassword, '192.0.2.9')).status).toBe(401)
    const after = await site.login(ada, 'another horse battery staple 9', '192.0.2.9')
    expect(after.status).toBe(200)
  })

  it('that an administrator blocked opens nothing, and only the record tells it from a wrong one', async () => {
    await site.signUp('bob@example.com')
    await site.security.users.forceReset('bob@example.com')
    const hashed = cheapHashes(site)
    const right = await site.login('bob@example.com', goodPassword, '192.0.2.10')
    const wrong = await site.login('bob@example.com', wrongPassword, '192.0.2.11')
    expect(right.text.replace(/"requestId":"[^"]*"/, '')).toBe(
      wrong.text.replace(/"requestId":"[^"]*"/, ''),
    )
    expect([right.status, hashed.length]).toEqual([401, 2])
  })
})
