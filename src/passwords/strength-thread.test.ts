import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger, systemClock } from '../ports/index.ts'
import { StrengthThread, type StrengthThreadOptions } from './strength-thread.ts'

/** Runs as the worker; `post` answers, `task` is what was asked. */
const entry = (body: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(
      `import { parentPort } from 'node:worker_threads'
       const post = (value) => parentPort.postMessage(value)
       parentPort.on('message', (task) => { ${body} })`,
    )}`,
  )
const echo = entry('post({ score: task.password.length, isCommon: false, warning: undefined })')
const silent = entry('')

/** A clock whose timers run when they are told to. */
function handClock() {
  const timers = new Map<() => void, number>()
  return {
    clock: {
      now: () => 0,
      monotonic: () => 0,
      after: (ms: number, task: () => void) => {
        timers.set(task, ms)
        return { cancel: () => void timers.delete(task) }
      },
    },
    pending: () => [...timers.values()],
    fire: () => {
      for (const [task] of [...timers]) {
        timers.delete(task)
        task()
      }
    },
  }
}

const open: StrengthThread[] = []
function make(options: Partial<StrengthThreadOptions> = {}): StrengthThread {
  const thread = new StrengthThread({ clock: systemClock, logger: silentLogger, ...options })
  open.push(thread)
  return thread
}
const task = (password: string) => ({ password, words: [] })
const unavailable = { code: 'unavailable', status: 503 }

afterEach(async () => {
  for (const thread of open.splice(0)) await thread.close()
})

describe('the strength thread', () => {
  it('starts with the first password and not before', async () => {
    const thread = make()
    expect(thread.isRunning).toBe(false)
    const { score } = await thread.judge(task('correct horse battery staple'))
    expect(score).toBe(4)
    expect(thread.isRunning).toBe(true)
  })

  it('lets the event loop turn while it judges', async () => {
    const thread = make()
    let turns = 0
    let judged = false
    const turn = () => {
      turns++
      if (!judged) setImmediate(turn)
    }
    setImmediate(turn)
    await thread.judge(task('4@8({3691!0$5+7%2'.repeat(4)))
    judged = true
    expect(turns).toBeGreaterThan(1)
  })

  it('judges one at a time, each with its own answer', async () => {
    const thread = make({ entry: echo })
    const lengths = Array.from({ length: 17 }, (_, index) => index)
    const scores = lengths.map((length) => thread.judge(task('x'.repeat(length))))
    expect((await Promise.all(scores)).map(({ score }) => score)).toEqual(lengths)
  })

  it('refuses the eighteenth that waits', async () => {
    const thread = make({ entry: echo })
    const accepted = Array.from({ length: 17 }, () => thread.judge(task('x')))
    await expect(thread.judge(task('x'))).rejects.toMatchObject({
      ...unavailable,
      extras: { retryAfter: 1 },
    })
    await Promise.all(accepted)
  })

  it('gives up a password that takes too long and goes on with a new worker', async () => {
    const { clock, fire, pending } = handClock()
    const hanging = entry(`if (task.password === 'hang') for (;;); else post({ score: 1 })`)
    const thread = make({ clock, entry: hanging })
    const stuck = thread.judge(task('hang'))
    const next = thread.judge(task('go'))
    expect(pending()).toEqual([30_000])
    fire()
    await expect(stuck).rejects.toMatchObject(unavailable)
    await expect(next).resolves.toMatchObject({ score: 1 })
  })

  it.each([
    ['throws', 'throw new Error(task.password)'],
    ['exits', 'process.exit(0)'],
    ['runs out of memory', 'const all = []; for (;;) all.push(new Array(1e6).fill(task))'],
  ])(
    'answers 503 when the worker %s, says so without the password, and recovers',
    async (_, body) => {
      const lines: string[] = []
      const error = (message: string, fields?: unknown) =>
        void lines.push(message + JSON.stringify(fields))
      const breaking = entry(`if (task.password !== 'go') { ${body} } else post({ score: 2 })`)
      const thread = make({ entry: breaking, logger: { ...silentLogger, error } })
      await expect(thread.judge(task('canary-of-a-password'))).rejects.toMatchObject(unavailable)
      await expect(thread.judge(task('go'))).resolves.toMatchObject({ score: 2 })
      expect(lines).toHaveLength(1)
      expect(lines.join()).not.toContain('canary')
    },
  )

  it('answers 503 when the worker cannot start', async () => {
    const thread = make({ entry: new URL('data:text/javascript,import "node:nothing"') })
    await expect(thread.judge(task('x'))).rejects.toMatchObject(unavailable)
  })

  it('stops after a minute without passwords and starts again', async () => {
    const { clock, fire, pending } = handClock()
    const thread = make({ clock, entry: echo })
    await thread.judge(task('abc'))
    expect(pending()).toEqual([60_000])
    fire()
    expect(thread.isRunning).toBe(false)
    expect(await thread.judge(task('abc'))).toMatchObject({ score: 3 })
  })

  it('closes at once: what waits is refused, nothing starts again', async () => {
    const thread = make({ entry: silent })
    const waiting = [thread.judge(task('a')), thread.judge(task('b'))]
    const outcomes = Promise.allSettled(waiting)
    await thread.close()
    await thread.close()
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable })
    }
    await expect(thread.judge(task('c'))).rejects.toMatchObject(unavailable)
    expect(thread.isRunning).toBe(false)
  })
})
