import { expect, it } from 'vitest'
import { boundedLookups } from './lookups.ts'

it('names are looked up two at a time, and one that fails makes room for the next', async () => {
  const open: PromiseWithResolvers<readonly string[]>[] = []
  const find = boundedLookups(() => {
    const one = Promise.withResolvers<readonly string[]>()
    open.push(one)
    return one.promise
  })
  const results = ['a', 'b', 'c', 'd'].map((name) => find(name).catch(() => 'failed'))
  await Promise.resolve()
  expect(open).toHaveLength(2)
  open[0]?.reject(new Error('SERVFAIL'))
  expect(await results[0]).toBe('failed')
  expect(open).toHaveLength(3)
  open[1]?.resolve(['192.0.2.1'])
  await results[1]
  open[2]?.resolve([])
  await results[2]
  open[3]?.resolve([])
  expect(await Promise.all(results)).toEqual(['failed', ['192.0.2.1'], [], []])
})
