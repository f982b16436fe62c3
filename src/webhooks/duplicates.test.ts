import { expect, it } from 'vitest'
import { describeEngines } from '../../test/services/fresh-database.ts'
import { defineOn, signedRequest, webhookBench } from '../../test/webhook-bench.ts'

describeEngines('a delivery whose content was taken under another id', (engine) => {
  const bench = webhookBench(engine)
  const body = '{"shop_id":7}'

  function open() {
    const lines: unknown[] = []
    const none = () => {}
    const warn = (message: string, fields?: object) => void lines.push({ message, ...fields })
    const logger = { debug: none, info: none, warn, error: none }
    const receiver = defineOn(bench.node(0, { logger }), 'shopify', () => {})
    const send = async (id: string) =>
      (await receiver.receive(signedRequest('shopify', 0, { body, id }))).status
    return { lines, send }
  }

  it('is told to the log with both ids; a retry under its own is not', async () => {
    const { lines, send } = open()
    expect([await send('w-1'), await send('w-1')]).toEqual(['accepted', 'duplicate'])
    expect(lines).toEqual([])
    expect(await send('w-2')).toBe('duplicate')
    expect(lines).toMatchObject([{ webhook: 'shopify', id: 'w-2', taken: 'w-1' }])
  })

  it('fills no log, however many ids it is sent under', async () => {
    const { lines, send } = open()
    await send('w-1')
    for (let n = 2; n < 12; n++) await send(`w-${n}`)
    expect(lines).toHaveLength(1)
    await bench.clock.advance(60_000)
    await send('w-12')
    expect(lines).toHaveLength(2)
  })
})
