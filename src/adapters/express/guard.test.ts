import express from 'express'
import { describe, expect, it } from 'vitest'
import { openControlsBench } from '../../../test/adapters/bench.ts'
import { behindTls, listen, openKit, type Person } from '../../../test/adapters/site.ts'

const bench = openControlsBench()
const { protectedSite, secret } = bench

const invalid = expect.objectContaining({ code: 'guard_invalid' })

describe('a guard', () => {
  it.each(['read', 'read:*', '*', '', 'Read:Orders', 'a:b:'])(
    'for %j is refused where it is written',
    (permission) => {
      expect(() => bench.kit.security.guard(permission)).toThrow(invalid)
    },
  )

  it.each([[[]], [['']], [['manager', 'toString']], [[7 as never]]])(
    'for the roles %j is refused where it is written',
    (anyRole) => {
      expect(() => bench.kit.security.guard({ anyRole })).toThrow(invalid)
    },
  )

  it('for a resource, action or limit that is none is refused where it is written', () => {
    expect(() => bench.kit.security.guard.resource('a b')).toThrow(invalid)
    expect(() => bench.kit.security.rateLimit('general')).toThrow(invalid)
    expect(() => bench.kit.security.rateLimit('toString')).toThrow(invalid)
    const action = expect.objectContaining({ code: 'audit_action_invalid' })
    expect(() => bench.kit.security.guard('read:orders', { audit: 'Not An Action' })).toThrow(
      action,
    )
    expect(() => bench.kit.security.audit('Not An Action')).toThrow(action)
  })

  it('shows in the manifest what it asks for', () => {
    const { guard, manifest } = bench.kit.security
    const app = bench.kit.security.protect(express())
    app.get('/a', guard('read:orders', { within: '5m', level: 2 }), secret)
    app.get('/b', guard.resource('orders', { level: 2, audit: 'orders.read' }), secret)
    app.get('/c', guard({ anyRole: ['manager'] }, { within: '90s' }), secret)
    const policies = manifest(app).filter(({ path }) => /^\/[abc]$/.test(path))
    expect(policies.map(({ policy }) => policy)).toEqual([
      { kind: 'permission', permission: 'read:orders', within: '5m', level: 2 },
      { kind: 'resource', resource: 'orders', level: 2, audit: 'orders.read' },
      { kind: 'roles', anyRole: ['manager'], within: '90s' },
    ])
  })

  it('says in its message how to write it', () => {
    const { guard, rateLimit } = bench.kit.security
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
        () => guard({ anyRole: ['Manager'] }),
        "guard({ anyRole }): 'Manager' is no role: it must be 1 to 64 of a-z, 0-9, _ and -, starting with a letter.",
      ],
      [
        () => rateLimit('export'),
        'rateLimit(\'export\') is not in the option limits.policies. Did you mean "exports"? There are exports',
      ],
      [
        () => guard('read:orders', { within: 300 as never }),
        "guard(..., options): within: write how long with its unit, for example '300s'",
      ],
      [
        () => guard({ anyRole: ['manager'] }, { level: '2' as never }),
        'guard(..., options): level: write 1 (one factor) or 2 (two factors), as a number',
      ],
      [
        () => guard.resource('orders', { witin: '5m' } as never),
        'guard.resource(..., options): there is no option \'witin\'. Did you mean "within"? The options are audit, resource, rows, object, attributes, organisation, within, level',
      ],
      [
        () => guard('read:orders', { audit: 'Export!' }),
        "audit 'Export!': write 1 to 100 of a-z, 0-9, . _ and -, for example orders.export",
      ],
      [
        () => (bench.kit.security.authenticate as unknown as () => void)(),
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
    app.get('/x/:id', bench.kit.security.guard('read:orders'), secret)
    app.get('/y', bench.kit.security.authenticate, secret)
    app.get('/z', bench.kit.security.rateLimit('exports'), secret)
    const site = await bench.open(listen(app))
    for (const path of ['/x/1', '/x/2', '/y', '/y', '/z', '/z']) {
      expect((await site.fetch(path, { headers: bench.manager.bearer })).status).toBe(503)
    }
    const fix =
      'this app is not protected; call security.protect(app), or app.use(security.middleware()) before the routes'
    expect(bench.kit.log).toMatchObject([
      { level: 'error', message: `guard on GET /x/:id: ${fix}` },
      { level: 'error', message: `authenticate on GET /y: ${fix}` },
      { level: 'error', message: `rateLimit('exports') on GET /z: ${fix}` },
    ])
    expect(bench.entered).toEqual([])
  })

  it('behind another handler closes its route, and the log says which one to move', async () => {
    const site = await protectedSite((app) => {
      app.get(
        '/x',
        (_request, _response, next) => next(),
        bench.kit.security.guard('read:orders'),
        secret,
      )
      app.post('/y', secret, bench.kit.security.open())
      app.delete('/z', secret)
    })
    expect((await site.fetch('/x', { headers: bench.manager.bearer })).status).toBe(503)
    const fixes = bench.kit.log.filter(({ message }) => message.includes('states no policy'))
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
    const site = await protectedSite((app) => {
      app.get('/x', bench.kit.security.guard(permission), secret)
    })
    await site.fetch('/x')
    const fix = `give it to a role in access.roles${meant}`
    expect(bench.kit.log).toContainEqual(
      expect.objectContaining({ fields: { method: 'GET', path: '/x', permission, fix } }),
    )
  })

  it('that takes its organisation from no parameter of its path is told of', async () => {
    const { guard } = bench.kit.security
    const site = await protectedSite((app) => {
      app.get('/a/:org', guard('read:orders', { organisation: 'org' }), secret)
      app.get('/b/:id', guard('read:orders', { organisation: 'org' }), secret)
    })
    expect((await site.fetch('/b/acme', { headers: bench.manager.bearer })).status).toBe(404)
    const told = bench.kit.log.filter(({ message }) => message.includes('from no parameter'))
    expect(told).toMatchObject([
      { level: 'error', fields: { path: '/b/:id', organisation: 'org' } },
    ])
  })

  it.each<[object, RegExp]>([
    [{ rows: false }, /rows: write true/],
    [{ object: { id: 1 } }, /object: write a function/],
    [{ attributes: { a: 1 }, rows: true }, /attributes: write a function/],
    [{ attributes: () => ({}) }, /attributes are for rows or object/],
    [{ organisation: '/orgs/:id' }, /organisation: write the name/],
    [{ organisation: 7 }, /organisation: write the name/],
    [{ rows: true, object: () => ({}) }, /write one of them/],
  ])('with the options %j fails where it is written', (options, message) => {
    const { guard } = bench.kit.security
    const written = options as Parameters<typeof guard>[1]
    expect(() => guard('read:orders', written)).toThrow(message)
    expect(() => guard.resource('orders', written)).toThrow(message)
  })

  it('by roles knows neither rows nor objects', () => {
    const { guard } = bench.kit.security
    for (const options of [{ rows: true }, { object: () => ({}) }] as const) {
      expect(() => guard({ anyRole: ['manager'] }, options)).toThrow(/a role has no rows/)
    }
  })

  it('that refuses says what was missing in the log of a development server alone', async () => {
    const production = await openKit({
      ...{ ...behindTls.options, mode: 'production', baseUrl: 'https://app.example.com' },
    })
    for (const own of [bench.kit, production]) {
      const caller = own === production ? await own.person('user') : bench.user
      const site = await protectedSite((app) => {
        app.get('/a', own.security.guard('read:orders'), secret)
        app.get('/b', own.security.guard({ anyRole: ['manager', 'admin'] }), secret)
      }, own)
      own.log.length = 0
      for (const path of ['/a', '/b', '/admin/users/x/roles']) {
        const answer = await site.fetch(path, {
          headers: { ...caller.bearer, ...behindTls.headers },
        })
        expect(answer).toMatchObject({ status: 403, json: { code: 'forbidden' } })
        expect(answer.text).not.toMatch(/orders|manager|security:/)
      }
      const told = own.log.filter(({ message }) => message.startsWith('403'))
      const missing = [
        '403: the caller lacks the permission read:orders',
        '403: the caller has none of the roles manager, admin',
        '403: the caller lacks the permission read:security:roles',
      ]
      expect(told.map(({ message }) => message)).toEqual(own === production ? [] : missing)
    }
    await production.close()
  })

  it('that no role but the super administrator passes is told of once', async () => {
    const site = await protectedSite((app) => {
      app.get('/x', bench.kit.security.guard('write:tasks'), secret)
      app.get('/y', bench.kit.security.guard('wirte:tasks'), secret)
      app.get('/z', bench.kit.security.guard('wirte:tasks'), secret)
    })
    await site.fetch('/x')
    const told = bench.kit.log.filter(({ message }) => message.includes('no role but'))
    expect(told).toMatchObject([
      { level: 'warn', fields: { path: '/y', permission: 'wirte:tasks' } },
    ])
  })

  it('by roles, by session and by resource lets pass whom it names', async () => {
    const { security } = bench.kit
    const site = await protectedSite((app) => {
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
    expect([await status('/roles', bench.manager), await status('/roles', bench.user)]).toEqual([
      200, 403,
    ])
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']
    const byManager = await Promise.all(
      methods.map((method) => status('/tasks', bench.manager, method)),
    )
    expect(byManager).toEqual([200, 200, 200, 200, 200, 403, 403, 403])
    const me = await site.fetch('/me', { headers: bench.user.bearer })
    expect(me.json).toEqual({ same: true, id: bench.user.userId })
  })
})
