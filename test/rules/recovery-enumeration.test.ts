import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { changeStatus } from '../../src/users/index.ts'
import { type Trace, type Watch, watchWork } from './enumeration-kit.ts'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'

const states = ['unknown', 'pending', 'active', 'disabled', 'locked'] as const
type State = (typeof states)[number]

describe('recovery tells nobody which addresses are known', () => {
  let site: Site
  let watch: Watch
  let turn = 0
  beforeAll(async () => {
    site = await openSite({ limits: { mailAddress: { points: 3 } } })
    watch = watchWork(site)
  })
  beforeEach(() => {
    turn += 1
  })
  afterAll(async () => {
    watch.end()
    await site.close()
  })

  // One length, so that what is sealed for the outbox has one size.
  const address = (state: State) => `${state.padEnd(8, '0')}${turn}@example.com`

  async function put(state: State): Promise<void> {
    const email = address(state)
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

  const forgot = (email: string, client: Record<string, string>) =>
    site.post('/auth/password/forgot', { email }, client)

  it('rule 8: forgot gives one answer with one work for addresses in every state', async () => {
    for (const state of states) await put(state)
    const found = new Map<State, Trace>()
    for (const state of states) {
      const client = from(`10.${turn}.${states.indexOf(state)}.1`)
      found.set(state, await watch.during(() => forgot(address(state), client)))
    }
    const first = found.get('unknown')
    expect(first).toMatchObject({ status: 202, hashes: 0, body: '{"status":"accepted"}' })
    expect(first?.statements.length).toBeGreaterThan(5)
    for (const [state, trace] of found) expect(trace, state).toEqual(first)
  })

  /** The rows that a request for an address adds to a table. */
  async function rowsOf(email: string, table: string): Promise<readonly string[]> {
    const before = site.dump()
    await forgot(email, from(`10.${turn}.8.${email.length}`))
    return (site.dump()[table] ?? []).filter((row) => !(before[table] ?? []).includes(row))
  }

  it('rule 8: forgot writes one link and one mail of one size for every address', async () => {
    for (const state of states) await put(state)
    const sizes = new Set<number>()
    for (const state of states) {
      expect(await rowsOf(address(state), 'hf_links'), state).toHaveLength(1)
      const [mail = '{}', ...others] = await rowsOf(address(state), 'hf_outbox')
      expect(others, state).toEqual([])
      const row = JSON.parse(mail)
      const sent = state === 'active' || state === 'locked' ? 'pending' : 'suppressed'
      expect(row.state, state).toBe(sent)
      sizes.add(row.sealed.length)
    }
    expect(sizes.size).toBe(1)
  })

  it('an address that has had its share of mails is answered as before and mailed no more', async () => {
    await put('active')
    for (const sent of ['pending', 'pending', 'pending', 'suppressed']) {
      const [mail = '{}'] = await rowsOf(address('active'), 'hf_outbox')
      expect(JSON.parse(mail).state).toBe(sent)
    }
  })

  it('rule 8: a new address is answered alike whether or not somebody has it', async () => {
    for (const state of states) await put(state)
    const body = { currentPassword: goodPassword }
    const found = new Map<State, Trace>()
    for (const state of states) {
      const owner = await site.signUp(`owner-${state}@example.com`)
      const headers = { ...owner.bearer, ...from(`10.${turn}.${states.indexOf(state)}.3`) }
      const email = address(state)
      found.set(
        state,
        await watch.during(() => site.post('/auth/email/change', { ...body, email }, headers)),
      )
    }
    const first = found.get('unknown')
    expect(first).toMatchObject({ status: 202, hashes: 1, body: '{"status":"accepted"}' })
    for (const [state, trace] of found) expect(trace, state).toEqual(first)
  })

  it('rule 8: forgot answers by a client too eager with 429, whatever it asks for', async () => {
    const narrow = await openSite({ limits: { mailClient: { points: 2 } } })
    await narrow.security.users.create({ email: 'known@example.com', password: goodPassword })
    for (const [client, email] of [
      ['10.1.1.1', 'known@example.com'],
      ['10.1.1.2', 'nobody@example.com'],
    ] as const) {
      const ask = () => narrow.post('/auth/password/forgot', { email }, from(client))
      const statuses = [(await ask()).status, (await ask()).status, (await ask()).status]
      expect(statuses, email).toEqual([202, 202, 429])
    }
    await narrow.close()
  })
})
