import { createServer } from 'node:http'
import { createSecurity } from 'holdfast'
import { listener } from 'holdfast/node'
import { serve } from './control.ts'
import { type HoldfastChoice, holdfastOptions } from './holdfast-options.ts'

const body = JSON.stringify({ id: 'order-1', total: 42 })

/** node:http behind Holdfast's listener. */
await serve<HoldfastChoice>(async (choice) => {
  const security = createSecurity(holdfastOptions(choice))
  await security.ready()
  const guarded = listener(security, (_request, response, { require }) => {
    require('read:orders')
    response.setHeader('content-type', 'application/json')
    response.end(body)
  })
  return { server: createServer(guarded), close: () => security.close() }
})
