import { expect, it } from 'vitest'
import { describeEngines } from '../../test/services/fresh-database.ts'
import { defineOn, signedRequest, webhookBench, webhookSecret } from '../../test/webhook-bench.ts'
import type { WebhookDelivery } from './delivery.ts'

const minute = 60_000
const day = 86_400_000
const canary = "O'Brien’s CANARY-4711 日本"

describeEngines('deliveries of webhooks', (engine) => {
  const bench = webhookBench(engine)

  it('are handled once each, with their very bytes', async () => {
    const node = bench.node()
    const seen: WebhookDelivery[] = []
    const receiver = defineOn(node, 'shopify', (delivery) => void seen.push(delivery))
    const body = `{ "note": "${canary}", "price": 1.0 }`
    const request = signedRequest('shopify', 0, { body, id: 'w-1', topic: 'orders/create' })
    const told = { ...request.headers, 'x-shopify-shop-domain': 'a.myshopify.com' }
    const outcome = await receiver.receive({ ...request, headers: told })
    expect(outcome).toEqual({ status: 'accepted', id: 'w-1' })
    expect(seen).toEqual([])
    expect(await node.deliveries.handleDue()).toBe(1)
    expect(await node.deliveries.handleDue()).toBe(0)
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      ...{ provider: 'shopify', name: 'shopify', id: 'w-1', topic: 'orders/create', attempt: 1 },
      payload: { note: canary, price: 1 },
      receivedAt: bench.clock.now(),
      headers: { 'x-shopify-shop-domain': 'a.myshopify.com' },
    })
    expect(seen[0]?.rawBody.toString()).toBe(body)
  })

  it('lie sealed until they are done, and leave no payload behind', async () => {
    const node = bench.node()
    const receiver = defineOn(node, 'github', () => {})
    await receiver.receive(signedRequest('github', 0, { body: `{"note":"${canary}"}`, id: 'g-1' }))
    const [waiting] = await bench.rows()
    expect(waiting?.sealed).toMatch(/^hf1\./)
    expect(JSON.stringify(waiting)).not.toContain('CANARY')
    expect(JSON.stringify(waiting)).not.toContain(Buffer.from('CANARY').toString('base64url'))
    await node.deliveries.handleDue()
    expect((await bench.rows())[0]).toMatchObject({
      state: 'done',
      sealed: null,
      lease_owner: null,
    })
  })

  it('that come again are taken once, on whichever node', async () => {
    const [one, other] = [bench.node(0), bench.node(1)]
    let handled = 0
    const receivers = [one, other].map((node) => defineOn(node, 'stripe', () => void handled++))
    const request = signedRequest('stripe', bench.clock.now())
    expect((await receivers[0]?.receive(request))?.status).toBe('accepted')
    expect((await receivers[1]?.receive(request))?.status).toBe('duplicate')
    await one.deliveries.handleDue()
    expect((await receivers[1]?.receive(request))?.status).toBe('duplicate')
    await bench.clock.advance(60 * minute)
    const again = signedRequest('stripe', bench.clock.now())
    expect((await receivers[0]?.receive(again))?.status).toBe('duplicate')
    await other.deliveries.handleDue()
    expect(handled).toBe(1)
  })

  it('of two webhooks of one provider do not meet', async () => {
    const node = bench.node()
    const request = signedRequest('stripe', bench.clock.now())
    const one = defineOn(node, 'stripe', () => {})
    const other = defineOn(node, 'stripe', () => {}, { name: 'stripe-connect' })
    expect((await one.receive(request)).status).toBe('accepted')
    expect((await other.receive(request)).status).toBe('accepted')
  })

  it('of a hundred at once with one id, one is taken, round after round', async () => {
    const nodes = [bench.node(0), bench.node(1)] as const
    const receivers = nodes.map((node) => defineOn(node, 'standard', () => {}))
    for (let round = 0; round < 20; round++) {
      const id = `msg_${round}`
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          receivers[n % 2]?.receive(signedRequest('standard', bench.clock.now(), { id })),
        ),
      )
      const taken = outcomes.filter((outcome) => outcome?.status === 'accepted')
      const again = outcomes.filter((outcome) => outcome?.status === 'duplicate')
      expect([taken.length, again.length]).toEqual([1, 99])
    }
  })

  it('that fail are tried again ever more slowly, then given up, recorded, and retried by hand', async () => {
    const node = bench.node()
    let fails = true
    const attempts: number[] = []
    const handler = ({ attempt }: WebhookDelivery) => {
      attempts.push(attempt)
      if (fails) throw new Error(canary)
    }
    const receiver = defineOn(node, 'standard', handler, { attempts: 3 })
    await receiver.receive(signedRequest('standard', bench.clock.now(), { id: 'msg_1' }))
    const pauses: number[] = []
    for (let n = 0; n < 3; n++) {
      await node.deliveries.handleDue()
      const [row] = await bench.rows()
      pauses.push((row?.next_at ?? 0) - bench.clock.now())
      await bench.clock.advance(Math.max(0, pauses.at(-1) ?? 0))
    }
    expect(attempts).toEqual([1, 2, 3])
    expect(pauses[1]).toBeGreaterThan(pauses[0] ?? 0)
    const [row] = await bench.rows()
    expect(row).toMatchObject({ state: 'failed', attempts: 3, error_code: 'handler_failed' })
    expect(JSON.stringify(row)).not.toContain('CANARY')
    expect(bench.recorded.map(({ name }) => name)).toEqual(['webhook.failed'])
    await bench.clock.advance(day)
    expect(await node.deliveries.handleDue()).toBe(0)
    fails = false
    const actor = { kind: 'user', id: 'admin-1' } as const
    expect(await node.webhooks.retry(row?.id ?? '', { actor })).toMatchObject({ state: 'waiting' })
    expect(await node.deliveries.handleDue()).toBe(1)
    expect(bench.recorded[1]).toMatchObject({ name: 'webhook.retried', actor })
    await expect(node.webhooks.retry(row?.id ?? '')).rejects.toMatchObject({
      code: 'webhook_not_retryable',
    })
    await expect(node.webhooks.retry('nothing')).rejects.toMatchObject({
      code: 'webhook_delivery_not_found',
    })
  })

  it('in the hands of a node at work are left alone, and taken over when it has died', async () => {
    const [dying, other] = [bench.node(0), bench.node(1)]
    const taken = Promise.withResolvers<void>()
    let handled = 0
    const hanging = () => {
      taken.resolve()
      return new Promise<void>(() => {})
    }
    const receiver = defineOn(dying, 'standard', hanging, { timeout: '100s' })
    defineOn(other, 'standard', () => void handled++)
    await receiver.receive(signedRequest('standard', bench.clock.now(), { id: 'msg_1' }))
    const hung = dying.deliveries.handleDue()
    await taken.promise
    await bench.clock.advance(99_000)
    expect(await other.deliveries.handleDue()).toBe(0)
    const [row] = await bench.rows()
    expect(row?.attempts).toBe(1)
    await bench.clock.advance(1_000)
    await hung
    expect((await bench.rows())[0]).toMatchObject({ error_code: 'handler_timeout' })
    await bench.clock.advance(2 * minute)
    expect(await other.deliveries.handleDue()).toBe(1)
    expect(handled).toBe(1)
  })

  it('are handled by one of many nodes that look at once', async () => {
    const nodes = [bench.node(0), bench.node(1), bench.node(0), bench.node(1)]
    const seen: string[] = []
    const receivers = nodes.map((node) =>
      defineOn(node, 'standard', ({ id }) => void seen.push(id)),
    )
    for (let n = 0; n < 40; n++) {
      await receivers[0]?.receive(signedRequest('standard', bench.clock.now(), { id: `m_${n}` }))
    }
    await Promise.all(nodes.map(({ deliveries }) => deliveries.handleDue()))
    expect(seen).toHaveLength(40)
    expect(new Set(seen).size).toBe(40)
  })

  it('wait for a node that knows their webhook', async () => {
    const [knowing, strange] = [bench.node(0), bench.node(1)]
    let handled = 0
    const receiver = defineOn(knowing, 'standard', () => void handled++)
    defineOn(strange, 'standard', () => {}, { name: 'other' })
    await receiver.receive(signedRequest('standard', bench.clock.now(), { id: 'msg_1' }))
    expect(await strange.deliveries.handleDue()).toBe(0)
    expect(await knowing.deliveries.handleDue()).toBe(1)
    expect(handled).toBe(1)
  })

  it('are remembered for as long as a provider may send them again, and then forgotten', async () => {
    const node = bench.node()
    const receiver = defineOn(
      node,
      'standard',
      ({ id }) => {
        if (id === 'bad') throw new Error('no')
      },
      { attempts: 1 },
    )
    for (const id of ['good', 'bad']) {
      await receiver.receive(signedRequest('standard', bench.clock.now(), { id }))
    }
    await node.deliveries.handleDue()
    await receiver.receive(signedRequest('standard', bench.clock.now(), { id: 'waits' }))
    await bench.clock.advance(7 * day - 1)
    await node.deliveries.sweep()
    expect(await bench.rows()).toHaveLength(3)
    await bench.clock.advance(1)
    await node.deliveries.sweep()
    expect((await bench.rows()).map(({ state }) => state)).toEqual(['waiting'])
  })

  it('are listed newest first, page by page, without their payloads, and counted', async () => {
    const node = bench.node()
    const receiver = defineOn(
      node,
      'standard',
      ({ id }) => {
        if (id === 'm_0') throw new Error('no')
      },
      { attempts: 1 },
    )
    for (let n = 0; n < 5; n++) {
      await receiver.receive(signedRequest('standard', bench.clock.now(), { id: `m_${n}` }))
      await bench.clock.advance(1_000)
      if (n === 2) await node.deliveries.handleDue()
    }
    const first = await node.webhooks.list({ limit: 3 })
    const last = first.at(-1)
    const after = { at: last?.receivedAt ?? 0, id: last?.id ?? '' }
    const rest = await node.webhooks.list({ limit: 3, after })
    expect([...first, ...rest].map(({ providerId }) => providerId)).toEqual([
      'm_4',
      'm_3',
      'm_2',
      'm_1',
      'm_0',
    ])
    expect(Object.keys(first[0] ?? {})).not.toContain('sealed')
    expect(await node.webhooks.list({ limit: 3, state: 'failed' })).toMatchObject([
      { providerId: 'm_0' },
    ])
    expect(await node.webhooks.list({ limit: 3, webhook: 'none' })).toEqual([])
    expect(await node.webhooks.depth()).toMatchObject({ waiting: 2, failed: 1 })
    expect(await node.webhooks.get(last?.id ?? '')).toEqual(last)
  })

  it('of a topic nobody asks for are answered and forgotten', async () => {
    const receiver = defineOn(bench.node(), 'shopify', () => {}, { topics: ['orders/create'] })
    const other = signedRequest('shopify', 0, { id: 'w-9', topic: 'carts/update' })
    expect(await receiver.receive(other)).toEqual({ status: 'ignored', id: 'w-9' })
    expect(await bench.rows()).toEqual([])
  })

  it('are verified and no more when the webhook is inline', async () => {
    const { webhooks } = bench.node()
    const options = { secrets: [webhookSecret], mode: 'inline' } as const
    const receiver = webhooks.define('stripe', options)
    const request = signedRequest('stripe', bench.clock.now())
    expect(await receiver.receive(request)).toMatchObject({
      status: 'verified',
      delivery: { id: 'evt_1', payload: { id: 'evt_1' } },
    })
    expect(await bench.rows()).toEqual([])
  })
})
