import { bumpCounter, type Database } from '../index.ts'
import { openTest } from './contract.ts'

const counter = { policy: 'p', subject: 's', window: 0 }

async function bumpOften(database: Database, times: number): Promise<number> {
  for (let i = 0; i < times; i += 1) {
    await database.transaction((trx) =>
      bumpCounter(trx, 'hf_test_counters', counter, {
        column: 'points',
        keys: ['policy', 'subject'],
      }),
    )
  }
  return times
}

/** Adds to a counter, four callers at once, and prints how often. */
const [, , url = '', times = '0'] = process.argv
const database = await openTest(url, { waitMs: 30_000 })
const lanes = Array.from({ length: 4 }, () => bumpOften(database, Number(times) / 4))
const done = (await Promise.all(lanes)).reduce((sum, n) => sum + n, 0)
await database.close()
process.stdout.write(`${done}\n`)
