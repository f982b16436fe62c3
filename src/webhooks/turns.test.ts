import { expect, it } from 'vitest'
import { handlersOfAll, handlersOfOne, Turns } from './turns.ts'

/** Everything that can go on has gone on. */
const rest = () => new Promise((resolve) => setImmediate(resolve))

/** Handlers that run until the test ends them. */
function handlers() {
  const turns = new Turns()
  const running: { readonly webhook: string; readonly end: () => void }[] = []
  const begin = (webhook: string) =>
    turns.run(webhook, async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const one = { webhook, end: resolve }
      running.push(one)
      await promise
      running.splice(running.indexOf(one), 1)
    })
  const countOf = (webhook: string) => running.filter((one) => one.webhook === webhook).length
  return { begin, countOf, running }
}

it('a webhook has few handlers at once, and waits for no other with its first', async () => {
  const { begin, countOf, running } = handlers()
  const webhooks = Array.from({ length: 50 }, (_, n) => `w${n}`)
  for (const webhook of webhooks.slice(0, 8)) for (let n = 0; n < 100; n++) void begin(webhook)
  await rest()
  expect(countOf('w0')).toBe(handlersOfOne)
  for (const webhook of webhooks) void begin(webhook)
  await rest()
  for (const webhook of webhooks) expect(countOf(webhook)).toBeGreaterThan(0)
  expect(running.length).toBeLessThanOrEqual(handlersOfAll + webhooks.length - 1)
})

it('all handlers together are bounded, and everyone has a turn in the end', async () => {
  const { begin, countOf, running } = handlers()
  const webhooks = Array.from({ length: 6 }, (_, n) => `w${n}`)
  const all = webhooks.flatMap((webhook) => Array.from({ length: 30 }, () => begin(webhook)))
  let most = 0
  while (running.length > 0 || most === 0) {
    await rest()
    most = Math.max(most, running.length)
    for (const webhook of webhooks) expect(countOf(webhook)).toBeLessThanOrEqual(handlersOfOne)
    running[Math.floor(running.length / 2)]?.end()
    await rest()
  }
  await Promise.all(all)
  expect(most).toBeLessThan(handlersOfAll + webhooks.length)
})

it('a handler that throws gives its turn to the next', async () => {
  const turns = new Turns()
  const failing = Array.from({ length: handlersOfOne * 3 }, () =>
    turns.run('w', () => Promise.reject(new Error('no'))),
  )
  await Promise.allSettled(failing)
  expect(await turns.run('w', async () => 'done')).toBe('done')
})
