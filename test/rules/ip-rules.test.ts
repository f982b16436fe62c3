import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sendRaw } from '../adapters/raw-http.ts'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'

const office = '192.0.2.7'
const stranger = '198.51.100.9'
let site: Site
let admin: Readonly<Record<string, string>>

beforeAll(async () => {
  site = await openSite({}, (app, security) => {
    app.get('/internal/report', security.open(), (_req, res) => void res.send('report'))
    app.get('/manage', security.open(), security.ipRules('admin'), (_req, res) => {
      res.send('managed')
    })
    const own = security.ipRules({ allow: ['192.0.2.0/24'], deny: ['192.0.2.66'] })
    app.get('/vault', security.open(), own, (_req, res) => void res.send('gold'))
  })
  await site.security.users.create({
    ...{ email: 'root@example.com', password: goodPassword, roles: ['admin'] },
  })
  const { json } = await site.login('root@example.com', goodPassword)
  admin = { authorization: `Bearer ${json.accessToken}` }
})
afterAll(() => site.close())
beforeEach(async () => {
  for (const { id } of (await site.security.ipRules.list()).rules) {
    if (id !== null) await site.security.ipRules.remove(id)
  }
})

const statusOf = async (path: string, client: string) => (await site.get(path, from(client))).status
const call = (method: string, path: string, body?: unknown) =>
  site.request(method, path, {
    headers: { ...admin, ...from(office), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

describe('an address that is denied', () => {
  it('reaches nothing, from the next request on, until the rule ends', async () => {
    expect(await statusOf('/open', stranger)).toBe(200)
    const expiresAt = site.clock.now() + 60_000
    await site.security.ipRules.add({ action: 'deny', range: '198.51.100.0/24', expiresAt })
    for (const path of ['/open', '/nowhere', '/auth/me', '/account/sign-in', '/healthz']) {
      expect([path, await statusOf(path, stranger)]).toEqual([path, 403])
    }
    expect(await statusOf('/open', office)).toBe(200)
    expect(await statusOf('/open', '::ffff:198.51.100.9')).toBe(403)
    await site.advance(60_000)
    expect(await statusOf('/open', stranger)).toBe(200)
  })

  it('is told so, with nothing of the rule', async () => {
    await site.security.ipRules.add({ action: 'deny', range: stranger }, { reason: 'scans us' })
    const { headers, json, text } = await site.get('/open', from(stranger))
    expect(json).toMatchObject({ status: 403, code: 'address_refused' })
    expect(text).not.toMatch(/scans|198/)
    expect(headers.get('content-security-policy')).toContain('default-src')
  })

  it('spends nobody’s quota and is asked for no credential', async () => {
    await site.security.ipRules.add({ action: 'deny', range: stranger })
    const answer = await site.get('/api/orders', { ...from(stranger), ...admin })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('ratelimit')).toBeNull()
  })

  it('believes no header of the client beyond the trusted proxies', async () => {
    await site.security.ipRules.add({ action: 'deny', range: stranger })
    expect(await statusOf('/open', `${office}, ${stranger}`)).toBe(403)
  })
})

describe('a part that is for some addresses alone', () => {
  it('is the administration with scope admin, and the routes that the app marks', async () => {
    await site.security.ipRules.add({ action: 'allow', range: '192.0.2.0/24', scope: 'admin' })
    for (const path of ['/admin/users', '/admin/nowhere', '/manage']) {
      expect([path, await statusOf(path, stranger)]).toEqual([path, 403])
    }
    expect(await statusOf('/manage', office)).toBe(200)
    expect(await statusOf('/admin/users', office)).toBe(401)
    expect(await statusOf('/open', stranger)).toBe(200)
  })

  it('is what belongs to accounts with scope auth', async () => {
    await site.security.ipRules.add({ action: 'allow', range: '192.0.2.0/24', scope: 'auth' })
    expect((await site.login('root@example.com', goodPassword, stranger)).status).toBe(403)
    expect(await statusOf('/account/sign-in', stranger)).toBe(403)
    expect((await site.login('root@example.com', goodPassword, office)).status).toBe(200)
  })

  it('is one route with rules of its own', async () => {
    const statuses = ['192.0.2.7', '192.0.2.66', stranger, '2001:db8::1'].map((client) =>
      statusOf('/vault', client),
    )
    expect(await Promise.all(statuses)).toEqual([200, 403, 403, 403])
  })

  it.each([
    ...['/internal/report', '/INTERNAL/report', '//internal/report', '/internal//report'],
    ...['/internal/report/', '/internal;x/report', '/internal./report', '/%69nternal/report'],
    ...['/internal%2freport', '/x/../internal/report', '/./internal/report', '/internal%5creport'],
    ...[
      '/internal/report%00',
      '/internal/%2e/report',
      '/%2569nternal/report',
      '\\internal\\report',
    ],
    ...['http://evil.example/internal/report', 'http://evil.example//Internal/report'],
  ])('is a path of the app, however it is spelt: %s', async (target) => {
    await site.security.ipRules.add({ action: 'allow', range: '192.0.2.0/24', scope: '/internal' })
    const port = Number(new URL(site.base).port)
    const head = `GET ${target} HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: ${stranger}\r\n`
    const answer = await sendRaw(port, `${head}connection: close\r\n\r\n`)
    expect([400, 403]).toContain(answer?.status)
    expect(JSON.stringify(answer)).not.toContain('report"')
    expect(await statusOf('/internal/report', office)).toBe(200)
  })
})

describe('administrators', () => {
  it('make, see, ask and end rules over HTTP', async () => {
    const made = await call('POST', '/admin/ip-rules', {
      ...{ action: 'deny', range: '198.51.100.0/24', reason: 'scans us' },
    })
    expect([made.status, made.json]).toMatchObject([
      201,
      { scope: 'all', range: '198.51.100.0/24' },
    ])
    expect(await statusOf('/open', stranger)).toBe(403)
    const asked = await call('GET', `/admin/ip-rules/check?address=${stranger}`)
    expect(asked.json.scopes[0]).toMatchObject({
      ...{ scope: 'all', allowed: false, why: 'denied', rule: { id: made.json.id } },
    })
    expect((await call('GET', '/admin/ip-rules')).json.rules).toEqual([made.json])
    const path = `/admin/ip-rules/${made.json.id}`
    expect((await call('DELETE', path, { reason: 'over' })).status).toBe(204)
    expect((await call('DELETE', path, { reason: 'over' })).json.code).toBe('ip_rule_not_found')
    expect(await statusOf('/open', stranger)).toBe(200)
  })

  it('bring many in at once, and hear which line is wrong', async () => {
    const order = {
      action: 'deny',
      reason: 'a list',
      lines: ['198.51.100.0/24', '203.0.113.1 # x'],
    }
    expect((await call('POST', '/admin/ip-rules/import', order)).json).toEqual({
      ...{ added: 2, renewed: 0 },
    })
    const wrong = { ...order, lines: ['198.51.100.1', '1.2.3'] }
    expect((await call('POST', '/admin/ip-rules/import', wrong)).json).toMatchObject({
      ...{ status: 400, code: 'ip_rule_invalid', errors: [{ pointer: '#/body/lines/1' }] },
    })
    expect(await statusOf('/open', '203.0.113.1')).toBe(403)
  })

  it('do not lock themselves out unawares', async () => {
    const order = { action: 'deny', range: '192.0.2.0/24', reason: 'all of us' }
    const refused = await call('POST', '/admin/ip-rules', order)
    expect([refused.status, refused.json.code]).toEqual([409, 'ip_rule_locks_you_out'])
    expect(await statusOf('/open', office)).toBe(200)
    expect((await call('POST', '/admin/ip-rules', { ...order, force: true })).status).toBe(201)
    expect(await statusOf('/open', office)).toBe(403)
  })

  it('give a reason, and prove themselves first', async () => {
    const rule = { action: 'deny', range: '203.0.113.1' }
    expect((await call('POST', '/admin/ip-rules', rule)).status).toBe(400)
    expect((await call('POST', '/admin/ip-rules', { ...rule, reason: '  ' })).status).toBe(400)
    const stepUps = site.security.routes.filter(({ method, path }) => {
      return path.startsWith('/admin/ip-rules') && method !== 'GET'
    })
    expect(stepUps.map(({ stepUp }) => stepUp)).toEqual([true, true, true])
  })

  it('are those who hold the permission, and nobody else', async () => {
    const somebody = await site.signUp('somebody@example.com')
    const answer = await site.get('/admin/ip-rules', { ...somebody.bearer })
    expect([answer.status, answer.json.code]).toEqual([403, 'forbidden'])
    expect((await site.get('/admin/ip-rules')).status).toBe(401)
  })
})
