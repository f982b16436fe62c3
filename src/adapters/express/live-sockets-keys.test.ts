import { createServer } from 'node:http'
import express from 'express'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { listen, openKit } from '../../../test/adapters/site.ts'

const second = 1_000
const minute = 60 * second

/** A site whose sockets need `read:feed`; keys open them and are told what they asked. */
async function setUp() {
  const kit = await openKit()
  onTestFinished(() => kit.close())
  const app = kit.security.protect(express())
  const server = kit.security.upgrade(createServer(app), { permission: 'read:feed' })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (ws) => ws.on('message', (text) => ws.send(`echo ${text}`)))
  const site = await listen(server)
  onTestFinished(() => site.stop())
  const open = async (key: string) => {
    const ws = new WebSocket(`ws://127.0.0.1:${site.port}`, { headers: { 'x-api-key': key } })
    onTestFinished(() => ws.terminate())
    await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject))
    return ws
  }
  const owner = await kit.person('manager')
  const user = { kind: 'user', id: owner.userId } as const
  const make = async (more: object = {}) => {
    const input = { name: 'feed', scopes: ['read:feed'], ...more }
    const made = await kit.security.apiKeys.create(user, input)
    // The poll tells once more of what this node has just changed itself.
    await kit.advance(0)
    return made
  }
  return { kit, open, make, owner }
}

const closed = (ws: WebSocket) =>
  ws.readyState === WebSocket.CLOSED || new Promise((resolve) => ws.once('close', resolve))

async function expectOpen(ws: WebSocket): Promise<void> {
  const answer = new Promise((resolve) => {
    ws.once('message', (text) => resolve(String(text)))
    ws.once('close', () => resolve('closed'))
  })
  ws.send('hello')
  expect(await answer).toBe('echo hello')
}

type Site = Awaited<ReturnType<typeof setUp>>

it.each<[string, (site: Site, keyId: string) => Promise<unknown>]>([
  ['the key is revoked', ({ kit }, id) => kit.security.apiKeys.revoke(id)],
  ['its owner is disabled', ({ kit, owner }) => kit.security.users.disable(owner.userId)],
  ['its owner is locked', ({ kit, owner }) => kit.security.users.lock(owner.userId)],
  ['its owner is erased', ({ kit, owner }) => kit.security.users.erase(owner.userId)],
  [
    'its owner loses the role that it lives on',
    ({ kit, owner }) => kit.security.users.withdrawRole(owner.userId, 'manager'),
  ],
])('rule 19: a live socket of an API key ends when %s', async (what, end) => {
  const site = await setUp()
  const [ends, other] = [await site.make(), await site.make()]
  const [ws, beside] = [await site.open(ends.key), await site.open(other.key)]
  await expectOpen(ws)
  await end(site, ends.apiKey.id)
  await closed(ws)
  if (what === 'the key is revoked') await expectOpen(beside)
  else await closed(beside)
  await expect(site.open(ends.key)).rejects.toThrow(/40[13]/)
})

it('a live socket of an API key ends at the instant at which the key does', async () => {
  const { kit, make, open } = await setUp()
  const { key } = await make({ expiresAt: kit.clock.now() + minute + 30 * second })
  const ws = await open(key)
  await kit.advance(minute + 30 * second - 1)
  await expectOpen(ws)
  await kit.advance(1)
  await closed(ws)
})

it('a live socket of a rotated API key ends with the overlap, and the successor opens its own', async () => {
  const { kit, make, open } = await setUp()
  const old = await make()
  const ws = await open(old.key)
  const next = await kit.security.apiKeys.rotate(old.apiKey.id, { overlapMs: 45 * second })
  await closed(ws)
  await kit.advance(0)
  const [again, other] = [await open(old.key), await open(next.key)]
  await kit.advance(45 * second - 1)
  await expectOpen(again)
  await kit.advance(1)
  await closed(again)
  await expectOpen(other)
})

it('a socket needs the scope that it is opened for', async () => {
  const { make, open } = await setUp()
  const { key } = await make({ scopes: ['read:orders'] })
  await expect(open(key)).rejects.toThrow('403')
})
