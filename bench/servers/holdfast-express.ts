import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import express from 'express'
import { createSecurity } from 'holdfast/express'
import { serve } from './control.ts'
import { type HoldfastChoice, holdfastOptions } from './holdfast-options.ts'

interface Choice extends HoldfastChoice {
  readonly mount: 'protect' | 'middleware'
  /** Whether the route's use is written into the audit record. */
  readonly record?: boolean
}

/** Express behind Holdfast, mounted either way; `/ping` and `/file` are open, for waiting times. */
await serve<Choice>(async (choice) => {
  const security = createSecurity(holdfastOptions(choice))
  const app = express()
  if (choice.mount === 'protect') security.protect(app)
  else app.use(security.middleware())
  const audit = choice.record ? { audit: 'order.read' } : {}
  app.get('/orders', security.guard('read:orders', audit), (_request, response) => {
    response.json({ id: 'order-1', total: 42 })
  })
  app.get('/ping', security.open(), (_request, response) => {
    response.json({ alive: true })
  })
  app.get('/file', security.open(), async (_request, response) => {
    response.type('json').send(await readFile(join(choice.folder, 'file.json')))
  })
  await security.ready()
  return { server: app, close: () => security.close() }
})
