import { expect, it } from 'vitest'
import { eventually, jobNodes, longWork, minute } from '../../test/job-nodes.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'

describeEngines('jobs', (engine) => {
  const nodes = jobNodes(engine)
  const { newName, node } = nodes

  it('run once a period, however many nodes ask at once', async () => {
    const job = { name: newName(), everyMs: minute }
    let runs = 0
    const several = [node(0), node(1), node(0), node(1)]
    for (const jobs of several) jobs.register({ ...job, run: async () => void runs++ })
    for (let period = 1; period <= 20; period++) {
      await Promise.all(several.map((jobs) => jobs.runDue()))
      await Promise.all(several.map((jobs) => jobs.runDue()))
      expect(runs).toBe(period)
      await nodes.clock.advance(1.2 * minute)
    }
  })

  it('run by themselves once started, and never after the stop', async () => {
    let runs = 0
    const jobs = node(0)
    jobs.register({ name: newName(), everyMs: minute, run: async () => void runs++ })
    await nodes.clock.advance(10)
    expect([runs, nodes.clock.pending]).toEqual([0, 0])
    jobs.start()
    for (const expected of [1, 2, 3]) {
      await eventually(async () => {
        await nodes.clock.advance(10_000)
        return runs
      }).toBe(expected)
    }
    await jobs.stop()
    expect(nodes.clock.pending).toBe(0)
    await nodes.clock.advance(10 * minute)
    expect(runs).toBe(3)
  })

  it('woken run although they are not due, once for many wakes', async () => {
    const name = newName()
    let runs = 0
    const jobs = node(0)
    jobs.register({ name, everyMs: minute, run: async () => void runs++ })
    await jobs.runDue()
    for (let n = 0; n < 10; n++) jobs.wake(name)
    await jobs.runDue()
    await jobs.runDue()
    expect(runs).toBe(2)
  })

  it('woken for later run then, and not before', async () => {
    const name = newName()
    let runs = 0
    const jobs = node(0)
    jobs.register({ name, everyMs: minute, run: async () => void runs++ })
    await jobs.runDue()
    jobs.wake(name, 2_000)
    jobs.wake(name, 9_000)
    await nodes.clock.advance(1_999)
    await jobs.runDue()
    expect(runs).toBe(1)
    await nodes.clock.advance(1)
    await jobs.runDue()
    expect(runs).toBe(2)
  })

  it('woken for later run to the millisecond, whenever they look for work before', async () => {
    const name = newName()
    let runs = 0
    const late = { bytes: (length: number) => new Uint8Array(length).fill(0xff) }
    const jobs = node(0, { random: late })
    jobs.register({ name, everyMs: minute, run: async () => void runs++ })
    await jobs.runDue()
    jobs.start()
    jobs.wake(name, 275)
    await nodes.clock.advance(1)
    await eventually(() => nodes.clock.pending).toBe(1)
    await nodes.clock.advance(273)
    expect(runs).toBe(1)
    await nodes.clock.advance(1)
    await eventually(() => runs).toBe(2)
  })

  it('woken while another node runs them run once more there', async () => {
    const name = newName()
    const work = longWork()
    let runs = 0
    const holder = node(0)
    const other = node(1)
    holder.register({
      name,
      everyMs: minute,
      run: (c) => (++runs === 1 ? work.run(c) : Promise.resolve()),
    })
    let otherRuns = 0
    other.register({ name, everyMs: minute, run: async () => void otherRuns++ })
    const running = holder.runDue()
    await work.started
    other.wake(name)
    await other.runDue()
    work.end()
    await running
    await holder.runDue()
    expect([runs, otherRuns]).toEqual([2, 0])
  })

  it('woken while they run here run once more', async () => {
    const name = newName()
    const work = longWork()
    let runs = 0
    const jobs = node(0)
    jobs.register({
      name,
      everyMs: minute,
      run: (c) => (++runs === 1 ? work.run(c) : Promise.resolve()),
    })
    const running = jobs.runDue()
    await work.started
    jobs.wake(name)
    work.end()
    await running
    await jobs.runDue()
    expect(runs).toBe(2)
  })

  it('have unique names, and only known ones are woken', async () => {
    const name = newName()
    const jobs = node(0)
    jobs.register({ name, everyMs: minute, run: async () => {} })
    expect(() => jobs.register({ name, everyMs: minute, run: async () => {} })).toThrow('twice')
    expect(() => jobs.wake('nothing')).toThrow('No job is named nothing')
  })
})
