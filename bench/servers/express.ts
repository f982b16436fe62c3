import { createServer } from 'node:http'
import express from 'express'
import { serve } from './control.ts'

/** Express as its guide makes it, with a route that checks nothing. */
await serve(async () => {
  const app = express()
  app.get('/orders', (_request, response) => {
    response.json({ id: 'order-1', total: 42 })
  })
  return { server: createServer(app) }
})
