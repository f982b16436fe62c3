import { expect, it } from 'vitest'
import { type Exchange, newExchangeState } from '../../http/index.ts'
import { readsAtOnce, WebhookReads } from './unverified.ts'

/** Everything that can go on has gone on. */
const rest = () => new Promise((resolve) => setImmediate(resolve))

/** Bodies of which the test says when they have come. */
function senders() {
  const begun: { readonly from: string; readonly end: () => void }[] = []
  const exchangeFrom = (from: string) => {
    const readBody = () =>
      new Promise<Uint8Array>((resolve) => {
        begun.push({ from, end: () => resolve(new Uint8Array(1)) })
      })
    const state = { ...newExchangeState(), client: { key: from } }
    return { state, readBody } as unknown as Exchange
  }
  return { begun, exchangeFrom }
}

it('webhooks read few bodies of one client at once, the others in turn, and every other client', async () => {
  const { begun, exchangeFrom } = senders()
  const reads = new WebhookReads()
  const all = Array.from({ length: 500 }, () => reads.read(exchangeFrom('203.0.113.1'), 1_000))
  await rest()
  expect(begun).toHaveLength(readsAtOnce)
  void reads.read(exchangeFrom('203.0.113.2'), 1_000)
  await rest()
  expect(begun.at(-1)?.from).toBe('203.0.113.2')
  const [own] = begun.splice(readsAtOnce, 1)
  for (let ended = 0; ended < 500; ended++) {
    expect(begun).toHaveLength(Math.min(500, readsAtOnce + ended))
    begun[ended]?.end()
    await all[ended]
    await rest()
  }
  own?.end()
  expect(await Promise.all(all)).toHaveLength(500)
})

it('a webhook whose line of one client is full answers 503 and reads nothing', async () => {
  const { begun, exchangeFrom } = senders()
  const reads = new WebhookReads()
  const read = (from: string) => reads.read(exchangeFrom(from), 1_000)
  for (let n = 0; n < readsAtOnce + 1_000; n++) void read('203.0.113.1')
  await expect(read('203.0.113.1')).rejects.toMatchObject({ status: 503 })
  expect(begun).toHaveLength(readsAtOnce)
  void read('203.0.113.2')
  await rest()
  expect(begun).toHaveLength(readsAtOnce + 1)
})

it('a body that breaks off gives its turn to the next', async () => {
  const { begun, exchangeFrom } = senders()
  const reads = new WebhookReads()
  const broken = {
    ...exchangeFrom('203.0.113.1'),
    readBody: () => Promise.reject(new Error('gone')),
  }
  const failing = Array.from({ length: readsAtOnce }, () => reads.read(broken as Exchange, 1_000))
  void reads.read(exchangeFrom('203.0.113.1'), 1_000)
  expect(begun).toHaveLength(0)
  await Promise.allSettled(failing)
  await rest()
  expect(begun).toHaveLength(1)
})
