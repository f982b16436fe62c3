import { createServer } from 'node:http'
import express from 'express'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import {
  type Kit,
  type Listening,
  listen,
  openKit,
  type Person,
} from '../../../test/adapters/site.ts'
import type { UpgradeRequest } from './index.ts'

let kit: Kit
let member: Person
let stranger: Person
let site: Listening
let acme: string
const opened: WebSocket[] = []

beforeAll(async () => {
  kit = await openKit({ organisations: 'header' })
  member = await kit.person('user')
  stranger = await kit.person('user')
  const { organisations } = kit.security
  acme = (await organisations.create({ name: 'Acme', slug: 'acme', owner: member.userId })).id
  const server = createServer(kit.security.protect(express()))
  kit.security.upgrade(server)
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request: UpgradeRequest, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const { organisation, organisationRoles, roles } = request.auth ?? {}
      ws.send(JSON.stringify({ organisation, organisationRoles, roles }))
    }),
  )
  site = await listen(server)
})

afterAll(async () => {
  for (const socket of opened) socket.terminate()
  await site.stop()
  await kit.close()
})

/** What a socket is told first, or the status of its refusal; and when it is closed. */
async function open({ bearer }: Person, organisation?: string) {
  const named = organisation === undefined ? {} : { 'x-organisation': organisation }
  const headers = { ...bearer, ...named }
  const socket = new WebSocket(`ws://127.0.0.1:${site.port}/`, { headers })
  opened.push(socket)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  const said = await new Promise<unknown>((resolve) => {
    socket.once('message', (text) => resolve(JSON.parse(String(text))))
    socket.once('unexpected-response', (_request, { statusCode }) => resolve(statusCode))
  })
  return { socket, said, closed }
}

it('rule 27: an upgrade is answered in the organisation that it names, or as if that were none', async () => {
  const inside = await open(member, 'acme')
  expect(inside.said).toMatchObject({ organisation: acme })
  expect(inside.said).toMatchObject({ roles: ['user'], organisationRoles: ['organisation_owner'] })
  inside.socket.terminate()
  expect((await open(stranger, 'acme')).said).toBe(404)
  expect((await open(member, 'nothing')).said).toBe(404)
  const outside = await open(stranger)
  expect(outside.said).toEqual({ roles: ['user'] })
  outside.socket.terminate()
})

it.each([
  ['it is closed', (id: string) => kit.security.organisations.close(id)],
  [
    'it demands another network',
    (id: string) => kit.security.organisations.setPolicy(id, { ipRanges: ['192.0.2.0/24'] }),
  ],
  [
    'its member is removed',
    (id: string) => kit.security.organisations.removeMember(id, stranger.userId),
  ],
])('rule 27: a socket in an organisation ends when %s', async (name, end) => {
  const { organisations } = kit.security
  const slug = name.replaceAll(' ', '-')
  const { id } = await organisations.create({ name, slug, owner: member.userId })
  await organisations.addMember(id, { userId: stranger.userId })
  const there = await open(stranger, slug)
  expect(there.said).toMatchObject({ organisation: id })
  await end(id)
  await there.closed
  expect((await open(stranger, slug)).said).not.toMatchObject({ organisation: id })
})

it('a socket in an organisation ends with the proof that its policy asks for', async () => {
  const { organisations } = kit.security
  const { id } = await organisations.create({ name: 'Old', slug: 'old', owner: member.userId })
  await organisations.setPolicy(id, { sessionMaxMs: 300_000 })
  const { closed, said } = await open(member, 'old')
  expect(said).toMatchObject({ organisation: id })
  await kit.advance(300_000 + 60_000)
  await closed
})
