import { bumpCounter } from '../index.ts'
import { openTest } from './contract.ts'

/** Adds one to a counter `times` times, four at once, and prints how many succeeded. */
const [, , url = '', times = '0'] = process.argv
const database = await openTest(url, { waitMs: 30_000 })
let done = 0
const lane = async () => {
  for (let i = 0; i < Number(times) / 4; i += 1) {
    await database.transaction((trx) =>
      bumpCounter(
        trx,
        'hf_test_counters',
        { policy: 'p', subject: 's', window: 0 },
        { column: 'points', keys: ['policy', 'subject'] },
      ),
    )
    done += 1
  }
}
await Promise.all([lane(), lane(), lane(), lane()])
await database.close()
process.stdout.write(`${done}\n`)
