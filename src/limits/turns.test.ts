import { describe, expect, it } from 'vitest'
import { Turns } from './turns.ts'

const full = () => new Error('full')
const rest = () => new Promise((resolve) => setImmediate(resolve))

/** Works of which the test says when they end, by the names in the order in which they began. */
function workers(turns: Turns) {
  const begun: string[] = []
  const ends = new Map<string, PromiseWithResolvers<string>>()
  const run = (name: string, signal?: AbortSignal) => {
    const work = () => {
      begun.push(name)
      const end = Promise.withResolvers<string>()
      ends.set(name, end)
      return end.promise
    }
    return turns.run(work, { full, ...(signal && { signal }) })
  }
  return { begun, end: (name: string) => ends.get(name)?.resolve(name), ends, run }
}

describe('turns', () => {
  it('are so many at once, and go to who has waited longest, whoever comes in between', async () => {
    const { begun, end, run } = workers(new Turns({ atOnce: 2, waiting: 10 }))
    const all = ['a', 'b', 'c', 'd'].map((name) => run(name))
    await rest()
    expect(begun).toEqual(['a', 'b'])
    end('a')
    all.push(...((await all[0]) ? [run('late')] : []))
    await rest()
    expect(begun).toEqual(['a', 'b', 'c'])
    for (const name of ['b', 'c', 'd', 'late']) {
      end(name)
      await rest()
    }
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'late'])
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd', 'late'])
  })

  it('pass on when work fails, and are all free in the end', async () => {
    const turns = new Turns({ atOnce: 1, waiting: 1 })
    const { begun, end, ends, run } = workers(turns)
    const [first, second] = [run('a'), run('b')]
    ends.get('a')?.reject(new Error('broken'))
    await expect(first).rejects.toThrow('broken')
    await rest()
    expect([begun, turns.isIdle]).toEqual([['a', 'b'], false])
    end('b')
    await second
    expect(turns.isIdle).toBe(true)
  })

  it('are refused at once where too many wait', async () => {
    const { begun, run } = workers(new Turns({ atOnce: 1, waiting: 2 }))
    for (const name of ['a', 'b', 'c']) void run(name)
    await expect(run('d')).rejects.toThrow('full')
    expect(begun).toEqual(['a'])
  })

  it('are not taken by who has given up, nor is his place in the line', async () => {
    const { begun, end, run } = workers(new Turns({ atOnce: 1, waiting: 1 }))
    const controller = new AbortController()
    void run('a')
    const waiting = run('b', controller.signal)
    controller.abort(new Error('too late'))
    await expect(waiting).rejects.toThrow('too late')
    const next = run('c')
    end('a')
    await rest()
    expect(begun).toEqual(['a', 'c'])
    end('c')
    await next
    await expect(run('d', controller.signal)).rejects.toThrow('too late')
    expect(begun).toEqual(['a', 'c'])
  })
})
