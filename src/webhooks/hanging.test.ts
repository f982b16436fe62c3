import { expect, it } from 'vitest'
import { describeEngines } from '../../test/services/fresh-database.ts'
import {
  defineOn,
  signedRequest,
  type WebhookNode,
  webhookBench,
} from '../../test/webhook-bench.ts'
import { handlersOfOne } from './turns.ts'

const soon = { timeout: 20_000 }

describeEngines('a handler that hangs', (engine) => {
  const bench = webhookBench(engine)

  /** A webhook whose handlers hang, with more deliveries than it may handle at once. */
  async function hangingOn(node: WebhookNode) {
    const released = Promise.withResolvers<void>()
    let begun = 0
    const hang = async () => {
      begun += 1
      await released.promise
    }
    const receiver = defineOn(node, 'standard', hang, { name: 'hangs', timeout: '100s' })
    for (let n = 0; n < handlersOfOne + 2; n++) {
      await receiver.receive(signedRequest('standard', bench.clock.now(), { id: `h_${n}` }))
    }
    return { begun: () => begun, release: released.resolve }
  }

  it('delays deliveries of its own webhook and of no other', async () => {
    const node = bench.node()
    const hanging = await hangingOn(node)
    const seen: string[] = []
    const other = defineOn(node, 'github', ({ id }) => void seen.push(id))
    for (const id of ['g-1', 'g-2']) {
      const body = JSON.stringify({ id })
      await other.receive(signedRequest('github', 0, { id, body }))
    }
    const all = node.deliveries.handleDue()
    await expect.poll(() => seen.length, soon).toBe(2)
    await expect.poll(hanging.begun, soon).toBe(handlersOfOne)
    hanging.release()
    expect(await all).toBe(handlersOfOne + 4)
  })

  it('delays none that comes later, on whichever node', async () => {
    const nodes = [bench.node(0, { jobs: true }), bench.node(1, { jobs: true })] as const
    const seen: string[] = []
    const others = nodes.map((node) => defineOn(node, 'github', ({ id }) => void seen.push(id)))
    const hanging = await hangingOn(nodes[0])
    const until = (what: () => unknown) =>
      expect.poll(async () => {
        await bench.clock.advance(10)
        return what()
      }, soon)
    await until(hanging.begun).toBe(handlersOfOne)
    for (const [n, other] of others.entries()) {
      const id = `g-${n}`
      const body = JSON.stringify({ id })
      await other.receive(signedRequest('github', 0, { id, body }))
    }
    await until(() => seen.length).toBe(2)
    expect(hanging.begun()).toBe(handlersOfOne)
    hanging.release()
    await Promise.all(nodes.map((node) => node.stop()))
  })
})
