import type { AddressInfo } from 'node:net'
import express from 'express'
import { createSecurity } from '../../src/adapters/express/index.ts'
import { silentLogger, systemClock } from '../../src/ports/index.ts'

/** What a webhook node is started with, by IPC. */
export interface WebhookNodeSettings {
  readonly url: string
  readonly masterKey: string
  readonly secret: string
  /** Handlers begin and never end. */
  readonly hang?: boolean
  /** How far this node's clock is off. */
  readonly clockOffsetMs?: number
}

/** What it tells: its port once, and the id of each delivery whose handler begins. */
export type WebhookNodeMessage = { readonly port: number } | { readonly began: string }

/** An app with one webhook, `POST /hook`, as a process of its own. */
process.once('message', (settings: WebhookNodeSettings) => void start(settings))
process.once('disconnect', () => process.exit())

async function start({ clockOffsetMs = 0, hang, masterKey, secret, url }: WebhookNodeSettings) {
  const say = (message: WebhookNodeMessage) => process.send?.(message)
  const security = createSecurity({
    ...{ baseUrl: 'http://localhost:3000', mode: 'development', masterKey, database: url },
    clock: { ...systemClock, now: () => systemClock.now() + clockOffsetMs },
    logger: silentLogger,
  })
  const app = security.protect(express())
  const handler = ({ id }: { readonly id: string }) => {
    say({ began: id })
    return hang ? new Promise<void>(() => {}) : undefined
  }
  app.post('/hook', security.webhook('shopify', { secrets: [secret] }, handler))
  await security.ready()
  const server = app.listen(0, '127.0.0.1')
  server.once('listening', () => say({ port: (server.address() as AddressInfo).port }))
}
