import { createServer } from 'node:http'
import { serve } from './control.ts'

const body = JSON.stringify({ id: 'order-1', total: 42 })

/** node:http with a listener that answers and checks nothing. */
await serve(async () => ({
  server: createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(body)
  }),
}))
