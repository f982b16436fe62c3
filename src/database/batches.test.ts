import { afterAll, beforeAll, expect, it } from 'vitest'
import { silentLogger } from '../ports/index.ts'
import { TestClock } from '../testing/index.ts'
import { type Database, inBatches, openDatabase, type Trx } from './index.ts'

let database: Database
beforeAll(async () => {
  database = await openDatabase({
    url: 'sqlite::memory:',
    clock: new TestClock(),
    logger: silentLogger,
  })
})
afterAll(() => database.close())

/** Batches that find what `found` says, one after the other, and their transactions. */
function batches(found: readonly number[]) {
  const transactions: Trx[] = []
  const batch = async (trx: Trx) => found[transactions.push(trx) - 1] ?? 0
  return { transactions, batch }
}

it('batches follow each other until one was not full, each in its own transaction', async () => {
  const { batch, transactions } = batches([5, 5, 4, 5])
  await inBatches(database, { size: 5 }, batch)
  expect(new Set(transactions).size).toBe(3)
})

it('no batch begins once the signal has aborted', async () => {
  const stop = new AbortController()
  let rounds = 0
  await inBatches(database, { size: 5, signal: stop.signal }, async () => {
    if (++rounds === 2) stop.abort()
    return 5
  })
  expect(rounds).toBe(2)
})

it('batches that are always full end after a thousand', async () => {
  let rounds = 0
  await inBatches(database, { size: 1 }, async () => ++rounds)
  expect(rounds).toBe(1_000)
})
