import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import { type BegunFlow, Flows, provenIn } from './flows.ts'
import type { FlowPurpose } from './table.ts'

const minuteMs = 60_000

describeEngines('flows', (engine) => {
  let fresh: FreshDatabase
  let kit: TestSecurity
  let flows: Flows
  let user = { id: '', credentials_version: 3 }
  let people = 0
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    kit = await createTestSecurity({ database: fresh.url })
    const { database } = kit.security.parts.ground
    flows = new Flows({ database, clock: kit.clock, random: kit.security.config.random })
  })
  afterAll(async () => {
    await kit?.close()
    await fresh?.drop()
  })
  beforeEach(async () => {
    const email = `flows${++people}@example.com`
    const password = 'correct horse battery staple 42'
    const { id } = await kit.security.users.create({ email, password })
    user = { id, credentials_version: 3 }
  })

  const database = () => kit.security.parts.ground.database
  const begin = (purpose: FlowPurpose = 'mfa') =>
    database().transaction((trx) =>
      flows.begin(trx, {
        ...{ purpose, user, proven: ['pwd'], transport: 'cookie' },
        userAgent: undefined,
      }),
    )
  const keyOf = ({ browser, flow }: BegunFlow) => ({ flow, browser })
  const consume = async (begun: BegunFlow) => {
    const row = await flows.find(keyOf(begun), 'mfa')
    return row !== undefined && database().transaction((trx) => flows.consume(trx, row))
  }

  it('remember what was proven, of whom, at which version of the credentials; secrets as hashes only', async () => {
    const begun = await begin()
    const row = await flows.find(keyOf(begun), 'mfa')
    expect(row).toMatchObject({ user_id: user.id, credentials_version: 3, transport: 'cookie' })
    expect(row && provenIn(row)).toEqual(['pwd'])
    expect(JSON.stringify(row)).not.toContain(begun.flow)
    expect(JSON.stringify(row)).not.toContain(begun.browser)
  })

  it('are found by all that belongs to them, and by no less', async () => {
    const begun = await begin()
    const other = await begin('enrol')
    for (const find of ['find', 'attempt'] as const) {
      const missed = [
        await flows[find](keyOf(begun), 'enrol'),
        await flows[find](keyOf(other), 'mfa'),
        await flows[find]({ flow: begun.flow, browser: other.browser }, 'mfa'),
        await flows[find]({ flow: begun.flow, browser: undefined }, 'mfa'),
        await flows[find]({ flow: other.flow, browser: begun.browser }, 'mfa'),
        await flows[find]({ flow: `${begun.flow}x`, browser: begun.browser }, 'mfa'),
        await flows[find]({ flow: '', browser: begun.browser }, 'mfa'),
        await flows[find]({ ...keyOf(begun), realm: user.id }, 'mfa'),
      ]
      expect(missed.every((row) => row === undefined)).toBe(true)
      expect(await flows[find](keyOf(begun), 'mfa')).toMatchObject({ user_id: user.id })
    }
  })

  it('take five attempts, of any number at once', async () => {
    const begun = await begin()
    const tries = Array.from({ length: 20 }, () => flows.attempt(keyOf(begun), 'mfa'))
    const taken = (await Promise.all(tries)).filter((row) => row !== undefined)
    expect(taken).toHaveLength(5)
    expect(taken.some((row) => row.usedUp)).toBe(true)
    expect(await flows.find(keyOf(begun), 'mfa')).toBeUndefined()
  })

  it('are finished once, of any number at once', async () => {
    const begun = await begin()
    const row = await flows.find(keyOf(begun), 'mfa')
    if (!row) throw new Error('the flow is there')
    const turns = Array.from({ length: 20 }, () =>
      database().transaction((trx) => flows.consume(trx, row)),
    )
    expect((await Promise.all(turns)).filter(Boolean)).toHaveLength(1)
    expect(await flows.attempt(keyOf(begun), 'mfa')).toBeUndefined()
  })

  it('end by themselves, and are deleted then', async () => {
    const begun = await begin()
    const other = await begin('enrol')
    await kit.advance(5 * minuteMs - 1)
    const row = await flows.find(keyOf(begun), 'mfa')
    if (!row) throw new Error('the flow is there')
    await kit.advance(1)
    expect(await flows.find(keyOf(begun), 'mfa')).toBeUndefined()
    expect(await flows.attempt(keyOf(begun), 'mfa')).toBeUndefined()
    expect(await database().transaction((trx) => flows.consume(trx, row))).toBe(false)
    expect(await consume(begun)).toBe(false)
    await kit.advance(1)
    await flows.sweep()
    const all = database().reader.selectFrom('hf_sign_in_flows').selectAll()
    const left = await all.where('user_id', '=', user.id).execute()
    expect(left.map(({ purpose }) => purpose)).toEqual(['enrol'])
    expect(await flows.find(keyOf(other), 'enrol')).toMatchObject({ user_id: user.id })
    await kit.advance(10 * minuteMs)
    expect(await flows.find(keyOf(other), 'enrol')).toBeUndefined()
    await flows.sweep()
  })
})
