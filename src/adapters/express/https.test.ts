import express from 'express'
import { afterEach, expect, it } from 'vitest'
import {
  behindTls,
  type Kit,
  type Listening,
  listen,
  openKit,
  serve,
} from '../../../test/adapters/site.ts'
import { listener } from '../node/index.ts'

const baseUrl = 'https://shop.example'
const html = { accept: 'text/html' }
const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const kinds = {
  Express: (kit: Kit) =>
    serve(kit, (app, { open }) => {
      app.all('/x', open(), (_request, response) => void response.send('processed'))
    }),
  'node:http': (kit: Kit) =>
    listen(listener(kit.security, (_request, response) => void response.end('processed'))),
}

async function open(name: keyof typeof kinds, options: object = {}): Promise<[Listening, Kit]> {
  const kit = await openKit({ baseUrl, mode: 'production', ...options })
  const site = await kinds[name](kit)
  stops.push(site.stop, kit.close)
  return [site, kit]
}

const names = Object.keys(kinds) as (keyof typeof kinds)[]

it.each(names)('what came in plain reaches no handler: %s', async (name) => {
  const [site] = await open(name)
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const answer = await site.fetch('/x', { method })
    expect(answer).toMatchObject({ status: 403, json: { code: 'https_required' } })
    expect(answer.headers.get('strict-transport-security')).toBeNull()
  }
  const login = await site.fetch('/auth/login', { method: 'POST', body: '{}' })
  expect(login.json?.code).toBe('https_required')
  const page = await site.fetch('/x?a=1', { headers: html })
  expect([page.status, page.headers.get('location')]).toEqual([308, `${baseUrl}/x?a=1`])
  expect((await site.fetch('/healthz')).status).toBe(200)
})

it.each(names)('a trusted proxy says how it came in, a stranger does not: %s', async (name) => {
  const [trusting] = await open(name, behindTls.options)
  const secure = await trusting.fetch('/x', { headers: behindTls.headers })
  expect([secure.status, secure.text]).toEqual([200, 'processed'])
  expect(secure.headers.get('strict-transport-security')).toMatch(/^max-age=/)
  const plain = await trusting.fetch('/x', { headers: { 'x-forwarded-proto': 'http' } })
  expect(plain.status).toBe(403)
  const [wary] = await open(name)
  const forged = await wary.fetch('/x', { headers: { ...behindTls.headers, ...html } })
  expect(forged.status).toBe(403)
})

it('in shadow it is counted and passes, but for our own API', async () => {
  const [site, kit] = await open('Express', { shield: { https: 'shadow' } })
  expect((await site.fetch('/x', { headers: html })).text).toBe('processed')
  expect((await site.fetch('/auth/me')).json?.code).toBe('https_required')
  const { refusals } = await kit.security.shield.report()
  const counted = refusals.filter(({ rule }) => rule === 'https_required')
  expect(counted.map(({ enforced, count }) => [enforced, count]).sort()).toEqual([
    [false, 1],
    [true, 1],
  ])
})

it('where baseUrl is plain nothing is asked', async () => {
  const kit = await openKit()
  const site = await listen(kit.security.protect(express()))
  stops.push(site.stop, kit.close)
  expect((await site.fetch('/auth/me')).status).toBe(401)
})
