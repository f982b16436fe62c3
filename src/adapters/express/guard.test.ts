import express, { type Express, type RequestHandler } from 'express'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RawClient } from '../../../test/adapters/raw-http.ts'
import {
  type Kit,
  type Listening,
  listen,
  openKit,
  type Person,
  serve,
} from '../../../test/adapters/site.ts'

let kit: Kit
let manager: Person
let user: Person
let entered = 0
const stops: (() => Promise<void>)[] = []

beforeAll(async () => {
  kit = await openKit({
    userProperty: 'user',
    limits: { policies: { exports: { points: 2, window: '1m' } } },
  })
  manager = await kit.person('manager')
  user = await kit.person('user')
})

afterAll(() => kit.close())

beforeEach(() => {
  entered = 0
  kit.log.length = 0
})

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const secret: RequestHandler = (_request, response) => {
  entered += 1
  response.json({ secret: true })
}

async function open(build: (app: Express) => void, own = kit): Promise<Listening> {
  const site = await serve(own, build)
  stops.push(site.stop)
  return site
}

const invalid = expect.objectContaining({ code: 'guard_invalid' })

describe('a guard', () => {
  it.each(['read', 'read:*', '*', '', 'Read:Orders', 'a:b:'])(
    'for %j is refused where it is written',
    (permission) => {
      expect(() => kit.security.guard(permission)).toThrow(invalid)
    },
  )

  it.each([[[]], [['manger']], [['manager', 'toString']]])(
    'for the roles %j is refused where it is written',
    (anyRole) => {
      expect(() => kit.security.guard({ anyRole })).toThrow(invalid)
    },
  )

  it('for a resource, action or limit that is none is refused where it is written', () => {
    expect(() => kit.security.guard.resource('a b')).toThrow(invalid)
    expect(() => kit.security.rateLimit('general')).toThrow(invalid)
    expect(() => kit.security.rateLimit('toString')).toThrow(invalid)
    const action = expect.objectContaining({ code: 'audit_action_invalid' })
    expect(() => kit.security.guard('read:orders', { audit: 'Not An Action' })).toThrow(action)
    expect(() => kit.security.audit('Not An Action')).toThrow(action)
  })

  it('says in its message how to write it', () => {
    const { guard, rateLimit } = kit.security
    const messages: [() => unknown, string][] = [
      [
        () => guard('read-orders'),
        "guard('read-orders'): write action:resource, for example read:orders",
      ],
      [
        () => guard('manager'),
        "guard('manager'): for a role write guard({ anyRole: ['manager'] })",
      ],
      [
        () => guard('read:*'),
        "guard('read:*'): write action:resource, for example read:orders; wildcards are for roles alone",
      ],
      [
        () => guard({ anyRole: ['manger'] }),
        'guard({ anyRole }): there is no role \'manger\'. Did you mean "manager"? The roles are super_admin, admin, manager, user, guest',
      ],
      [
        () => rateLimit('export'),
        'rateLimit(\'export\') is not in the option limits.policies. Did you mean "exports"? There are exports',
      ],
      [
        () => guard('read:orders', { audit: 'Export!' }),
        "audit 'Export!': write 1 to 100 of a-z, 0-9, . _ and -, for example orders.export",
      ],
      [
        () => (kit.security.authenticate as unknown as () => void)(),
        'authenticate is itself the policy: write it without ()',
      ],
      [
        () => (guard('read:orders') as unknown as () => void)(),
        'guard(...) gives the policy: write it without a second ()',
      ],
    ]
    for (const [write, message] of messages) {
      expect(write).toThrow(expect.objectContaining({ message }))
    }
  })

  it('in an app that nobody protects refuses, and says so in the log once', async () => {
    const app = express()
    app.get('/x/:id', kit.security.guard('read:orders'), secret)
    app.get('/y', kit.security.authenticate, secret)
    app.get('/z', kit.security.rateLimit('exports'), secret)
    const site = await listen(app)
    stops.push(site.stop)
    for (const path of ['/x/1', '/x/2', '/y', '/y', '/z', '/z']) {
      expect((await site.fetch(path, { headers: manager.bearer })).status).toBe(503)
    }
    const fix =
      'this app is not protected; call security.protect(app), or app.use(security.middleware()) before the routes'
    expect(kit.log).toMatchObject([
      { level: 'error', message: `guard on GET /x/:id: ${fix}` },
      { level: 'error', message: `authenticate on GET /y: ${fix}` },
      { level: 'error', message: `rateLimit('exports') on GET /z: ${fix}` },
    ])
    expect(entered).toBe(0)
  })

  it('behind another handler closes its route, and the log says which one to move', async () => {
    const site = await open((app) => {
      app.get(
        '/x',
        (_request, _response, next) => next(),
        kit.security.guard('read:orders'),
        secret,
      )
      app.post('/y', secret, kit.security.open())
      app.delete('/z', secret)
    })
    expect((await site.fetch('/x', { headers: manager.bearer })).status).toBe(503)
    const fixes = kit.log.filter(({ message }) => message.includes('states no policy'))
    expect(fixes.map(({ fields }) => fields.fix)).toEqual([
      'guard(...) is handler 2 of GET /x; move it first',
      'open() is handler 2 of POST /y; move it first',
      expect.stringContaining('put guard(...), authenticate or open() first'),
    ])
  })

  it.each([
    ['orders:read', '; did you mean read:orders?'],
    ['wirte:tasks', '; did you mean write:tasks?'],
    ['raed:orders', '; did you mean read:orders?'],
    ['launch:rockets', ''],
  ])('for %s, which no role holds, is told of with the fix', async (permission, meant) => {
    const site = await open((app) => {
      app.get('/x', kit.security.guard(permission), secret)
    })
    await site.fetch('/x')
    const fix = `give it to a role in access.roles${meant}`
    expect(kit.log).toContainEqual(
      expect.objectContaining({ fields: { method: 'GET', path: '/x', permission, fix } }),
    )
  })

  it('that refuses says what was missing in the log of a development server alone', async () => {
    const production = await openKit({ mode: 'production', baseUrl: 'https://app.example.com' })
    for (const own of [kit, production]) {
      const caller = own === kit ? user : await own.person('user')
      const site = await open((app) => {
        app.get('/a', own.security.guard('read:orders'), secret)
        app.get('/b', own.security.guard({ anyRole: ['manager', 'admin'] }), secret)
      }, own)
      own.log.length = 0
      for (const path of ['/a', '/b', '/admin/users/x/roles']) {
        const answer = await site.fetch(path, { headers: caller.bearer })
        expect(answer).toMatchObject({ status: 403, json: { code: 'forbidden' } })
        expect(answer.text).not.toMatch(/orders|manager|security:/)
      }
      const told = own.log.filter(({ message }) => message.startsWith('403'))
      const missing = [
        '403: the caller lacks the permission read:orders',
        '403: the caller has none of the roles manager, admin',
        '403: the caller lacks the permission read:security:roles',
      ]
      expect(told.map(({ message }) => message)).toEqual(own === kit ? missing : [])
    }
    await production.close()
  })

  it('that no role but the super administrator passes is told of once', async () => {
    const site = await open((app) => {
      app.get('/x', kit.security.guard('write:tasks'), secret)
      app.get('/y', kit.security.guard('wirte:tasks'), secret)
      app.get('/z', kit.security.guard('wirte:tasks'), secret)
    })
    await site.fetch('/x')
    const told = kit.log.filter(({ message }) => message.includes('no role but'))
    expect(told).toMatchObject([
      { level: 'warn', fields: { path: '/y', permission: 'wirte:tasks' } },
    ])
  })

  it('by roles, by session and by resource lets pass whom it names', async () => {
    const { security } = kit
    const site = await open((app) => {
      app.get('/roles', security.guard({ anyRole: ['manager', 'admin'] }), secret)
      app.all('/tasks', security.guard.resource('tasks'), secret)
      app.get('/me', security.authenticate, (request, response) => {
        response.json({
          same: (request as { user?: unknown }).user === request.auth,
          id: request.auth?.userId,
        })
      })
    })
    const status = async (path: string, who: Person, method = 'GET') =>
      (await site.fetch(path, { method, headers: who.bearer })).status
    expect([await status('/roles', manager), await status('/roles', user)]).toEqual([200, 403])
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']
    const byManager = await Promise.all(methods.map((method) => status('/tasks', manager, method)))
    expect(byManager).toEqual([200, 200, 200, 200, 200, 403, 403, 403])
    const me = await site.fetch('/me', { headers: user.bearer })
    expect(me.json).toEqual({ same: true, id: user.userId })
  })
})

describe('when something breaks, a guarded route is 503 and never entered:', () => {
  async function breakIt(breaking: (own: Kit) => unknown, fresh = false) {
    const own = await openKit()
    const person = await own.person('manager')
    const site = await open((app) => {
      app.get('/orders', own.security.guard('read:orders'), secret)
    }, own)
    if (!fresh) expect((await site.fetch('/orders', { headers: person.bearer })).status).toBe(200)
    entered = 0
    await breaking(own)
    const answer = await site.fetch('/orders', { headers: person.bearer })
    const cookie = await site.fetch('/orders', { headers: person.cookie })
    await own.close().catch(() => {})
    return [answer, cookie]
  }

  it.each<[string, (own: Kit) => unknown, boolean]>([
    ['the security is closed', (own) => own.security.close(), false],
    [
      'the database is closed and nothing is remembered',
      (own) => own.security.parts.ground.database.close(),
      true,
    ],
    ['revocation cannot be confirmed', (own) => own.clock.advance(60_000), false],
    [
      'a step throws',
      (own) => {
        own.security.parts.surface.quotas.charge = () => {
          throw new TypeError('deliberate')
        }
      },
      false,
    ],
    [
      'the pipeline is gone',
      (own) => {
        own.security.enter = () => {
          throw new Error('deliberate')
        }
      },
      false,
    ],
    [
      'the pipeline rejects',
      (own) => {
        own.security.enter = () => Promise.reject(new Error('deliberate'))
      },
      false,
    ],
  ])('%s', async (_title, breaking, fresh) => {
    for (const answer of await breakIt(breaking, fresh)) {
      expect(answer.status).toBe(503)
      expect(answer.json?.code).toMatch(/^[a-z_]+$/)
      expect(answer.text).not.toContain('deliberate')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
    expect(entered).toBe(0)
  })

  it('the permission check itself', async () => {
    const site = await open((app) => {
      app.use((request, _response, next) => {
        let reads = 0
        const get = () => {
          if (reads++ === 0) throw new Error('deliberate')
          return 'GET'
        }
        Object.defineProperty(request, 'method', { get })
        next()
      })
      app.use('/tasks', kit.security.guard.resource('tasks'), secret)
    })
    const answer = await site.fetch('/tasks', { headers: manager.bearer })
    expect(answer).toMatchObject({ status: 503, json: { code: 'unavailable' } })
    expect(entered).toBe(0)
  })
})

describe('the use of a route', () => {
  async function rows(action: string) {
    await kit.security.parts.ground.audit.flush()
    const found = await kit.security.parts.ground.audit.find({ limit: 500 })
    return found.filter((row) => row.action === action)
  }

  it('is recorded once, with who, what, status and duration', async () => {
    const { security } = kit
    const about = { audit: 'orders.read', resource: () => ({ kind: 'order', id: '7' }) }
    const guard = security.guard('read:orders', about)
    const site = await open((app) => {
      app.use('/orders', guard)
      app.get('/orders', guard, (_request, response) => {
        kit.clock.advance(40)
        response.json({})
      })
    })
    await site.fetch('/orders', { headers: manager.bearer })
    await site.fetch('/orders', { headers: user.bearer })
    await site.fetch('/orders')
    const found = await rows('orders.read')
    const facts = found.map(({ actor_id, outcome, resource_id, status }) => ({
      actor_id,
      outcome,
      resource_id,
      status,
    }))
    expect(facts.sort((a, b) => Number(a.status) - Number(b.status))).toEqual([
      { actor_id: manager.userId, outcome: 'success', resource_id: '7', status: 200 },
      { actor_id: null, outcome: 'refused', resource_id: '7', status: 401 },
      { actor_id: user.userId, outcome: 'refused', resource_id: '7', status: 403 },
    ])
    expect(found.find(({ status }) => status === 200)?.duration_ms).toBeGreaterThanOrEqual(40)
  })

  it('is recorded when the client has gone', async () => {
    let seen = () => {}
    const reached = new Promise<void>((resolve) => {
      seen = resolve
    })
    const site = await open((app) => {
      app.get('/slow', kit.security.open(), kit.security.audit('slow.read'), () => seen())
    })
    const client = await RawClient.open(site.port)
    client.send('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
    await reached
    client.close()
    let found = await rows('slow.read')
    while (found.length === 0) {
      await new Promise((resolve) => setImmediate(resolve))
      found = await rows('slow.read')
    }
    expect(found).toMatchObject([{ status: 499, outcome: 'failure', reason: 'aborted' }])
  })

  it('that names its resource wrongly hurts nobody', async () => {
    const resource = () => {
      throw new Error('deliberate')
    }
    const site = await open((app) => {
      app.get('/x', kit.security.open(), kit.security.audit('x.read', { resource }), secret)
    })
    expect((await site.fetch('/x')).status).toBe(200)
    expect((await site.fetch('/x')).status).toBe(200)
    expect(kit.log.some(({ message }) => message.includes('could not be recorded'))).toBe(true)
  })

  it('stands beside records of the app itself', async () => {
    await kit.security.audit.record({ action: 'report.made' })
    expect(await rows('report.made')).toHaveLength(1)
  })
})

describe('a control of its own:', () => {
  it('rateLimit counts by account, else by client, else by what it is told', async () => {
    const { security } = kit
    const site = await open((app) => {
      app.get('/export', security.open(), security.rateLimit('exports'), secret)
      const key = () => 'everybody'
      app.get('/shared', security.open(), security.rateLimit('exports', { key }), secret)
      const broken = () => {
        throw new Error('deliberate')
      }
      app.get('/broken', security.open(), security.rateLimit('exports', { key: broken }), secret)
    })
    const status = async (path: string, headers = {}) => {
      const answer = await site.fetch(path, { headers })
      if (answer.status === 429)
        expect(answer.json).toMatchObject({ code: 'rate_limited', retryAfter: 60 })
      return answer.status
    }
    expect([await status('/export'), await status('/export'), await status('/export')]).toEqual([
      200, 200, 429,
    ])
    expect(await status('/export', manager.bearer)).toBe(200)
    expect([
      await status('/shared', user.bearer),
      await status('/shared'),
      await status('/shared'),
    ]).toEqual([200, 200, 429])
    expect(await status('/broken')).toBe(503)
  })

  it('rateLimit refuses where Holdfast is not mounted', async () => {
    const app = express().get('/x', kit.security.rateLimit('exports'), secret)
    const site = await listen(app)
    stops.push(site.stop)
    expect((await site.fetch('/x')).status).toBe(503)
  })

  it('headers gives the security headers and a nonce without a database', async () => {
    const { security } = kit
    const app = express()
    app.use(security.headers)
    app.get('/x', (request, response) => void response.json({ nonce: security.nonce(request) }))
    const site = await listen(app)
    stops.push(site.stop)
    const { headers, json } = await site.fetch('/x')
    expect(headers.get('content-security-policy')).toContain(`'nonce-${json?.nonce}'`)
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('x-powered-by')).toBeNull()
    expect(security.headers()).toMatchObject({ 'x-frame-options': 'DENY' })
  })

  it('csrf refuses what browsers send across sites', async () => {
    const app = express()
    app.use(kit.security.csrf)
    app.all('/x', (_request, response) => void response.json({}))
    const site = await listen(app)
    stops.push(site.stop)
    const post = (headers: Record<string, string>) => site.fetch('/x', { method: 'POST', headers })
    expect((await post({ origin: 'https://evil.example' })).json).toMatchObject({
      code: 'csrf_refused',
    })
    expect((await post({ 'sec-fetch-site': 'same-site' })).status).toBe(403)
    expect((await post({ origin: 'http://localhost:3000' })).status).toBe(200)
    expect((await site.fetch('/x', { headers: { origin: 'https://evil.example' } })).status).toBe(
      200,
    )
  })

  it('nonce is the one of the response under protect', async () => {
    const site = await open((app) => {
      app.get('/x', kit.security.open(), (request, response) => {
        response.send(kit.security.nonce(request))
      })
    })
    const { headers, text } = await site.fetch('/x')
    expect(headers.get('content-security-policy')).toContain(`'nonce-${text}'`)
  })
})
