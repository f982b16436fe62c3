import { beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { ordersAccess } from '../../../test/adapters/orders.ts'
import type { Listening, Person } from '../../../test/adapters/site.ts'

const bench = openBench({ access: ordersAccess, shield: { access: 'shadow' } })
let clerk: Person
beforeAll(async () => {
  clerk = await bench.kit.person('clerk')
})

function openSite(): Promise<Listening> {
  const { guard } = bench.kit.security
  const orders: Record<string, object> = {
    mine: { owner_id: clerk.userId, status: 'open' },
    others: { owner_id: 'somebody', status: 'open' },
  }
  const object = ({ params }: { params: Record<string, unknown> }) => orders[String(params.id)]
  return bench.protectedSite((app) => {
    app.get('/role', guard({ anyRole: ['admin'] }), bench.secret)
    app.get('/plain', guard('read:reports'), bench.secret)
    app.get('/proof', guard('read:reports', { level: 2 }), bench.secret)
    app.all('/resource', guard.resource('orders'), bench.secret)
    app.delete('/orders/:id', guard('delete:orders', { object }), bench.secret)
  })
}

async function told(): Promise<readonly string[]> {
  const { refusals } = await bench.kit.security.shield.report()
  return refusals.map(({ count, enforced, rule }) => `${count} ${rule} ${enforced}`).sort()
}

describe('permissions in shadow', () => {
  it('are counted by role or permission, once a guard, and everything else refuses', async () => {
    const site = await openSite()
    const ask = (path: string, init: RequestInit = {}) =>
      site.fetch(path, { headers: clerk.bearer, ...init })
    expect((await ask('/role')).status).toBe(200)
    expect((await ask('/plain')).status).toBe(200)
    expect((await ask('/plain', { headers: {} })).status).toBe(401)
    expect((await ask('/proof')).json).toMatchObject({ code: 'step_up_required' })
    expect((await ask('/resource', { method: 'PROPFIND' })).status).toBe(403)
    const remove = (id: string) => ask(`/orders/${id}`, { method: 'DELETE' })
    expect((await remove('mine')).status).toBe(200)
    expect((await remove('others')).status).toBe(404)
    expect((await remove('nowhere')).status).toBe(404)
    expect(bench.entered).toEqual([clerk.userId, clerk.userId, clerk.userId])
    expect(await told()).toEqual([
      '1 forbidden delete:orders false',
      '1 forbidden read:reports false',
      '1 forbidden read:reports false',
      '1 forbidden role admin false',
    ])
  })

  it('do not widen what an API key was made for', async () => {
    const site = await openSite()
    const { key } = await bench.kit.security.apiKeys.create(
      { kind: 'user', id: clerk.userId },
      { name: 'orders', scopes: ['read:orders'] },
    )
    const { status } = await site.fetch('/plain', { headers: { 'x-api-key': key } })
    expect(status).toBe(403)
    expect(await told()).toContain('1 forbidden read:reports true')
  })

  it('write no refusal of theirs into the record', async () => {
    const { ground, rooms } = bench.kit.security.parts
    await rooms.access.refusals.flush(ground.database)
    const found = await ground.audit.find({ limit: 500, action: 'access.refused' })
    expect(found.every(({ actor_kind }) => actor_kind === 'api_key')).toBe(true)
  })
})
