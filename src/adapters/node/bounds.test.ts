import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { RawClient, sendRaw } from '../../../test/adapters/raw-http.ts'
import { type Kit, openKit } from '../../../test/adapters/site.ts'
import { boundedOptions, boundServer, listener, type ServerBounds } from './index.ts'

/** Nobody is closed because their time is over. */
const patient = { headersMs: 90_000, requestMs: 90_000 }
const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const kinds = {
  'the stand-alone server': (kit: Kit) => listener(kit.security),
  'an Express app': (kit: Kit) => kit.security.protect(express()),
}

describe.each(Object.entries(kinds))('%s', (_, handlerOf) => {
  async function open(bounds: ServerBounds = {}, proxies: readonly string[] = []): Promise<number> {
    const kit = await openKit({ body: { timeout: '1s' } })
    const server = createServer(boundedOptions(bounds), handlerOf(kit))
    boundServer(server, bounds, (ip) => proxies.includes(ip)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    stops.push(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await kit.close()
    })
    return (server.address() as AddressInfo).port
  }
  const healthy = async (port: number) =>
    (await sendRaw(port, 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'))?.status

  it('ends connections whose head never ends, and answers others meanwhile', async () => {
    const port = await open({ headersMs: 300, requestMs: 600 })
    const slow = await Promise.all(Array.from({ length: 100 }, () => RawClient.open(port)))
    for (const one of slow) one.send('GET /x HTTP/1.1\r\nhost: x\r\nx-slow: ')
    expect(await healthy(port)).toBe(200)
    const answers = await Promise.all(slow.map((one) => one.answer()))
    expect(new Set(answers.map((one) => one?.status))).toEqual(new Set([408]))
    await Promise.all(slow.map((one) => one.closed()))
    expect(await healthy(port)).toBe(200)
  })

  it('ends requests whose body never ends', async () => {
    const port = await open({ requestMs: 1_500 })
    const slow = await Promise.all(Array.from({ length: 50 }, () => RawClient.open(port)))
    for (const one of slow) {
      one.send('POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n')
      one.send('content-length: 1000\r\n\r\n{')
    }
    expect(await healthy(port)).toBe(200)
    const answers = await Promise.all(slow.map((one) => one.answer()))
    expect(new Set(answers.map((one) => one?.status))).toEqual(new Set([408]))
    await Promise.all(slow.map((one) => one.closed()))
  })

  it.each([
    ['100,000 headers', 'x-a: b\r\n'.repeat(100_000), 431],
    ['a header of a megabyte', `x-a: ${'b'.repeat(1_000_000)}\r\n`, 431],
    ['a body that is announced as endless', 'content-length: 99999999999\r\n', 413],
  ])('refuses %s, and answers others', async (_title, lines, status) => {
    const port = await open()
    const head = 'POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'
    const answer = await sendRaw(port, `${head}${lines}\r\n`)
    // A connection that is reset before its answer was read is a refusal as well.
    expect([status, undefined]).toContain(answer?.status)
    expect(await healthy(port)).toBe(200)
  })

  it('drops no header without a word: the last of 3,000 still counts', async () => {
    const port = await open()
    const many = Array.from({ length: 3_000 }, () => 'a:\r\n').join('')
    const head = 'POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'
    const lines = `${head}content-length: 2\r\n${many}sec-fetch-site: cross-site\r\n\r\n{}`
    expect((await sendRaw(port, lines))?.status).toBe(403)
  })

  it('holds so many connections of one client and no more; proxies have no such bound', async () => {
    const port = await open({ ...patient, perClient: 5 })
    const held = await Promise.all(Array.from({ length: 5 }, () => RawClient.open(port)))
    const beyond = await RawClient.open(port)
    await beyond.closed()
    held[0]?.close()
    await expect.poll(() => healthy(port).catch(() => undefined)).toBe(200)
    for (const one of held) one.close()
    const behind = await open({ perClient: 5 }, ['127.0.0.1'])
    const many = await Promise.all(Array.from({ length: 20 }, () => RawClient.open(behind)))
    expect(await healthy(behind)).toBe(200)
    for (const one of many) one.close()
  })

  it('holds so many connections of all and no more', async () => {
    const port = await open({ ...patient, connections: 5 })
    const held = await Promise.all(Array.from({ length: 5 }, () => RawClient.open(port)))
    const beyond = await RawClient.open(port)
    await beyond.closed()
    for (const one of held) one.close()
    await expect.poll(() => healthy(port).catch(() => undefined)).toBe(200)
  })
})
