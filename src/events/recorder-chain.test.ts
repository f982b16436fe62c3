import { expect, it } from 'vitest'
import type { Trx } from '../database/index.ts'
import { type EventInput, type Recorder, RecorderChain } from './index.ts'

const trx = {} as Trx
const event = { name: 'user.created', actor: { kind: 'code' }, payload: { userId: 'one' } } as const

function hears(name: string, heard: string[]): Recorder {
  return {
    record: async (given, { name: what }: EventInput) => {
      expect(given).toBe(trx)
      await Promise.resolve()
      heard.push(`${name} ${what}`)
    },
  }
}

it('every recorder hears each event in its transaction, one after the other', async () => {
  const heard: string[] = []
  const chain = new RecorderChain(hears('first', heard))
  chain.add(hears('second', heard))
  await chain.record(trx, event)
  expect(heard).toEqual(['first user.created', 'second user.created'])
})

it('one that fails fails the change, and those behind it hear nothing', async () => {
  const heard: string[] = []
  const chain = new RecorderChain(hears('first', heard))
  chain.add({ record: () => Promise.reject(new Error('no room')) })
  chain.add(hears('last', heard))
  await expect(chain.record(trx, event)).rejects.toThrow('no room')
  expect(heard).toEqual(['first user.created'])
})
