import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { type Database, Migrator, openDatabase } from '../database/index.ts'
import { silentLogger } from '../ports/index.ts'
import { captchaMigrations, SpentChallenges } from './index.ts'
import { deleteSpentChallenges, insertSpentChallenge, isSpentChallenge } from './store.ts'

const minute = 60_000

describeEngines('spent challenges', (engine) => {
  const clock = new ManualClock()
  let fresh: FreshDatabase
  let database: Database
  let spent: SpentChallenges

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    database = await openDatabase({ url: fresh.url, clock, logger: silentLogger, waitMs: 25_000 })
    await new Migrator(database, captchaMigrations).up()
    spent = new SpentChallenges({ clock, database })
  })
  afterAll(async () => {
    await database?.close()
    await fresh?.drop()
  })
  beforeEach(() => database.transaction((trx) => trx.deleteFrom('hf_spent_challenges').execute()))

  const rows = () =>
    database.reader.selectFrom('hf_spent_challenges').selectAll().orderBy('expires_at').execute()
  const solved = (text: string, lifeMs = 5 * minute) => ({
    ...{ provider: 'altcha', text },
    expiresAt: clock.now() + lifeMs,
  })

  it('a challenge is spent once', async () => {
    expect(await spent.has(solved('one'))).toBe(false)
    expect(await spent.spend(solved('one'))).toBe(true)
    expect(await spent.spend(solved('one'))).toBe(false)
    expect(await spent.has(solved('one'))).toBe(true)
    expect(await spent.has(solved('two'))).toBe(false)
  })

  it('the same text of another provider is another challenge', async () => {
    expect(await spent.spend(solved('same'))).toBe(true)
    expect(await spent.spend({ ...solved('same'), provider: 'turnstile' })).toBe(true)
  })

  it('differs by every letter, large ones included', async () => {
    for (const text of ['a', 'A', 'á', 'a ', '']) {
      expect(await spent.spend(solved(text)), text).toBe(true)
    }
  })

  it('of 100 callers at once one spends it', async () => {
    const all = await Promise.all(Array.from({ length: 100 }, () => spent.spend(solved('race'))))
    expect(all.filter((first) => first)).toHaveLength(1)
  })

  it('the table holds a hash and an instant, never what was sent', async () => {
    await spent.spend(solved('the token of somebody'))
    const [row] = await rows()
    expect(row).toEqual({
      id: expect.stringMatching(/^[\w-]{43}$/),
      expires_at: clock.now() + 5 * minute,
    })
    expect(JSON.stringify(row)).not.toContain('token of')
  })

  it('a sweep forgets what ended long enough ago that no clock takes it any more', async () => {
    await spent.spend(solved('old', 0))
    await spent.spend(solved('new', 1))
    await clock.advance(10 * minute)
    await spent.sweep()
    expect(await rows()).toHaveLength(2)
    await clock.advance(1)
    await spent.sweep()
    expect(await spent.has(solved('old'))).toBe(false)
    expect(await spent.has(solved('new'))).toBe(true)
  })

  it('a sweep that is told to stop begins no batch', async () => {
    await spent.spend(solved('old', 0))
    await clock.advance(60 * minute)
    await spent.sweep(AbortSignal.abort())
    expect(await rows()).toHaveLength(1)
  })

  it('store functions keep their word: first insert wins, batches are bounded', async () => {
    const row = (id: string, at: number) => ({ id, expires_at: at })
    await database.transaction(async (trx) => {
      expect(await insertSpentChallenge(trx, row('a', 1))).toBe(true)
      expect(await insertSpentChallenge(trx, row('a', 2))).toBe(false)
      expect(await insertSpentChallenge(trx, row('b', 2))).toBe(true)
      expect(await insertSpentChallenge(trx, row('c', 3))).toBe(true)
      expect(await isSpentChallenge(trx, 'a')).toBe(true)
      expect(await isSpentChallenge(trx, 'd')).toBe(false)
      expect(await deleteSpentChallenges(trx, 3, 1)).toBe(1)
      expect(await isSpentChallenge(trx, 'a')).toBe(false)
      expect(await deleteSpentChallenges(trx, 3, 10)).toBe(1)
      expect(await deleteSpentChallenges(trx, 3, 10)).toBe(0)
      expect(await isSpentChallenge(trx, 'c')).toBe(true)
    })
  })
})
