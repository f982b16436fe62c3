import express, { type Express } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RawAnswer, sendRaw } from '../../../test/adapters/raw-http.ts'
import { type Headers, type Row, rows, type Who } from '../../../test/adapters/same-answers.ts'
import {
  type Kit,
  type Listening,
  listen,
  openKit,
  type Person,
} from '../../../test/adapters/site.ts'
import { listener } from '../node/index.ts'
import type { ExpressSecurity } from './index.ts'

let kit: Kit
let people: { readonly manager: Person; readonly user: Person }
const sites = new Map<string, Listening>()

beforeAll(async () => {
  kit = await openKit()
  people = { manager: await kit.person('manager'), user: await kit.person('user') }
  const protect = kit.security.protect(express())
  addRoutes(protect, kit.security)
  const mounted = express()
  mounted.use(kit.security.middleware())
  addRoutes(mounted, kit.security)
  sites.set('protect', await listen(protect))
  sites.set('middleware', await listen(mounted))
  sites.set('node', await listen(nodeApp(kit.security)))
})

afterAll(async () => {
  for (const site of sites.values()) await site.stop()
  await kit.close()
})

describe('protect, middleware and node:http give the same answer to', () => {
  it.each(rows.map((row, at) => [`${at} ${row.who}: ${row.request}`, row] as const))(
    '%s',
    async (_title, row) => {
      const reference = await ask('protect', row)
      expect(reference?.status).toBe(row.status)
      if (row.code) expect(JSON.parse(reference?.body ?? '')).toMatchObject({ code: row.code })
      const others = row.expressOnly ? ['middleware'] : ['middleware', 'node']
      for (const other of others)
        expect(comparable(await ask(other, row))).toEqual(comparable(reference))
    },
  )

  it('each request with headers that name no framework, and forbid sniffing and framing', async () => {
    for (const row of rows) {
      const answer = await ask('protect', row)
      expect(answer?.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      })
      expect(answer?.headers['x-powered-by']).toBeUndefined()
      expect(answer?.body).not.toMatch(/node_modules|at .*\.[jt]s|deliberate/)
    }
  })
})

it('what no route answers is 404, in middleware mode in the words of Express', async () => {
  const mine = await sites.get('protect')?.fetch('/nothing/<b>')
  const theirs = await sites.get('middleware')?.fetch('/nothing/<b>')
  expect(mine?.json).toMatchObject({ status: 404, code: 'not_found' })
  expect(theirs?.status).toBe(404)
})

function ask(
  mode: string,
  { body = '', headers = {}, request, who }: Row,
): Promise<RawAnswer | undefined> {
  const site = sites.get(mode)
  if (!site) throw new Error(mode)
  const sent: Record<string, string> = { host: 'localhost:3000', ...credentials(who), ...headers }
  if (body !== '') sent['content-length'] = String(Buffer.byteLength(body))
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`)
  return sendRaw(site.port, `${request} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

function credentials(who: Who): Headers {
  if (who === 'nobody') return {}
  if (who === 'manager cookie') return people.manager.cookie
  if (who === 'forged')
    return { authorization: `${people.user.bearer.authorization.slice(0, -4)}AAAA` }
  if (who === 'malformed') return { authorization: 'Bearer a b' }
  return people[who].bearer
}

/** Without what differs from one request to the next. */
function comparable(answer: RawAnswer | undefined) {
  const { connection, date, 'keep-alive': _, etag, ratelimit, ...headers } = answer?.headers ?? {}
  const vary = { 'x-request-id': '', 'content-length': '' }
  const csp = headers['content-security-policy']?.replace(/nonce-[\w+/=-]+/g, 'nonce')
  const body = answer?.body.replace(/"requestId":"[^"]*"/, '').replace(/"exp":\d+/, '')
  const length = headers['content-length'] === undefined ? {} : vary
  return {
    status: answer?.status,
    body,
    headers: { ...headers, ...length, 'x-request-id': '', 'content-security-policy': csp },
  }
}

/** Answers the same way in all three apps, so that every difference is ours. */
const type = 'application/json; charset=utf-8'

function addRoutes(app: Express, security: ExpressSecurity): void {
  app.get('/open', security.open(), (_req, res) => void res.json({ open: true }))
  app.get('/me', security.authenticate, (req, res) => void res.json({ level: req.auth?.level }))
  app.get('/orders', security.guard('read:orders'), (_req, res) => void res.json({ orders: [] }))
  app.post(
    '/tasks',
    security.guard('write:tasks'),
    (req, res) => void res.json({ body: req.body ?? null }),
  )
  app.delete('/tasks/:id', security.guard.resource('tasks'), (_req, res) => void res.json({}))
  app.get('/throws', security.open(), () => {
    throw new Error('deliberate')
  })
  app.get('/rejects', security.open(), () => Promise.reject(new Error('deliberate')))
  app.get('/missing-thing', security.open(), (_req, _res, next) => {
    next(Object.assign(new Error('deliberate'), { status: 404 }))
  })
  app.get('/bare', (_req, res) => void res.json({ secret: true }))
  app.use(security.errorHandler())
}

function nodeApp(security: ExpressSecurity) {
  return listener(security, async (_request, response, guarded) => {
    const { method, path } = guarded.exchange
    const route = `${method === 'HEAD' ? 'GET' : method} ${path}`
    const answer = (value: unknown) => {
      const text = JSON.stringify(value)
      response.setHeader('content-type', type).setHeader('content-length', text.length).end(text)
    }
    if (route === 'GET /throws' || route === 'GET /rejects') throw new Error('deliberate')
    if (route === 'GET /open') return answer({ open: true })
    if (route === 'GET /missing-thing')
      throw Object.assign(new Error('deliberate'), { status: 404 })
    if (route === 'GET /me') {
      if (!guarded.auth) guarded.require('read:own')
      return answer({ level: guarded.auth?.level })
    }
    if (route === 'GET /orders') {
      guarded.require('read:orders')
      return answer({ orders: [] })
    }
    if (route === 'POST /tasks') {
      const body = await guarded.body()
      guarded.require('write:tasks')
      return answer({ body: body ?? null })
    }
    guarded.require('delete:tasks')
  })
}
