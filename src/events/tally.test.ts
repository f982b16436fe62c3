import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import type { Database } from '../database/index.ts'
import { type Counted, Tally } from './tally.ts'

/** A database that is away, or takes what it is given. */
function databaseThat(works: () => boolean): Database {
  const transaction = async (work: (trx: unknown) => Promise<unknown>) => {
    if (!works()) throw new Error('away')
    return work({})
  }
  return { transaction } as unknown as Database
}

describe('what is added up for the record', () => {
  const clock = new ManualClock()
  const note = (tally: Tally<string>, name: string) =>
    tally.note({ key: name, about: name }, { key: 'others', about: 'others' })

  it('stays bounded through an outage, and loses no count', async () => {
    const tally = new Tally<string>(clock)
    let up = false
    const database = databaseThat(() => up)
    const recorded: Counted<string>[] = []
    const record = async (_: unknown, counted: Counted<string>) => void recorded.push(counted)
    for (let minute = 0; minute < 5; minute++) {
      for (let n = 0; n < 1_500; n++) note(tally, `${minute} ${n}`)
      await expect(tally.flush(database, record)).rejects.toThrow('away')
      expect(tally.size).toBeLessThanOrEqual(1_001)
    }
    up = true
    await tally.flush(database, record)
    expect(recorded.reduce((sum, { count }) => sum + count, 0)).toBe(7_500)
    expect(tally.size).toBe(0)
  })

  it('tells as many apart as it is made for, and no more', async () => {
    const tally = new Tally<string>(clock, 3)
    for (let n = 0; n < 10; n++) note(tally, `${n}`)
    const recorded: Counted<string>[] = []
    await tally.flush(
      databaseThat(() => true),
      async (_: unknown, counted) => void recorded.push(counted),
    )
    expect(recorded.map(({ about, count }) => [about, count])).toEqual([
      ...['0', '1', '2'].map((name) => [name, 1]),
      ['others', 7],
    ])
  })

  it('is recorded a hundred to a transaction; what was recorded is not recorded again', async () => {
    const tally = new Tally<string>(clock)
    for (let n = 0; n < 250; n++) note(tally, `${n}`)
    let transactions = 0
    const database = databaseThat(() => ++transactions !== 3)
    const recorded: string[] = []
    const record = async (_: unknown, { about }: Counted<string>) => void recorded.push(about)
    await expect(tally.flush(database, record)).rejects.toThrow('away')
    expect(recorded).toHaveLength(200)
    await tally.flush(database, record)
    expect(recorded.sort()).toEqual(Array.from({ length: 250 }, (_, n) => `${n}`).sort())
  })
})
