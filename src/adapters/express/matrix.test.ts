import type { Express, Request } from 'express'
import { beforeAll, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { ordersAccess } from '../../../test/adapters/orders.ts'
import type { Listening } from '../../../test/adapters/site.ts'

const bench = openBench({ access: ordersAccess })

/** Everybody who calls: each system role, roles of the app, members of an organisation, and keys. */
const callers = [
  ...['nobody', 'super_admin', 'admin', 'manager', 'user', 'guest', 'clerk', 'auditor'],
  ...['owner', 'member', 'key', 'wide key'],
] as const
type Caller = (typeof callers)[number]

const headers = new Map<Caller, Record<string, string>>()

beforeAll(async () => {
  const { kit } = bench
  headers.set('nobody', {})
  for (const role of [
    'super_admin',
    'admin',
    'manager',
    'user',
    'guest',
    'clerk',
    'auditor',
  ] as const) {
    headers.set(role, (await kit.person(role)).bearer)
  }
  const [owner, member] = [await kit.person('user'), await kit.person('user')]
  headers.set('owner', owner.bearer).set('member', member.bearer)
  const { apiKeys, organisations } = kit.security
  const { id } = await organisations.create({ name: 'Acme', slug: 'acme', owner: owner.userId })
  await organisations.addMember(id, { userId: member.userId })
  const { userId } = await kit.person('admin')
  const key = async (scopes: readonly string[]) => {
    const made = await apiKeys.create({ kind: 'user', id: userId }, { name: 'x', scopes })
    return { 'x-api-key': made.key }
  }
  headers.set('key', await key(['read:orders']))
  headers.set('wide key', await key(['read:*', 'write:*', 'delete:*']))
})

function routes(look: (app: Express) => void = () => {}): Promise<Listening> {
  const { authenticate, guard, open } = bench.kit.security
  const { secret } = bench
  const object = ({ query }: Request) => ({ owner_id: String(query.of), status: 'open' })
  return bench.protectedSite((app) => {
    look(app)
    app.get('/open', open(), secret)
    app.get('/me', authenticate, secret)
    app.get('/enrol', authenticate.anyLevel, secret)
    app.get('/orders', guard('read:orders'), secret)
    app.get('/filtered', guard('read:orders', { rows: true, audit: 'orders.list' }), (q, r, n) => {
      q.auth?.rows('read:orders')
      secret(q, r, n)
    })
    app.get('/object', guard('read:orders', { object }), secret)
    app.put('/object', guard.resource('orders', { object }), secret)
    app.get('/roles', guard({ anyRole: ['manager', 'admin'] }), secret)
    app.get('/recent', guard('read:orders', { within: '5m' }), secret)
    app.get('/strong', guard('read:orders', { level: 2 }), secret)
    app.all('/tasks', guard.resource('tasks'), secret)
    app.get('/in/:org/orders', guard('read:orders', { organisation: 'org' }), secret)
    app.get(
      '/in/:org/roles',
      guard({ anyRole: ['organisation_owner'] }, { organisation: 'org' }),
      secret,
    )
    app.get('/bare', secret)
    app.use('/below', guard('delete:tasks'))
    app.get('/below/it', secret)
  })
}

/**
 * Written by hand from the words of the roles, in the order of `callers`. A request of `ALL` stands once
 * for each action.
 */
const expected: Readonly<Record<string, readonly [string, string]>> = {
  // nobody sup adm man use gue cle aud own mem key wide; keys made by code are of level 2.
  'GET /open': ['/open', '200 200 200 200 200 200 200 200 200 200 200 200'],
  'GET /me': ['/me', '401 200 200 200 200 200 200 200 200 200 403 403'],
  'GET /enrol': ['/enrol', '401 200 200 200 200 200 200 200 200 200 403 403'],
  'GET /orders': ['/orders', '401 200 200 200 403 403 403 403 403 403 200 200'],
  'GET /filtered': ['/filtered', '401 200 200 200 403 403 200 200 403 403 200 200'],
  'GET /object': ['/object?of=x', '401 200 200 200 403 403 404 200 403 403 200 200'],
  'PUT /object': ['/object?of=x', '401 200 200 403 403 403 404 403 403 403 403 200'],
  'GET /roles': ['/roles', '401 403 200 200 403 403 403 403 403 403 403 403'],
  'GET /recent': ['/recent', '401 200 200 200 403 403 403 403 403 403 403 403'],
  'GET /strong': ['/strong', '401 401 401 401 403 403 403 403 403 403 200 200'],
  'ALL /tasks GET': ['/tasks', '401 200 200 200 403 403 403 403 403 403 403 200'],
  'ALL /tasks POST': ['/tasks', '401 200 200 200 403 403 403 403 403 403 403 200'],
  'ALL /tasks DELETE': ['/tasks', '401 200 200 403 403 403 403 403 403 403 403 200'],
  'ALL /tasks PROPFIND': ['/tasks', '401 403 403 403 403 403 403 403 403 403 403 403'],
  'GET /in/:org/orders': ['/in/acme/orders', '401 404 404 404 404 404 404 404 200 403 404 404'],
  'GET /in/:org/roles': ['/in/acme/roles', '401 404 404 404 404 404 404 404 200 403 404 404'],
  'GET /bare': ['/bare', '503 503 503 503 503 503 503 503 503 503 503 503'],
  'USE /below': ['/below', '401 404 404 403 403 403 403 403 403 403 403 404'],
  'GET /below/it': ['/below/it', '401 200 200 403 403 403 403 403 403 403 403 200'],
}

function methodOf(row: string): string {
  const [method = '', , one] = row.split(' ')
  return one ?? (method === 'USE' ? 'GET' : method)
}

it('every route of the manifest answers every role as its words say', async () => {
  const site = await routes()
  for (const [row, [path, statuses]] of Object.entries(expected)) {
    const got: Record<string, number> = {}
    const wanted: Record<string, number> = {}
    for (const [at, caller] of callers.entries()) {
      bench.entered.length = 0
      const init = { method: methodOf(row), headers: headers.get(caller) ?? {} }
      got[caller] = (await site.fetch(path, init)).status
      wanted[caller] = Number(statuses.split(' ')[at])
      expect(bench.entered.length, `${row} as ${caller}`).toBe(got[caller] === 200 ? 1 : 0)
    }
    expect(got, row).toEqual(wanted)
  }
})

it('the table has every route, and the routes every kind and term of a guard', async () => {
  let built: Express | undefined
  await routes((app) => {
    built = app
  })
  if (!built) throw new Error('there is no app')
  const entries = bench.kit.security.manifest(built)
  const listed = new Set(entries.map(({ method, path }) => `${method} ${path}`))
  const rows = Object.keys(expected).map((row) => row.split(' ').slice(0, 2).join(' '))
  expect(new Set(rows)).toEqual(listed)
  const kinds = new Set(entries.map(({ policy }) => policy?.kind))
  expect(kinds).toEqual(
    new Set(['open', 'signed-in', 'permission', 'resource', 'roles', undefined]),
  )
  const terms = new Set(entries.flatMap(({ policy }) => Object.keys(policy ?? {})))
  for (const term of ['rows', 'object', 'organisation', 'audit', 'within', 'level', 'anyLevel']) {
    expect(terms).toContain(term)
  }
})
