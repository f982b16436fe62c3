import { createServer } from 'node:http'
import { PassThrough } from 'node:stream'
import express from 'express'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type Kit, listen, openKit, type Person } from '../../../test/adapters/site.ts'
import type { Auth } from '../../http/index.ts'
import { LiveSockets } from './live-sockets.ts'

const second = 1_000
const minute = 60 * second

/** A site whose sockets need `read:feed` and echo, with sessions of 10 minutes idle, 30 in all. */
async function setUp() {
  const lifetime = { idle: '10m', absolute: '30m' } as const
  const kit = await openKit({ sessions: { body: lifetime, session: lifetime } })
  onTestFinished(() => kit.close())
  const app = kit.security.protect(express())
  app.get('/active', kit.security.authenticate, (_request, response) => void response.send('yes'))
  const server = kit.security.upgrade(createServer(app), { permission: 'read:feed' })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (ws) => ws.on('message', (text) => ws.send(`echo ${text}`)))
  const site = await listen(server)
  onTestFinished(() => site.stop())
  const open = async ({ cookie }: Person) => {
    const ws = new WebSocket(`ws://127.0.0.1:${site.port}`, {
      headers: { ...cookie, origin: 'http://localhost:3000' },
    })
    onTestFinished(() => ws.terminate())
    await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject))
    return ws
  }
  const act = async ({ cookie }: Person) =>
    expect((await site.fetch('/active', { headers: cookie })).status).toBe(200)
  return { kit, open, act }
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

describe('a live socket', () => {
  it('ends at the absolute end of its session, however much the person does', async () => {
    const { act, kit, open } = await setUp()
    const manager = await kit.person('manager')
    const ws = await open(manager)
    for (const ms of [9 * minute, 9 * minute, 9 * minute, 2 * minute + 30 * second]) {
      await kit.advance(ms)
      await act(manager)
      await expectOpen(ws)
    }
    await kit.advance(30 * second - 1)
    await expectOpen(ws)
    await kit.advance(1)
    await closed(ws)
  })

  it('ends with the role that admitted it, and not with another', async () => {
    const { kit, open } = await setUp()
    const [brief, lasting] = [await kit.person('user'), await kit.person('manager')]
    const expiresAt = kit.clock.now() + 20 * second
    await kit.security.users.grantRole(brief.email, 'manager', { expiresAt })
    await kit.security.users.grantRole(lasting.email, 'admin', { expiresAt })
    // The poll tells once more of what this node has just changed itself.
    await kit.advance(0)
    const [ends, stays] = [await open(brief), await open(lasting)]
    await kit.advance(20 * second - 1)
    await expectOpen(ends)
    await kit.advance(1)
    await closed(ends)
    await expectOpen(stays)
    await kit.advance(minute)
    await expectOpen(stays)
  })

  it('rule 19: ends with what the role that admitted it holds, and not with what another does', async () => {
    const { kit, open } = await setUp()
    const { roles, users } = kit.security
    await roles.set('listener', { permissions: ['read:feed'] })
    await roles.set('reader', { permissions: ['read:books'] })
    const [listener, both] = [await kit.person('listener'), await kit.person('listener')]
    for (const role of ['reader', 'manager']) await users.grantRole(both.email, role)
    await kit.advance(0)
    const [ends, stays] = [await open(listener), await open(both)]
    await roles.set('reader', { permissions: ['write:books'] })
    await expectOpen(ends)
    await roles.set('listener', { permissions: ['read:books'] })
    // No time has passed: what told of the change is all that can have ended it.
    await closed(ends)
    await expectOpen(stays)
    await kit.advance(minute)
    await expectOpen(stays)
    await expect(open(listener)).rejects.toThrow('403')
  })

  it('ends within a minute after idle time; its own messages are no activity', async () => {
    const { kit, open } = await setUp()
    const ws = await open(await kit.person('manager'))
    await kit.advance(5 * minute)
    await expectOpen(ws)
    await kit.advance(4 * minute + 30 * second)
    await expectOpen(ws)
    await kit.advance(minute)
    await closed(ws)
  })

  it('stays while its person makes requests', async () => {
    const { act, kit, open } = await setUp()
    const manager = await kit.person('manager')
    const ws = await open(manager)
    for (let round = 0; round < 3; round++) {
      await kit.advance(8 * minute)
      await act(manager)
    }
    await kit.advance(minute)
    await expectOpen(ws)
  })

  it('ends when its security is closed, which leaves no timer', async () => {
    const { kit, open } = await setUp()
    const ws = await open(await kit.person('manager'))
    await kit.security.close()
    await closed(ws)
    await vi.waitFor(() => expect(kit.clock.waiting).toBe(0))
  })
})

describe('the watch over sockets', () => {
  async function callerOf(kit: Kit, { bearer }: Person) {
    const verified = await kit.security.tokens.verify(bearer.authorization.slice('Bearer '.length))
    if (!verified.ok) throw verified.error
    return verified
  }

  /** A caller who was admitted, and a watch that has not heard of her yet. */
  async function admitted(permission?: string) {
    const kit = await openKit()
    onTestFinished(() => kit.close())
    const person = await kit.person('manager')
    const { auth } = await callerOf(kit, person)
    const sockets = new LiveSockets(kit.security)
    const socket = new PassThrough()
    const add = () => sockets.add(socket, { auth, permission, level: 1, anyLevel: false })
    return { kit, person, socket, add }
  }

  it.each<[string, (kit: Kit, person: Person) => Promise<unknown>]>([
    ['the account was disabled', (kit, { email }) => kit.security.users.disable(email)],
    [
      'the role was withdrawn',
      (kit, { email }) => kit.security.users.withdrawRole(email, 'manager'),
    ],
  ])('ends one that comes after %s', async (_what, revoke) => {
    const { add, kit, person, socket } = await admitted('read:feed')
    await revoke(kit, person)
    await add()
    expect(socket.destroyed).toBe(true)
  })

  it('asks about hundreds anew when a role changes, whatever comes meanwhile', async () => {
    const { kit, person } = await admitted()
    const [{ auth }, others] = [await callerOf(kit, person), await kit.person('user')]
    const { auth: other } = await callerOf(kit, others)
    await kit.security.roles.set('listener', { permissions: ['read:feed'] })
    await kit.security.users.grantRole(others.email, 'listener')
    const sockets = new LiveSockets(kit.security)
    const add = async (caller: Auth) => {
      const socket = new PassThrough()
      await sockets.add(socket, {
        auth: caller,
        permission: 'read:feed',
        level: 1,
        anyLevel: false,
      })
      return socket
    }
    const [stay, end] = [[await add(auth)], [await add(other)]]
    for (let n = 0; n < 100; n++) {
      stay.push(await add(auth))
      end.push(await add(other))
    }
    const waiting = kit.clock.waiting
    await kit.security.roles.set('listener', { permissions: ['read:feed', 'read:books'] })
    await kit.security.roles.set('listener', { permissions: ['read:books'] })
    await vi.waitFor(() => expect(end.every((socket) => socket.destroyed)).toBe(true))
    expect(stay.some((socket) => socket.destroyed)).toBe(false)
    await vi.waitFor(() => expect(kit.clock.waiting).toBe(waiting - end.length))
  })

  it('ends what it cannot confirm', async () => {
    const { add, kit, socket } = await admitted()
    await add()
    expect(socket.destroyed).toBe(false)
    const away = () => Promise.reject(new Error('the database is away'))
    vi.spyOn(kit.security.parts.ground.revocations, 'poll').mockImplementation(away)
    kit.clock.advance(minute)
    await vi.waitFor(() => expect(socket.destroyed).toBe(true))
    vi.restoreAllMocks()
  })

  it('keeps one timer a socket, and none for one that is gone', async () => {
    const { add, kit, socket } = await admitted()
    const before = kit.clock.waiting
    await add()
    expect(kit.clock.waiting).toBe(before + 1)
    const gone = new Promise((resolve) => socket.once('close', resolve))
    socket.destroy()
    await gone
    expect(kit.clock.waiting).toBe(before)
    await add()
    expect(kit.clock.waiting).toBe(before)
  })
})
