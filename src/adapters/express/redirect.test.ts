import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Kit, type Listening, openKit, serve } from '../../../test/adapters/site.ts'

let kit: Kit
let site: Listening

beforeAll(async () => {
  kit = await openKit()
  site = await serve(kit, (app, security) => {
    app.get('/go', security.open(), ({ query }, response) => {
      security.redirect(response, query.to, { allow: ['https://pay.example'], fallback: '/home' })
    })
    app.get('/wrong', security.open(), (_request, response) => {
      security.redirect(response, '/', { allow: ['https://*.example'] })
    })
    app.get('/kept', security.open(), (_request, response) => {
      security.redirect(response, '/x', { status: 308, fallback: 'https://evil.example' })
    })
    app.get('/lost', security.open(), (_request, response) => {
      security.redirect(response, 'x', { fallback: 'https://evil.example' })
    })
  })
})
afterAll(async () => {
  await site?.stop()
  await kit?.close()
})

it.each([
  ['/orders?x=1', '/orders?x=1'],
  ['http://localhost:3000/orders', '/orders'],
  ['https://pay.example/done', 'https://pay.example/done'],
  ['https://pay.example.evil.example/', '/home'],
  ['//evil.example', '/home'],
  ['/\\evil.example', '/home'],
  ['javascript:alert(1)', '/home'],
  ['https://pay.example@evil.example', '/home'],
])('a target that a client chose leads home unless it is allowed: %s', async (to, location) => {
  const { headers, status } = await site.fetch(`/go?to=${encodeURIComponent(to)}`)
  expect([status, headers.get('location')]).toEqual([303, location])
})

it('a target that was sent several times leads nowhere', async () => {
  const { headers, json, status } = await site.fetch('/go?to=/a&to=//evil.example')
  expect([status, json?.code]).toEqual([400, 'invalid_request'])
  expect(headers.get('location')).toBeNull()
})

it('what the app wrote wrongly leads nowhere else', async () => {
  expect(await site.fetch('/wrong')).toMatchObject({
    status: 500,
    json: { code: 'redirect_invalid' },
  })
  expect((await site.fetch('/lost')).headers.get('location')).toBe('/')
  expect((await site.fetch('/kept')).status).toBe(308)
})
