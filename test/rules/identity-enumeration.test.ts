import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { changeStatus } from '../../src/users/index.ts'
import type { HttpAnswer } from '../nodes/nodes.ts'
import { type Trace, type Watch, watchWork } from './enumeration-kit.ts'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'

const states = ['unknown', 'pending', 'active', 'disabled', 'locked'] as const
type State = (typeof states)[number]

describe('known and unknown accounts are answered alike', () => {
  let site: Site
  let watch: Watch
  let turn = 0
  beforeAll(async () => {
    site = await openSite({ captcha: 'none', limits: { auth: { points: 5 } } })
    watch = watchWork(site)
  })
  beforeEach(() => {
    turn += 1
  })
  afterAll(async () => {
    watch.end()
    await site.close()
  })

  const address = (state: State) => `${state}${turn}@example.com`

  async function prepare(): Promise<void> {
    for (const state of states) await put(state, address(state))
  }

  async function put(state: State, email: string): Promise<void> {
    if (state === 'unknown') return
    if (state === 'pending') return void (await site.register(email))
    const { users } = site.security
    const { id } = await users.create({ email, password: goodPassword })
    if (state === 'disabled') await users.disable(id)
    if (state === 'locked') {
      await site.security.parts.ground.database.transaction((trx) =>
        changeStatus(trx, id, { from: ['active'], to: 'locked', reason: null }),
      )
    }
  }

  /** The same request for an address of each state, each from a client of its own. */
  async function traces(
    call: (email: string, headers: Record<string, string>) => Promise<HttpAnswer>,
    of: readonly State[] = states,
  ): Promise<Map<State, Trace>> {
    const found = new Map<State, Trace>()
    for (const state of of) {
      const client = from(`10.${turn}.${states.indexOf(state)}.1`)
      found.set(state, await watch.during(() => call(address(state), client)))
    }
    return found
  }

  function expectAlike(found: ReadonlyMap<State, Trace>, status: number): void {
    const [[, first] = []] = found
    expect(first?.status).toBe(status)
    expect(first?.statements.length).toBeGreaterThan(3)
    for (const [state, trace] of found) expect(trace, state).toEqual(first)
  }

  const password = 'never the right password 7'

  it('at sign-in: same status, headers, bytes, statements and one hash', async () => {
    await prepare()
    const found = await traces((email, client) =>
      site.post('/auth/login', { email, password }, client),
    )
    expectAlike(found, 401)
    expect(found.get('unknown')?.hashes).toBe(1)
  })

  it('at sign-in by username: a name nobody has costs what a known one does', async () => {
    await prepare()
    await site.security.users.create({
      ...{ email: `named${turn}@example.com`, username: 'a_known_name', password: goodPassword },
    })
    const names = ['a_known_name', 'a_name_of_nobody', 'no name at all', '']
    const found = []
    for (const [at, username] of names.entries()) {
      const client = from(`10.${turn}.9.${at}`)
      found.push(await watch.during(() => site.post('/auth/login', { username, password }, client)))
    }
    for (const trace of found) expect(trace).toEqual(found[0])
    expect(found[0]).toMatchObject({ status: 401, hashes: 1 })
  })

  it('under a siege: the same while guesses are held back, and the same warning to whom it may concern', async () => {
    await prepare()
    const guess = (n: number) => (email: string) => {
      const client = states.findIndex((state) => email.startsWith(state))
      return site.post('/auth/login', { email, password }, from(`10.200.${n}.${client}`))
    }
    const hashes: number[] = []
    for (let n = 0; n < 14; n++) {
      const found = await traces(guess(n))
      expectAlike(found, 401)
      hashes.push(found.get('unknown')?.hashes ?? 0)
      if (n > 5) site.clock.jump(15 * 60_000)
    }
    expect(hashes).toEqual([1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1])
    const attacked = (site.dump().hf_audit ?? []).filter((row) => row.includes('sign_in.attacked'))
    expect(attacked).toHaveLength(states.length)
  })

  it('guess, register, guess: registering an address moves no guesses, so it tells of no account', async () => {
    await prepare()
    const guess = (n: number) => (email: string) =>
      site.post('/auth/login', { email, password }, from(`10.${100 + turn}.${n}.1`))
    const hashes: number[] = []
    for (let n = 0; n < 8; n++) {
      if (n === 5) {
        const body = { password: goodPassword, displayName: 'Somebody' }
        const register = (email: string, client: Record<string, string>) =>
          site.post('/auth/register', { email, ...body }, client)
        expectAlike(await traces(register), 202)
      }
      const found = await traces((email) => {
        const client = states.findIndex((state) => email.startsWith(state))
        return guess(10 * n + client)(email)
      })
      expectAlike(found, 401)
      hashes.push(found.get('unknown')?.hashes ?? 0)
    }
    expect(hashes).toEqual([1, 1, 1, 1, 1, 0, 0, 0])
  })

  it('a registration nobody confirms leaves no guesses behind for ever', async () => {
    await site.register('zed@example.com')
    await site.post('/auth/login', { email: 'zed@example.com', password }, from('10.250.1.1'))
    const { database } = site.security.parts.ground
    const ids = async () => {
      const rows = await database.reader.selectFrom('hf_guesses').select('subject').execute()
      return rows.map(({ subject }) => subject)
    }
    const user = await site.security.users.find('zed@example.com')
    expect(await ids()).not.toContain(user?.id)
    expect((await ids()).length).toBeGreaterThan(0)
    site.clock.jump(401 * 86_400_000)
    await site.security.parts.ground.throttle.sweep()
    expect((await ids()).filter((subject) => subject.startsWith('name:'))).toEqual([])
  })

  it('at registration: same status, headers, bytes, statements and one hash', async () => {
    await prepare()
    const body = { password: goodPassword, displayName: 'Somebody' }
    const found = await traces((email, client) =>
      site.post('/auth/register', { email, ...body }, client),
    )
    expectAlike(found, 202)
    expect(found.get('unknown')?.hashes).toBe(1)
  })

  it('at registration with a name that is taken: the answer says nothing of it', async () => {
    await prepare()
    const { users } = site.security
    const username = 'taken_name'
    await users.create({ email: `owner${turn}@example.com`, username, password: goodPassword })
    const body = (name: string) => ({ password: goodPassword, username: name })
    const free = await watch.during(() =>
      site.post(
        '/auth/register',
        { email: 'f@example.com', ...body('free_name') },
        from('10.99.0.1'),
      ),
    )
    const taken = await watch.during(() =>
      site.post('/auth/register', { email: 't@example.com', ...body(username) }, from('10.99.0.2')),
    )
    expect(taken).toEqual(free)
    expect(free.status).toBe(202)
  })

  it('at resend: same status, headers, bytes and statements, and no hash', async () => {
    await prepare()
    const found = await traces((email, client) =>
      site.post('/auth/verify-email/resend', { email }, client),
    )
    expectAlike(found, 202)
    expect(found.get('unknown')?.hashes).toBe(0)
  })

  it('a closed account answers the right password as it answers a wrong one, and as often', async () => {
    await prepare()
    const closed = ['disabled', 'locked'] as const
    for (const [guess, expected] of [
      [password, 401],
      [goodPassword, 401],
      [password, 401],
      [goodPassword, 401],
      [goodPassword, 401],
      [goodPassword, 429],
    ] as const) {
      const found = await traces(
        (email, client) => site.post('/auth/login', { email, password: guess }, client),
        ['unknown', ...closed],
      )
      const answers = [...found.values()].map(({ status, body, hashes }) => ({
        status,
        body,
        hashes,
      }))
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
      expect(answers[0]?.status).toBe(expected)
      const work = [...found.values()].map(({ statements }) => statements.join('\n'))
      expect(new Set(work).size).toBe(1)
    }
  })
})

describe('a CAPTCHA is asked for alike', () => {
  it('of known and unknown names, for the right password and the wrong one', async () => {
    const site = await openSite()
    const watch = watchWork(site)
    try {
      await site.signUp('known@example.com')
      const guess = (email: string, given: string, n: number) =>
        watch.during(() =>
          site.post('/auth/login', { email, password: given }, from(`10.1.${n}.1`)),
        )
      for (let n = 0; n < 3; n++) {
        const known = await guess('known@example.com', 'wrong password 1', n)
        expect(await guess('ghost@example.com', 'wrong password 1', n + 50)).toEqual(known)
        expect([known.status, known.hashes]).toEqual([401, 1])
      }
      const asked = [
        await guess('known@example.com', 'wrong password 1', 100),
        await guess('known@example.com', goodPassword, 101),
        await guess('ghost@example.com', goodPassword, 102),
      ]
      for (const email of ['known@example.com', 'ghost@example.com']) {
        await site.post('/auth/register', { email, password: goodPassword }, from('10.2.1.1'))
      }
      asked.push(
        await guess('known@example.com', 'wrong password 1', 103),
        await guess('ghost@example.com', 'wrong password 1', 104),
      )
      for (const { body } of asked) {
        expect(JSON.parse(body)).toMatchObject({
          status: 'challenge_required',
          challenge: { provider: 'altcha' },
        })
      }
      const work = asked.map(({ hashes, headers, statements, status, body }) => ({
        ...{ hashes, status, statements, length: body.length },
        headers: headers.filter((line) => !line.startsWith('etag')),
      }))
      expect(work[1]).toEqual(work[0])
      for (const one of work.slice(2)) expect(one).toEqual(work[0])
      expect(work[0]).toMatchObject({ hashes: 0, status: 200 })
    } finally {
      watch.end()
      await site.close()
    }
  })
})
