import { createServer, request as httpRequest } from 'node:http'
import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { RawClient } from '../../../test/adapters/raw-http.ts'
import {
  type Kit,
  type Listening,
  listen,
  openKit,
  type Person,
} from '../../../test/adapters/site.ts'
import type { UpgradeRequest } from './index.ts'

let kit: Kit
let manager: Person
let user: Person
let site: Listening
let heard: string[] = []

beforeAll(async () => {
  kit = await openKit({ cors: { origins: ['https://spa.example'], credentials: true } })
  manager = await kit.person('manager')
  user = await kit.person('user')
  const server = createServer(kit.security.protect(express()))
  kit.security.upgrade(server, { permission: 'read:feed' })
  for (const path of ['/one', '/two']) {
    const sockets = new WebSocketServer({ noServer: true })
    server.on('upgrade', (request: UpgradeRequest, socket, head) => {
      heard.push(`${path} ${request.url}`)
      if (request.url !== path) return
      sockets.handleUpgrade(request, socket, head, (ws) => {
        ws.send(
          JSON.stringify({
            path,
            userId: request.auth?.userId,
            offered: request.headers['sec-websocket-protocol'],
          }),
        )
        ws.on('message', (text) => ws.send(`echo ${text}`))
      })
    })
  }
  site = await listen(server)
})

afterAll(async () => {
  await site.stop()
  await kit.close()
})

/** The session behind somebody's cookie has proven a second factor. */
async function prove({ cookie }: Person): Promise<void> {
  const { sessionId } = (await site.fetch('/auth/me', { headers: cookie })).json ?? {}
  const { ground, rooms } = kit.security.parts
  await ground.database.transaction(async (trx) => {
    await ground.revocations.announce(trx, { kind: 'session', id: String(sessionId) })
    await rooms.sessions.noteProof(trx, String(sessionId), { factors: ['otp'] })
  })
}

interface Attempt {
  readonly headers?: Record<string, string>
  readonly protocols?: string[]
  readonly to?: Listening
}

/** The first message and the socket, or the status and code of the refusal. */
function connect(path: string, { headers = {}, protocols = [], to = site }: Attempt = {}) {
  const ws = new WebSocket(`ws://127.0.0.1:${to.port}${path}`, protocols, { headers })
  return new Promise<{
    ws: WebSocket
    message?: Record<string, unknown>
    status?: number
    code?: unknown
  }>((resolve) => {
    ws.on('error', () => {})
    ws.once('message', (text) => resolve({ ws, message: JSON.parse(String(text)) }))
    ws.once('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () =>
        resolve({ ws, status: response.statusCode ?? 0, code: JSON.parse(body).code }),
      )
    })
  })
}

describe('a WebSocket', () => {
  it('is refused to a stranger, to a forged token and without the permission; no listener hears of it', async () => {
    heard = []
    expect(await connect('/one')).toMatchObject({ status: 401, code: 'authentication_required' })
    const forged = { authorization: `${manager.bearer.authorization.slice(0, -4)}AAAA` }
    expect(await connect('/one', { headers: forged })).toMatchObject({
      status: 401,
      code: 'token_invalid',
    })
    expect(await connect('/one', { headers: user.bearer })).toMatchObject({
      status: 403,
      code: 'forbidden',
    })
    expect(heard).toEqual([])
  })

  it('is opened with a token, by the listener it was meant for, and knows its caller', async () => {
    for (const path of ['/one', '/two']) {
      const { message, ws } = await connect(path, { headers: manager.bearer })
      expect(message).toMatchObject({ path, userId: manager.userId })
      const echoed = new Promise((resolve) => ws.once('message', (text) => resolve(String(text))))
      ws.send('hello')
      expect(await echoed).toBe('echo hello')
      ws.terminate()
    }
  })

  it('with a cookie is opened from our own and from allowed origins only', async () => {
    const from = (origin: string) => connect('/one', { headers: { ...manager.cookie, origin } })
    expect(await from('https://evil.example')).toMatchObject({ status: 403, code: 'csrf_refused' })
    expect(await from('null')).toMatchObject({ status: 403, code: 'csrf_refused' })
    const site = { ...manager.cookie, 'sec-fetch-site': 'cross-site' }
    expect(await connect('/one', { headers: site })).toMatchObject({ status: 403 })
    for (const origin of ['http://localhost:3000', 'https://spa.example']) {
      const { message, ws } = await from(origin)
      expect(message).toMatchObject({ userId: manager.userId })
      ws.terminate()
    }
  })

  it('takes a token as a subprotocol, which nobody else sees', async () => {
    const token = manager.bearer.authorization.slice('Bearer '.length)
    const { message, ws } = await connect('/one', { protocols: ['app', `bearer.${token}`] })
    expect(message).toMatchObject({ userId: manager.userId, offered: 'app' })
    expect(ws.protocol).toBe('app')
    ws.terminate()
    const twice = await connect('/one', { protocols: [`bearer.${token}`, 'bearer.x'] })
    expect(twice).toMatchObject({ status: 401, code: 'token_invalid' })
  })

  it('ends with its session, and when anything about its user changes', async () => {
    for (const end of [
      () => kit.security.users.grantRole(manager.email, 'guest'),
      () => kit.security.users.disable(manager.email),
    ]) {
      const { ws } = await connect('/one', { headers: manager.bearer })
      const closed = new Promise((resolve) => ws.once('close', resolve))
      await end()
      await closed
    }
    expect(await connect('/one', { headers: manager.bearer })).toMatchObject({ status: 401 })
    await kit.security.users.enable(manager.email)
    manager = await kit.person('manager')
  })

  it('is for our own paths never', async () => {
    const { status } = await connect('/auth/me', { headers: manager.bearer })
    expect(status).toBeGreaterThanOrEqual(200)
    expect(heard.filter((line) => line.includes('/auth'))).toEqual([])
  })

  it('that breaks while it is being decided, or after a refusal, does not end the process', async () => {
    const head = (more = '') =>
      `GET /one HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`
    for (let round = 0; round < 20; round++) {
      const client = await RawClient.open(site.port)
      client.send(head(round % 2 ? `Authorization: ${manager.bearer.authorization}\r\n` : ''))
      client.socket.resetAndDestroy()
    }
    const { message, ws } = await connect('/one', { headers: manager.bearer })
    expect(message).toMatchObject({ userId: manager.userId })
    ws.terminate()
  })
})

describe('a server', () => {
  it('of app.listen asks for a session by itself, and for what upgrade() says', async () => {
    const app = kit.security.protect(express())
    const server = app.listen(0, '127.0.0.1')
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (ws) => ws.send('{"open":true}'))
    const own = await listen(server)
    expect(await connect('/', { to: own })).toMatchObject({ status: 401 })
    const admitted = await connect('/', { to: own, headers: user.bearer })
    expect(admitted.message).toEqual({ open: true })
    kit.security.upgrade(server, { permission: 'read:feed' })
    expect(await connect('/', { to: own, headers: user.bearer })).toMatchObject({ status: 403 })
    kit.security.upgrade(server, { permission: 'public' })
    const stranger = await connect('/', { to: own })
    expect(stranger.message).toEqual({ open: true })
    admitted.ws.terminate()
    stranger.ws.terminate()
    await own.stop()
  })

  it('without a permission is refused below the level that policy demands of the account; public is not', async () => {
    const strict = await openKit({ mfa: { roles: ['manager'] } })
    const low = await strict.person('user')
    await strict.security.users.grantRole(low.userId, 'manager')
    const statusOf = async (options: { permission?: string }) => {
      const server = createServer(strict.security.protect(express()))
      strict.security.upgrade(server, options)
      const sockets = new WebSocketServer({ noServer: true })
      server.on('upgrade', (request: UpgradeRequest, socket, head) => {
        sockets.handleUpgrade(request, socket, head, (ws) => ws.send('hello'))
      })
      const listening = await listen(server)
      const ws = new WebSocket(`ws://127.0.0.1:${listening.port}/`, { headers: low.bearer })
      const status = await new Promise((resolve) => {
        ws.on('error', () => {})
        ws.once('message', () => resolve(101))
        ws.once('unexpected-response', (_request, response) => resolve(response.statusCode))
      })
      ws.terminate()
      await listening.stop()
      return status
    }
    expect(await statusOf({})).toBe(401)
    expect(await statusOf({ permission: 'public' })).toBe(101)
    await strict.close()
  })

  it('refuses CONNECT, which is no request of anybody', async () => {
    const server = kit.security.upgrade(createServer(), { permission: 'public' })
    const tunnels: string[] = []
    server.on('connect', (request) => tunnels.push(request.url ?? ''))
    const own = await listen(server)
    const status = await new Promise((resolve, reject) => {
      const options = { port: own.port, host: '127.0.0.1', method: 'CONNECT', path: 'internal:80' }
      httpRequest(options)
        .on('connect', (response, socket) => {
          socket.destroy()
          resolve(response.statusCode)
        })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(400)
    expect(tunnels).toEqual([])
    await own.stop()
  })

  it('with a level and an age is opened by a proof that has both', async () => {
    const person = await kit.person('manager')
    const server = createServer()
    kit.security.upgrade(server, { permission: 'read:feed', within: '5m', level: 2 })
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (ws) => ws.send('{"open":true}'))
    const own = await listen(server)
    const open = (who: Person) => connect('/', { to: own, headers: who.cookie })
    expect(await open(user)).toMatchObject({ status: 403, code: 'forbidden' })
    expect(await open(person)).toMatchObject({ status: 401, code: 'step_up_required' })
    await prove(person)
    const { message, ws } = await open(person)
    expect(message).toEqual({ open: true })
    ws.terminate()
    await kit.advance(5 * 60_000 + 1)
    expect(await open(person)).toMatchObject({ status: 401, code: 'step_up_required' })
    await own.stop()
  })

  it('is told at once of options that are none', () => {
    const guarding = (options: object) => () => kit.security.upgrade(createServer(), options)
    const invalid = expect.objectContaining({ code: 'guard_invalid' })
    expect(guarding({ permission: 'read:feed', within: 5 })).toThrow(invalid)
    expect(guarding({ permission: 'public', level: 2 })).toThrow(invalid)
    expect(guarding({ permision: 'read:feed' })).toThrow(invalid)
  })

  it('is told at once of a permission that is none', () => {
    const wrong = () => kit.security.upgrade(createServer(), { permission: 'feed' })
    expect(wrong).toThrow(expect.objectContaining({ code: 'guard_invalid' }))
  })
})
