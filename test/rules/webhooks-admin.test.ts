import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Kit, type Listening, openKit, serve } from '../adapters/site.ts'
import { signedRequest, webhookSecret } from '../webhook-bench.ts'

let kit: Kit
let site: Listening
let fails = true

beforeAll(async () => {
  kit = await openKit({
    access: { roles: { watcher: { permissions: ['read:security:webhooks'], inherits: ['user'] } } },
  })
  const options = { secrets: [webhookSecret], attempts: 1 }
  site = await serve(kit, (app, security) => {
    const handler = () => {
      if (fails) throw new Error("O'Brien's CANARY")
    }
    app.post('/hook', security.webhook('github', options, handler))
  })
  for (const id of ['one', 'two', 'three']) {
    const { headers, rawBody } = signedRequest('github', 0, {
      body: `{"n":"${id} CANARY"}`,
      id,
      topic: 'push',
    })
    await site.fetch('/hook', { method: 'POST', headers, body: rawBody })
    await kit.advance(1_000)
  }
  await kit.security.webhooks.handleDue()
})
afterAll(async () => {
  await site.stop()
  await kit.close()
})

const deliveries = '/admin/webhooks/deliveries'

it('deliveries are shown to administrators who may see them, page by page and without payloads', async () => {
  const [watcher, nobody] = [await kit.person('watcher'), await kit.person('user')]
  expect((await site.fetch(deliveries)).status).toBe(401)
  expect((await site.fetch(deliveries, { headers: nobody.bearer })).status).toBe(403)
  const first = await site.fetch(`${deliveries}?state=failed&limit=2`, { headers: watcher.bearer })
  expect(first.json).toMatchObject({
    deliveries: [
      { providerId: 'three', webhook: 'github', topic: 'push', state: 'failed', attempts: 1 },
      { providerId: 'two', error: 'handler_failed', nextAt: null },
    ],
  })
  const rest = await site.fetch(`${deliveries}?limit=2&after=${first.json?.next}`, {
    headers: watcher.bearer,
  })
  expect(rest.json).toMatchObject({ deliveries: [{ providerId: 'one' }], next: null })
  expect(first.text + rest.text).not.toContain('CANARY')
})

it('a delivery is retried by who may write, and recorded; no other is', async () => {
  const [watcher, admin] = [await kit.person('watcher'), await kit.person('super_admin')]
  const [one] = await kit.security.webhooks.list({ limit: 1 })
  const path = `${deliveries}/${one?.id}/retry`
  const post = (at: string, headers: Record<string, string>) =>
    site.fetch(at, { method: 'POST', headers })
  expect((await post(path, watcher.bearer)).status).toBe(403)
  const retried = await post(path, admin.bearer)
  expect([retried.status, retried.json?.state]).toEqual([200, 'waiting'])
  expect((await post(path, admin.bearer)).json).toMatchObject({ code: 'webhook_not_retryable' })
  expect((await post(`${deliveries}/nothing/retry`, admin.bearer)).status).toBe(404)
  fails = false
  expect(await kit.security.webhooks.handleDue()).toBe(1)
  expect(await kit.security.webhooks.get(one?.id ?? '')).toMatchObject({ state: 'done' })
  const rows = await kit.security.parts.ground.database.reader
    .selectFrom('hf_audit')
    .select(['action', 'actor_id'])
    .where('action', 'like', 'webhook.%')
    .execute()
  expect(rows.filter(({ action }) => action === 'webhook.failed')).toHaveLength(3)
  expect(rows.filter(({ action }) => action === 'webhook.retried')).toEqual([
    { action: 'webhook.retried', actor_id: admin.userId },
  ])
})
