import { expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { withDeadline } from './deadline.ts'
import { Turnstile } from './turnstile.ts'

const turnstile = (places: number, clock = new ManualClock()) =>
  new Turnstile({ places, waitMs: 1_000, clock })

it('a turnstile lets in as many as it has places, the others in order of arrival', async () => {
  const gate = turnstile(2)
  const order: number[] = []
  const work = async (i: number) => {
    await gate.enter()
    order.push(i)
    await Promise.resolve()
    gate.leave()
  }
  await Promise.all([1, 2, 3, 4, 5].map(work))
  expect(order).toEqual([1, 2, 3, 4, 5])
})

it('who waits too long is turned away, and the place goes to the next', async () => {
  const clock = new ManualClock()
  const gate = turnstile(1, clock)
  await gate.enter()
  const early = expect(gate.enter()).rejects.toMatchObject({ code: 'database_unavailable' })
  await clock.advance(600)
  const late = gate.enter()
  await clock.advance(400)
  await early
  gate.leave()
  await late
  gate.leave()
  await gate.enter()
})

it('what arrives after its deadline is handed back', async () => {
  const clock = new ManualClock()
  const { promise, resolve } = Promise.withResolvers<string>()
  const late: string[] = []
  const options = { ms: 10, clock, what: 'a test', late: (value: string) => void late.push(value) }
  const waiting = expect(withDeadline(promise, options)).rejects.toMatchObject({ status: 503 })
  await clock.advance(10)
  await waiting
  resolve('connection')
  await promise
  expect(late).toEqual(['connection'])
})

it('a deadline leaves no timer behind', async () => {
  const clock = new ManualClock()
  const options = { ms: 10, clock, what: 'a test' }
  expect(await withDeadline(Promise.resolve(1), options)).toBe(1)
  await expect(withDeadline(Promise.reject(new Error('x')), options)).rejects.toThrow('x')
  expect(clock.pending).toBe(0)
})
