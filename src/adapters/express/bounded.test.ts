import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { TestClock } from '../../testing/index.ts'
import { bounded, ClientGone, decisionDeadlineMs } from './bounded.ts'

function bench() {
  const events = Object.assign(new EventEmitter(), { closed: false })
  const clock = new TestClock()
  const response = events as unknown as ServerResponse
  return {
    ...{ events, clock },
    wait: <T>(work: PromiseLike<T>) => bounded(work, response, clock),
    /** Nothing may stay of what was decided. */
    left: () => clock.waiting + events.listenerCount('close'),
  }
}

it('gives what was waited for, and keeps no timer and no listener', async () => {
  const { left, wait } = bench()
  expect(await wait(Promise.resolve(7))).toBe(7)
  await expect(wait(Promise.reject(new Error('x')))).rejects.toThrow('x')
  expect(left()).toBe(0)
})

it('rejects at the deadline and not before', async () => {
  const { clock, left, wait } = bench()
  const waiting = wait(new Promise(() => {}))
  let ended = false
  waiting.catch(() => {
    ended = true
  })
  clock.advance(decisionDeadlineMs - 1)
  await Promise.resolve()
  expect(ended).toBe(false)
  clock.advance(1)
  await expect(waiting).rejects.toThrow('longer than 10 s')
  expect(left()).toBe(0)
})

it('rejects as soon as the client has gone, before it began or after', async () => {
  const { events, left, wait } = bench()
  const waiting = wait(new Promise(() => {}))
  events.emit('close')
  await expect(waiting).rejects.toThrow(ClientGone)
  events.closed = true
  await expect(wait(new Promise(() => {}))).rejects.toThrow(ClientGone)
  expect(left()).toBe(0)
})

it('hears no answer after the first', async () => {
  const { events, wait } = bench()
  const late = Promise.withResolvers<number>()
  const waiting = wait(late.promise)
  events.emit('close')
  late.reject(new Error('too late'))
  await expect(waiting).rejects.toThrow(ClientGone)
})
