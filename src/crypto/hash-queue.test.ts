import { describe, expect, it } from 'vitest'
import { SecurityError } from '../errors/index.ts'
import { HashQueue } from './hash-queue.ts'

/** A clock that stands still unless it is moved. */
function handClock() {
  let now = 0
  return {
    clock: { now: () => now, monotonic: () => now, after: () => ({ cancel: () => {} }) },
    move: (ms: number) => {
      now += ms
    },
  }
}

/** Tasks that end when they are told to. */
function handTasks() {
  const endings: (() => void)[] = []
  let started = 0
  return {
    task: () => {
      started++
      return new Promise<void>((resolve) => endings.push(resolve))
    },
    started: () => started,
    end: async () => {
      endings.shift()?.()
      await settle()
    },
  }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
const codeOf = (error: unknown) => (error instanceof SecurityError ? error.code : 'resolved')
const outcome = (run: Promise<unknown>) => run.then(() => 'resolved', codeOf)

describe('the hash queue', () => {
  it('runs at most its concurrency at a time, in order', async () => {
    const { clock } = handClock()
    const tasks = handTasks()
    const queue = new HashQueue({ concurrency: 2, maxWaitMs: 5_000, clock })
    const runs = Array.from({ length: 5 }, () => queue.run(tasks.task))
    for (let ended = 0; ended < 5; ended++) {
      await settle()
      expect(tasks.started()).toBe(Math.min(5, ended + 2))
      expect(queue.depth).toBe(Math.max(0, 3 - ended))
      await tasks.end()
    }
    await Promise.all(runs)
    expect(queue.estimatedWaitMs).toBe(0)
  })

  it('refuses before it queues, and says when to come back', async () => {
    const { clock } = handClock()
    const tasks = handTasks()
    const queue = new HashQueue({ concurrency: 1, maxWaitMs: 100, clock })
    const accepted = Array.from({ length: 3 }, () => queue.run(tasks.task))
    const refusal = await queue.run(tasks.task).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'password_queue_full', status: 503 })
    expect((refusal as SecurityError).extras.retryAfter).toBe(1)
    expect(queue.depth).toBe(2)
    for (let ended = 0; ended < 3; ended++) await tasks.end()
    await Promise.all(accepted)
    expect(tasks.started()).toBe(3)
  })

  it('shares the wait among those that run', async () => {
    const { clock } = handClock()
    const tasks = handTasks()
    const queue = new HashQueue({ concurrency: 2, maxWaitMs: 5_000, clock })
    const runs = Array.from({ length: 5 }, () => queue.run(tasks.task))
    await settle()
    expect(queue.estimatedWaitMs).toBe((4 * 50) / 2)
    for (let ended = 0; ended < 5; ended++) await tasks.end()
    await Promise.all(runs)
  })

  it('learns how long a task takes', async () => {
    const { clock, move } = handClock()
    const queue = new HashQueue({ concurrency: 1, maxWaitMs: 60_000, clock })
    for (let run = 0; run < 60; run++) {
      await queue.run(async () => move(400))
    }
    const tasks = handTasks()
    const waiting = queue.run(tasks.task)
    await settle()
    expect(queue.estimatedWaitMs).toBeGreaterThan(390)
    expect(queue.estimatedWaitMs).toBeLessThanOrEqual(400)
    await tasks.end()
    await waiting
  })

  it('stays bounded when tasks seem to take no time', async () => {
    const { clock } = handClock()
    const queue = new HashQueue({ concurrency: 1, maxWaitMs: 10, clock })
    for (let run = 0; run < 100; run++) await queue.run(async () => {})
    const tasks = handTasks()
    const runs = Array.from({ length: 1_000 }, () => outcome(queue.run(tasks.task)))
    expect(queue.depth).toBeLessThanOrEqual(11)
    for (let ended = 0; ended < 12; ended++) await tasks.end()
    const outcomes = await Promise.all(runs)
    expect(outcomes.filter((code) => code === 'resolved').length).toBeLessThanOrEqual(12)
  })

  it('goes on after a task that failed', async () => {
    const { clock } = handClock()
    const queue = new HashQueue({ concurrency: 1, maxWaitMs: 5_000, clock })
    const failing = queue.run(() => Promise.reject(new Error('broken')))
    const next = queue.run(async () => 'next')
    await expect(failing).rejects.toThrow('broken')
    await expect(next).resolves.toBe('next')
  })

  it('closes after the work it accepted, and takes no more', async () => {
    const { clock } = handClock()
    const tasks = handTasks()
    const queue = new HashQueue({ concurrency: 1, maxWaitMs: 5_000, clock })
    const runs = [outcome(queue.run(tasks.task)), outcome(queue.run(tasks.task))]
    let closed = false
    const closing = queue.close().then(() => {
      closed = true
    })
    expect(await outcome(queue.run(tasks.task))).toBe('unavailable')
    await tasks.end()
    expect(closed).toBe(false)
    await tasks.end()
    await closing
    expect(await Promise.all(runs)).toEqual(['resolved', 'resolved'])
    await queue.close()
  })
})
