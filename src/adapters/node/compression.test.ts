import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendRaw } from '../../../test/adapters/raw-http.ts'
import {
  type Kit,
  type Listening,
  listen,
  openKit,
  type Person,
  password,
} from '../../../test/adapters/site.ts'
import { listener } from './index.ts'

const kinds = {
  'node:http': (kit: Kit) => listener(kit.security),
  Express: (kit: Kit) => kit.security.protect(express()),
}

describe.each(Object.entries(kinds))('with %s', (_, handlerOf) => {
  let kit: Kit
  let site: Listening
  let person: Person

  beforeAll(async () => {
    kit = await openKit({ cors: { origins: ['https://app.example'] } })
    site = await listen(handlerOf(kit))
    person = await kit.person('admin')
  })
  afterAll(async () => {
    await site?.stop()
    await kit?.close()
  })

  async function ask(path: string, headers: Record<string, string> = {}, body = '') {
    const given = { host: 'localhost', ...(body ? { 'content-type': 'application/json' } : {}) }
    const lines = Object.entries({ ...given, ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    )
    const length = body ? [`content-length: ${body.length}`] : []
    const head = [`${body ? 'POST' : 'GET'} ${path} HTTP/1.1`, ...lines, ...length].join('\r\n')
    const answer = await sendRaw(site.port, `${head}\r\n\r\n${body}`)
    if (!answer) throw new Error('no answer')
    return { ...answer, bytes: Buffer.from(answer.body, 'latin1') }
  }

  it('a long public text is packed as the client asks, and says that it varies', async () => {
    const plain = await ask('/openapi.json')
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.headers.vary).toBe('origin, accept-encoding')
    const gzip = await ask('/openapi.json', { 'accept-encoding': 'gzip, deflate' })
    expect([gzip.headers['content-encoding'], gzip.headers.vary]).toEqual([
      'gzip',
      'origin, accept-encoding',
    ])
    expect(gunzipSync(gzip.bytes)).toEqual(plain.bytes)
    const brotli = await ask('/openapi.json', { 'accept-encoding': 'gzip, br;q=0.9' })
    expect(brotli.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(brotli.bytes)).toEqual(plain.bytes)
    expect(brotli.bytes.length).toBeLessThan(plain.bytes.length / 4)
  })

  it.each(['identity', 'br;q=0, gzip;q=0.0', '*', 'x'.repeat(300), ''])(
    'a client that takes nothing by name gets it as it is: %j',
    async (accepted) => {
      const { headers } = await ask('/openapi.json', { 'accept-encoding': accepted })
      expect(headers['content-encoding']).toBeUndefined()
    },
  )

  it('what answers a credential is never packed, however long it is', async () => {
    const both = { 'accept-encoding': 'br, gzip' }
    for (const credential of [person.bearer, person.cookie]) {
      const { bytes, headers } = await ask('/openapi.json', { ...both, ...credential })
      expect(bytes.length).toBeGreaterThan(10_000)
      expect(headers['content-encoding']).toBeUndefined()
      const page = await ask('/account', { ...both, ...credential, accept: 'text/html' })
      expect(page.headers['content-encoding']).toBeUndefined()
    }
  })

  it.each(['cookie', 'body', 'session'])(
    'an answer that holds a token is never packed: %s',
    async (transport) => {
      const body = JSON.stringify({ identifier: person.email, password, transport })
      const { headers, status } = await ask('/auth/login', { 'accept-encoding': 'br, gzip' }, body)
      expect([status, headers['content-encoding']]).toEqual([200, undefined])
    },
  )

  it('a page that a stranger may fill in is packed only if it may be stored', async () => {
    const page = await ask('/account/sign-in', { 'accept-encoding': 'gzip', accept: 'text/html' })
    const stored = !/no-store/.test(page.headers['cache-control'] ?? '')
    expect(page.status).toBe(200)
    expect(page.headers['content-encoding'] === 'gzip').toBe(stored)
  })
})
