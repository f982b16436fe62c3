import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import express from 'express'
import { serve } from './control.ts'

interface Choice {
  /** Where `/file` reads from. */
  readonly folder?: string
}

/** Express as its guide makes it, with routes that check nothing. */
await serve<Choice>(async ({ folder = '' }) => {
  const app = express()
  app.get('/orders', (_request, response) => {
    response.json({ id: 'order-1', total: 42 })
  })
  app.post('/auth/login', express.json(), (request, response) => {
    response.json({ name: request.body.identifier })
  })
  app.get('/ping', (_request, response) => {
    response.json({ alive: true })
  })
  app.get('/file', async (_request, response) => {
    response.type('json').send(await readFile(join(folder, 'file.json')))
  })
  return { server: app }
})
