import { expect, it } from 'vitest'
import { breakableDatabase } from '../../test/breakable-database.ts'
import { countingLogger, eventually, jobNodes, longWork, minute } from '../../test/job-nodes.ts'
import { ManualClock } from '../../test/manual-clock.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'

describeEngines('jobs, when something fails,', (engine) => {
  const nodes = jobNodes(engine)
  const { newName, node } = nodes

  it('that fail are logged and tried again, ever later, until they succeed', async () => {
    const logger = countingLogger()
    const waits: number[] = []
    let failedAt = 0
    let failing = true
    const jobs = node(0, { logger })
    const run = async () => {
      if (failedAt > 0) waits.push(nodes.clock.now() - failedAt)
      failedAt = nodes.clock.now()
      if (failing) throw new Error('out of order')
    }
    jobs.register({ name: newName(), everyMs: 60 * minute, run })
    while (waits.length < 4) {
      await jobs.runDue()
      await nodes.clock.advance(500)
    }
    expect(logger.lines).toEqual(Array(5).fill('job failed'))
    for (const [n, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(0.9 * 5_000 * 2 ** n)
      expect(wait).toBeLessThanOrEqual(1.1 * 5_000 * 2 ** n + 500)
    }
    failing = false
    await nodes.clock.advance(2 * minute)
    await jobs.runDue()
    await nodes.clock.advance(50 * minute)
    await jobs.runDue()
    expect(waits).toHaveLength(5)
  })

  it('of a crashed holder are taken over when its lease has run out', async () => {
    const name = newName()
    const work = longWork()
    const crashed = node(0, { clock: new ManualClock(nodes.clock.now()) })
    crashed.register({ name, everyMs: 60 * minute, run: work.run })
    const running = crashed.runDue()
    await work.started
    let runs = 0
    const survivor = node(1)
    survivor.register({ name, everyMs: 60 * minute, run: async () => void runs++ })
    await nodes.clock.advance(59_999)
    await survivor.runDue()
    expect(runs).toBe(0)
    await nodes.clock.advance(1)
    await survivor.runDue()
    expect(runs).toBe(1)
    work.end()
    await running
  })

  it('that take long keep their lease, and end cleanly', async () => {
    const name = newName()
    const work = longWork()
    const holder = node(0)
    holder.register({ name, everyMs: minute, run: work.run })
    const other = node(1)
    let runs = 0
    other.register({ name, everyMs: minute, run: async () => void runs++ })
    const running = holder.runDue()
    const { signal } = await work.started
    for (let step = 0; step < 15; step++) {
      await nodes.clock.advance(20_000)
      await eventually(() => nodes.clock.pending).toBe(1)
      await other.runDue()
    }
    expect([runs, signal.aborted]).toEqual([0, false])
    work.end()
    await running
    await other.runDue()
    expect(runs).toBe(1)
  })

  it('that lost their lease are told so', async () => {
    const name = newName()
    const work = longWork()
    const slowClock = new ManualClock(nodes.clock.now())
    const paused = node(0, { clock: slowClock })
    paused.register({ name, everyMs: minute, run: work.run })
    const running = paused.runDue()
    const { signal } = await work.started
    const taker = longWork()
    const other = node(1)
    other.register({ name, everyMs: minute, run: taker.run })
    await nodes.clock.advance(minute)
    const taken = other.runDue()
    await taker.started
    await slowClock.advance(20_000)
    await eventually(() => signal.aborted).toBe(true)
    work.end()
    await running
    // The late holder must not have given back the lease of the one after it.
    const third = node(0)
    let thirdRuns = 0
    third.register({ name, everyMs: minute, run: async () => void thirdRuns++ })
    third.wake(name)
    await third.runDue()
    expect(thirdRuns).toBe(0)
    taker.end()
    await taken
  })

  it('running at the stop are told to finish and waited for', async () => {
    const work = longWork()
    const jobs = node(0)
    jobs.register({ name: newName(), everyMs: minute, run: work.run })
    jobs.start()
    await nodes.clock.advance(0)
    const { signal } = await work.started
    let stopped = false
    const stopping = jobs.stop().then(() => {
      stopped = true
    })
    expect(signal.aborted).toBe(true)
    await nodes.clock.advance(0)
    expect(stopped).toBe(false)
    work.end()
    await stopping
    expect(nodes.clock.pending).toBe(0)
  })

  it('survive an outage of the database without storming it, and go on after it', async () => {
    const logger = countingLogger()
    const name = newName()
    const { database, cut } = breakableDatabase(nodes.databases[0])
    let runs = 0
    const jobs = node(0, { database, logger })
    jobs.register({ name, everyMs: minute, run: async () => void runs++ })
    jobs.start()
    const passTime = async () => {
      await nodes.clock.advance(1_000)
      return runs
    }
    await eventually(passTime).toBe(1)
    cut(true)
    jobs.wake(name)
    const outageStart = nodes.clock.now()
    await eventually(async () => {
      await passTime()
      return logger.lines.length
    }).toBeGreaterThan(5)
    expect(nodes.clock.now() - outageStart).toBeGreaterThan(4 * 4_500)
    expect(runs).toBe(1)
    cut(false)
    await eventually(passTime).toBe(2)
  })

  it('registered during an outage begin after it', async () => {
    const logger = countingLogger()
    const { database, cut } = breakableDatabase(nodes.databases[0])
    cut(true)
    let runs = 0
    const jobs = node(0, { database, logger })
    jobs.register({ name: newName(), everyMs: minute, run: async () => void runs++ })
    jobs.start()
    const passTime = async () => {
      await nodes.clock.advance(1_000)
      return runs
    }
    await eventually(async () => {
      await passTime()
      return logger.lines.length
    }).toBeGreaterThan(2)
    cut(false)
    await eventually(passTime).toBe(1)
  })
})
