import { afterAll, beforeAll } from 'vitest'
import { ManualClock } from '../manual-clock.ts'
import { freshDatabase } from '../services/fresh-database.ts'
import { Bench, type BenchOptions } from './bench.ts'

/** The room of passkeys for the tests of one file, with a clock that they move. */
export interface OpenBench {
  readonly bench: Bench
  readonly clock: ManualClock
  /** A new account. */
  somebody(): ReturnType<Bench['person']>
  /** Another node of the same database, with other rules; closed after the tests. */
  benchWith(rules: NonNullable<BenchOptions['rules']>): Promise<Bench>
}

/** Opens the room on SQLite before the tests of the file, and closes it after them. */
export function openPasskeyBench(): OpenBench {
  const clock = new ManualClock()
  const open: Bench[] = []
  let url = ''
  let drop = async () => {}
  let people = 0
  let bench: Bench

  beforeAll(async () => {
    const fresh = await freshDatabase('sqlite')
    url = fresh.url
    drop = fresh.drop
    bench = await Bench.open({ url, clock })
    open.push(bench)
  })
  afterAll(async () => {
    for (const one of open) await one.close()
    await drop()
  })

  return {
    get bench() {
      return bench
    },
    clock,
    somebody: () => bench.person(`01900000-0000-7000-8000-${String(++people).padStart(12, '0')}`),
    benchWith: async (rules) => {
      const other = await Bench.open({ url, clock, rules }, false)
      open.push(other)
      return other
    },
  }
}
