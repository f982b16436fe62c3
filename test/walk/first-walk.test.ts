import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSecurity, type ExpressSecurity } from '../../src/adapters/express/index.ts'
import { createTestSecurity, type TestSecurity } from '../../src/testing/index.ts'

const password = 'correct horse battery staple 42'
let kit: TestSecurity<ExpressSecurity>
let base = ''
let stop = async () => {}

beforeAll(async () => {
  kit = await createTestSecurity<ExpressSecurity>({}, createSecurity)
  const { security } = kit
  const app = security.protect(express())
  app.get('/api/orders', security.guard('read:orders'), (req, res) => {
    res.json({ userId: req.auth?.userId })
  })
  app.post('/api/orders', security.guard('write:orders'), (req, res) => {
    res.json({ body: req.body, raw: req.rawBody?.toString() })
  })
  app.get('/open', security.open(), (_req, res) => {
    res.send('hello')
  })
  app.get('/bare', (_req, res) => {
    res.send('secret')
  })
  app.use(security.errorHandler())
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  stop = () => new Promise((resolve) => void server.close(() => resolve()))
})

afterAll(async () => {
  await stop()
  await kit.close()
})

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(base + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    json: text ? JSON.parse(text) : undefined,
  }
}

test('a person registers, verifies, signs in, is known, and signs out', async () => {
  const email = 'ada@example.com'
  const registered = await post('/auth/register', { email, password, displayName: "Ada O'Brien" })
  expect(registered).toMatchObject({ status: 202, json: { status: 'accepted' } })

  const early = await post('/auth/login', { email, password, transport: 'body' })
  expect(early.json).toEqual({ status: 'verification_required' })

  await kit.deliverMail()
  const token = kit.mailbox.latestToken(email)
  expect(await post('/auth/verify-email', { token })).toMatchObject({ status: 200 })
  expect(await post('/auth/verify-email', { token })).toMatchObject({
    status: 400,
    json: { code: 'link_invalid' },
  })

  const login = await post('/auth/login', { email, password, transport: 'body' })
  expect(login).toMatchObject({ status: 200, json: { status: 'signed_in' } })
  const bearer = { authorization: `Bearer ${login.json.accessToken}` }
  const me = await fetch(`${base}/auth/me`, { headers: bearer })
  expect(await me.json()).toMatchObject({ user: { email, roles: ['user'] } })

  const refused = await fetch(`${base}/api/orders`, { headers: bearer })
  expect(refused.status).toBe(403)
  await kit.security.users.grantRole(email, 'manager')
  const allowed = await fetch(`${base}/api/orders`, { headers: bearer })
  expect(allowed.status).toBe(200)

  const refreshed = await post('/auth/refresh', { refreshToken: login.json.refreshToken })
  expect(refreshed).toMatchObject({ status: 200 })
  expect(refreshed.json.refreshToken).not.toBe(login.json.refreshToken)

  const out = await post('/auth/logout', {}, bearer)
  expect(out.status).toBe(204)
  const after = await fetch(`${base}/auth/me`, { headers: bearer })
  expect(after.status).toBe(401)
  expect(await after.json()).toMatchObject({ code: 'session_revoked' })
})

test('a route that states no policy answers 503 and nothing else', async () => {
  const response = await fetch(`${base}/bare`)
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ code: 'route_without_policy' })
  expect((await fetch(`${base}/open`)).status).toBe(200)
})
