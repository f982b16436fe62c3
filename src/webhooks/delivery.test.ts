import { expect, it } from 'vitest'
import { describeEngines } from '../../test/services/fresh-database.ts'
import { defineOn, signedRequest, webhookBench } from '../../test/webhook-bench.ts'
import { customWebhook } from './custom.ts'
import type { WebhookDelivery } from './delivery.ts'
import type { WebhookOutcome } from './receiver.ts'

const depot = { name: 'depot', header: 'x-sig', encoding: 'hex', id: 'x-delivery' } as const

describeEngines('deliveries of webhooks', (engine) => {
  const bench = webhookBench(engine)

  it.each(['shopify', 'github'] as const)(
    'of %s are the same under another id, which nobody signs',
    async (provider) => {
      const receiver = defineOn(bench.node(), provider, () => {})
      const first = signedRequest(provider, 0, { id: 'a-1', topic: 'push' })
      const renamed = signedRequest(provider, 0, { id: 'a-2', topic: 'push' })
      const { [provider === 'github' ? 'x-github-delivery' : 'x-shopify-webhook-id']: _, ...bare } =
        first.headers
      expect((await receiver.receive(first)).status).toBe('accepted')
      expect((await receiver.receive(renamed)).status).toBe('duplicate')
      expect((await receiver.receive({ ...first, headers: bare })).status).toBe('duplicate')
    },
  )

  it.each(['shopify', 'github'] as const)(
    'of %s are the same under another topic, which nobody signs, unless the app has listed it',
    async (provider) => {
      const node = bench.node()
      const seen: (string | undefined)[] = []
      const handler = ({ topic }: WebhookDelivery) => void seen.push(topic)
      const any = defineOn(node, provider, handler)
      const two = defineOn(node, provider, handler, { name: 'two', topics: ['x/1', 'x/2'] })
      const outcomes: string[][] = [[], []]
      for (let n = 0; n < 50; n++) {
        const request = signedRequest(provider, 0, { id: `a-${n}`, topic: `x/${n}` })
        for (const [at, receiver] of [any, two].entries()) {
          outcomes[at]?.push((await receiver.receive(request)).status)
        }
      }
      const taken = outcomes.map((all) => all.filter((status) => status === 'accepted').length)
      expect(taken).toEqual([1, 2])
      expect(await bench.rows()).toHaveLength(3)
      await node.deliveries.handleDue()
      expect(seen.sort()).toEqual(['x/0', 'x/1', 'x/2'])
    },
  )

  it('that name themselves by a number in their signed body are one under any name in a header', async () => {
    const scheme = customWebhook({ ...depot, payloadId: 'id' })
    const receiver = defineOn(bench.node(), scheme, () => {})
    const body = '{"id":4711,"pay":"now"}'
    const outcomes: WebhookOutcome[] = []
    for (let n = 0; n < 20; n++) {
      outcomes.push(await receiver.receive(signedRequest(scheme, 0, { body, id: `d-${n}` })))
    }
    expect(outcomes[0]).toEqual({ status: 'accepted', id: '4711' })
    const again = outcomes.slice(1).map(({ status }) => status)
    expect(again).toEqual(Array.from({ length: 19 }, () => 'duplicate'))
  })

  it.each([
    '{"pay":"now"}',
    '{"id":null}',
    '{"id":4.5}',
    '{"id":["d-1"]}',
    '[{"id":"d-1"}]',
    '{"id":""}',
  ])(
    'that could name themselves in their signed body and do not are told by that body: %s',
    async (body) => {
      const scheme = customWebhook({ ...depot, payloadId: 'id' })
      const receiver = defineOn(bench.node(), scheme, () => {})
      const outcomes: string[] = []
      for (let n = 0; n < 5; n++) {
        const request = signedRequest(scheme, 0, { body, id: `d-${n}` })
        outcomes.push((await receiver.receive(request)).status)
      }
      expect(outcomes).toEqual(['accepted', 'duplicate', 'duplicate', 'duplicate', 'duplicate'])
    },
  )

  it('without any id are told by body and instant', async () => {
    const receiver = defineOn(bench.node(), 'slack', () => {})
    const body = '{"command":"/report"}'
    const first = signedRequest('slack', bench.clock.now(), { body })
    expect((await receiver.receive(first)).status).toBe('accepted')
    expect((await receiver.receive(first)).status).toBe('duplicate')
    await bench.clock.advance(1_000)
    const later = signedRequest('slack', bench.clock.now(), { body })
    expect((await receiver.receive(later)).status).toBe('accepted')
  })
})
