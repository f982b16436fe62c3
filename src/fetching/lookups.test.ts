import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boundedLookups, mostWaiting, queriesAtOnce, queryDns } from './lookups.ts'
import { createSafeFetch } from './safe-fetch.ts'

const noHosts = async () => ''
const rest = () => new Promise((resolve) => setImmediate(resolve))

/** A resolver of which the test says what it finds, and what was asked of it. */
function slow() {
  const asked: string[] = []
  const open: PromiseWithResolvers<readonly string[]>[] = []
  const find = (name: string) => {
    asked.push(name)
    const one = Promise.withResolvers<readonly string[]>()
    open.push(one)
    return one.promise
  }
  return { asked, find, open }
}

const never = (): Promise<readonly string[]> => Promise.reject(new Error('not asked'))

describe('names', () => {
  it('without a dot are asked of the machine, two at a time, and one that fails makes room', async () => {
    const { asked, find, open } = slow()
    const lookup = boundedLookups({ ask: never, askMachine: find, readHosts: noHosts })
    const results = ['a', 'b', 'c', 'd'].map((name) => lookup(name).catch(() => 'failed'))
    await rest()
    expect(asked).toEqual(['a', 'b'])
    open[0]?.reject(new Error('SERVFAIL'))
    expect(await results[0]).toBe('failed')
    await rest()
    expect(asked).toEqual(['a', 'b', 'c'])
    open[1]?.resolve(['192.0.2.1'])
    open[2]?.resolve([])
    await results[2]
    await rest()
    open[3]?.resolve([])
    expect(await Promise.all(results)).toEqual(['failed', ['192.0.2.1'], [], []])
  })

  it('with a dot hold no thread of the machine, and no other name up', async () => {
    const { asked, find } = slow()
    const lookup = boundedLookups({
      ask: find,
      askMachine: async () => ['192.0.2.7'],
      readHosts: noHosts,
    })
    for (let n = 0; n < queriesAtOnce + 9; n += 1) void lookup(`n${n}.test`)
    expect(await lookup('intranet')).toEqual(['192.0.2.7'])
    expect(asked).toHaveLength(queriesAtOnce)
  })

  it('that nobody waits for any longer are not looked up, and leave the line', async () => {
    const { asked, find, open } = slow()
    const lookup = boundedLookups({ ask: find, readHosts: noHosts })
    const controller = new AbortController()
    for (let n = 0; n < queriesAtOnce; n += 1) void lookup(`n${n}.test`)
    await rest()
    const late = Array.from({ length: mostWaiting }, (_, n) =>
      lookup(`late${n}.test`, controller.signal),
    )
    const given = Promise.allSettled(late)
    await rest()
    controller.abort()
    expect((await given).every(({ status }) => status === 'rejected')).toBe(true)
    const honest = lookup('honest.test')
    await rest()
    open[0]?.resolve([])
    await rest()
    expect(asked.slice(queriesAtOnce)).toEqual(['honest.test'])
    open[queriesAtOnce]?.resolve(['192.0.2.1'])
    expect(await honest).toEqual(['192.0.2.1'])
  })

  it('are refused at once where too many wait', async () => {
    const lookup = boundedLookups({ ask: slow().find, readHosts: noHosts })
    for (let n = 0; n < queriesAtOnce + mostWaiting; n += 1) void lookup(`n${n}.test`)
    await rest()
    await expect(lookup('one-more.test')).rejects.toMatchObject({ reason: 'busy' })
  })

  it('of the hosts file are asked of nobody', async () => {
    const hosts =
      '127.0.0.1 localhost\n# 192.0.2.9 a.test\n192.0.2.1\tb.test A.test # c.test\n::1 a.test\n'
    const lookup = boundedLookups({ ask: never, askMachine: never, readHosts: async () => hosts })
    expect(await lookup('a.test')).toEqual(['192.0.2.1', '::1'])
    expect(await lookup('A.TEST.')).toEqual(['192.0.2.1', '::1'])
    expect(await lookup('localhost')).toEqual(['127.0.0.1'])
    await expect(lookup('c.test')).rejects.toThrow('not asked')
  })
})

describe('a question to a DNS server that never answers', () => {
  const silent = createSocket('udp4')
  let server = ''
  beforeAll(async () => {
    silent.bind(0, '127.0.0.1')
    await once(silent, 'listening')
    server = `127.0.0.1:${(silent.address() as AddressInfo).port}`
  })
  afterAll(() => silent.close())

  it('ends by itself', async () => {
    const ask = queryDns([server], { timeout: 50, tries: 1 })
    await expect(ask('a.test')).rejects.toMatchObject({ code: 'ETIMEOUT' })
  })

  it('is taken back by who gives up', async () => {
    const controller = new AbortController()
    const asked = queryDns([server])('a.test', controller.signal)
    controller.abort()
    await expect(asked).rejects.toMatchObject({ code: 'ECANCELLED' })
  })
})

describe('a fetch', () => {
  it('that is too late takes back what it asked of the resolver', async () => {
    let taken: AbortSignal | undefined
    const resolve = (_name: string, signal?: AbortSignal) => {
      taken = signal
      return new Promise<readonly string[]>(() => {})
    }
    const late = createSafeFetch({ timeout: '20ms', resolve })('https://a.test/')
    await expect(late).rejects.toMatchObject({ code: 'fetch_timeout' })
    expect(taken?.aborted).toBe(true)
  })

  it('fails at once, and says so to who wrote it, where too many names are being looked up', async () => {
    const resolve = boundedLookups({ ask: slow().find, readHosts: noHosts })
    for (let n = 0; n < queriesAtOnce + mostWaiting; n += 1) void resolve(`n${n}.test`)
    await rest()
    await expect(createSafeFetch({ resolve })('https://a.test/')).rejects.toMatchObject({
      code: 'fetch_failed',
      cause: { reason: 'busy' },
    })
  })
})
