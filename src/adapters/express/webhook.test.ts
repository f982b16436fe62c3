import { connect, type Socket } from 'node:net'
import express, { type Express } from 'express'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Kit, type Listening, listen, openKit } from '../../../test/adapters/site.ts'
import { signedRequest, webhookSecret } from '../../../test/webhook-bench.ts'
import type { WebhookDelivery, WebhookOptions } from '../../webhooks/index.ts'
import { readsAtOnce } from '../node/unverified.ts'

const secrets = [webhookSecret]
const patience = { timeout: 20_000 }
const body = `{"id":7,"title":"O'Brien's “Café” 日本 -- ' OR 1=1","big":"${'x'.repeat(20_000)}","a.b":1,"$set":2}`

let kit: Kit
let site: Listening
let seen: WebhookDelivery[]

beforeEach(async () => {
  kit = await openKit({ limits: { general: { points: 3 } }, body: { json: '10kb' } })
  seen = []
})
afterEach(async () => {
  await site?.stop()
  await kit.close()
})

function addWebhook(app: Express, options: Partial<WebhookOptions> = {}): void {
  const handler = (delivery: WebhookDelivery) => void seen.push(delivery)
  app.post('/webhook/shopify', kit.security.webhook('shopify', { secrets, ...options }, handler))
}

async function serve(add: (app: Express) => void = addWebhook): Promise<void> {
  const app = kit.security.protect(express())
  add(app)
  app.use(kit.security.errorHandler())
  site = await listen(app)
}

function deliver(id: string, { path = '/webhook/shopify', sent = body, headers = {} } = {}) {
  const request = signedRequest('shopify', 0, { body, id, topic: 'orders/create' })
  const init = { method: 'POST', headers: { ...request.headers, ...headers }, body: sent }
  return site.fetch(path, init)
}

/** A delivery whose body never ends. */
function slowDelivery(port: number): Socket {
  const head = 'POST /webhook/shopify HTTP/1.1\r\nhost: localhost\r\ncontent-length: 900\r\n\r\n{'
  const socket = connect(port, '127.0.0.1', () => socket.write(head))
  return socket.on('error', () => {})
}

describe('a webhook of an app', () => {
  it('answers at once and handles afterwards, beyond the bounds of other bodies', async () => {
    await serve()
    const { json, status } = await deliver('w-1')
    expect([status, json]).toEqual([200, { status: 'accepted' }])
    await kit.security.webhooks.handleDue()
    expect(seen).toMatchObject([{ id: 'w-1', topic: 'orders/create' }])
    expect(seen[0]?.rawBody.toString()).toBe(body)
    expect(seen[0]?.payload).toEqual(JSON.parse(body))
    expect((await deliver('w-1')).json).toEqual({ status: 'duplicate' })
    await kit.security.webhooks.handleDue()
    expect(seen).toHaveLength(1)
  })

  it('is itself the policy of its route', async () => {
    await serve()
    const app = kit.security.protect(express())
    app.post(
      '/stripe',
      kit.security.webhook('stripe', { secrets }, () => {}),
    )
    expect(kit.security.manifest(app)).toMatchObject([
      { method: 'POST', path: '/stripe', policy: { kind: 'webhook', provider: 'stripe' } },
    ])
  })

  it('refuses what was not signed, was rewritten, is too large or of another kind', async () => {
    await serve((app) => addWebhook(app, { maxBytes: '30kb' }))
    const refused = async (change: Parameters<typeof deliver>[1]) => {
      const { json, status } = await deliver('w-1', change)
      return `${status} ${json?.code}`
    }
    expect(await refused({ headers: { 'x-shopify-hmac-sha256': 'x' } })).toBe(
      '401 webhook_signature_invalid',
    )
    expect(await refused({ sent: JSON.stringify(JSON.parse(body), null, 1) })).toBe(
      '401 webhook_signature_invalid',
    )
    expect(await refused({ sent: 'x'.repeat(31_000) })).toBe('413 body_too_large')
    expect(await refused({ headers: { 'content-type': 'text/plain' } })).toBe(
      '415 unsupported_media_type',
    )
    expect(await kit.security.webhooks.list({ limit: 9 })).toEqual([])
  })

  it('tells the log of each refusal, with request, webhook, code and cause, and no signature', async () => {
    await serve((app) => addWebhook(app))
    kit.log.length = 0
    const forged = Buffer.alloc(32, 7).toString('base64')
    const { json } = await deliver('w-1', { headers: { 'x-shopify-hmac-sha256': forged } })
    await deliver('w-1', { headers: { 'x-shopify-hmac-sha256': '' } })
    const told = kit.log.filter(({ message }) => message === 'a webhook delivery was refused')
    const common = { method: 'POST', refusal: 'webhook_signature_invalid' }
    expect(told.map(({ fields }) => fields)).toMatchObject([
      { ...common, requestId: json?.requestId, cause: expect.stringMatching(/^no secret/) },
      { ...common, cause: expect.stringMatching(/^the headers of the signature/) },
    ])
    expect(JSON.stringify(told)).not.toContain(forged)
  })

  it('is no page: other methods are none of its own', async () => {
    await serve((app) => {
      app.all(
        '/hook',
        kit.security.webhook('github', { secrets }, () => {}),
      )
    })
    expect((await site.fetch('/hook')).status).toBe(405)
  })

  it('takes its own path in any spelling that the router takes', async () => {
    await serve((app) => {
      const hook = kit.security.webhook('shopify', { secrets }, () => {})
      app.post('/hooks/:shop', hook)
    })
    expect((await deliver('w-1', { path: '/Hooks/a/' })).status).toBe(200)
    expect((await deliver('w-2', { path: '/hooks/b?x=1' })).json).toEqual({ status: 'duplicate' })
  })

  it('costs a provider nothing of the quota of strangers, however many it sends', async () => {
    await serve()
    for (let n = 0; n < 10; n++) expect((await deliver(`w-${n}`)).status).toBe(200)
    expect((await site.fetch('/nowhere')).status).toBe(404)
  })

  it('counts what bears no right signature, and takes the genuine from the same address all the same', async () => {
    await serve()
    const forged = { headers: { 'x-shopify-hmac-sha256': 'x' } }
    for (let n = 0; n < 100; n++) expect((await deliver('w', forged)).status).toBe(401)
    expect((await deliver('w', forged)).json).toMatchObject({ code: 'rate_limited' })
    expect((await deliver('w', { sent: 'x'.repeat(2_000_000) })).status).toBe(429)
    expect((await deliver('w-1')).json).toEqual({ status: 'accepted' })
    expect((await deliver('w-1')).json).toEqual({ status: 'duplicate' })
  })

  it('counts what is signed and cannot be taken as well, and takes what can be all the same', async () => {
    await serve()
    const twice = '{"a":1,"a":2}'
    const genuine = signedRequest('shopify', 0, { body: twice, id: 'w-1' })
    const init = { method: 'POST', headers: genuine.headers, body: twice }
    for (let n = 0; n < 100; n++) {
      expect((await site.fetch('/webhook/shopify', init)).status).toBe(400)
    }
    expect((await site.fetch('/webhook/shopify', init)).status).toBe(429)
    const odd = { headers: { 'content-type': 'text/plain' } }
    expect((await deliver('w-2', odd)).status).toBe(429)
    expect((await deliver('w-3')).json).toEqual({ status: 'accepted' })
  })

  it('reads few bodies of a client at once, and the others when their turn has come', async () => {
    let [arrived, left] = [0, 0]
    const app = express()
    app.use((_request, response, next) => {
      arrived += 1
      response.on('close', () => {
        left += 1
      })
      next()
    })
    app.use(kit.security.middleware())
    addWebhook(app)
    site = await listen(app)
    const slow = Array.from({ length: readsAtOnce }, () => slowDelivery(site.port))
    try {
      await expect.poll(() => arrived, patience).toBe(readsAtOnce)
      let answered = false
      const waiting = deliver('w-1').finally(() => {
        answered = true
      })
      await expect.poll(() => arrived, patience).toBe(readsAtOnce + 1)
      for (let n = 0; n < 20; n++) await site.fetch('/nowhere')
      expect(answered).toBe(false)
      slow[0]?.destroy()
      expect((await waiting).json).toEqual({ status: 'accepted' })
    } finally {
      for (const socket of slow) socket.destroy()
      await expect.poll(() => left, patience).toBe(arrived)
    }
  })

  it('counts bodies that are too large as well', async () => {
    await serve((app) => addWebhook(app, { maxBytes: '1kb' }))
    for (let n = 0; n < 100; n++) expect((await deliver('w')).status).toBe(413)
    expect((await deliver('w')).status).toBe(429)
  })

  it('takes no quota and no parser away from routes that stand before it', async () => {
    await serve((app) => {
      app.post('/hooks/list', kit.security.open(), (request, response) => {
        response.json({ body: request.body ?? null })
      })
      app.post(
        '/hooks/:shop',
        kit.security.webhook('shopify', { secrets }, () => {}),
      )
    })
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    }
    for (let n = 0; n < 3; n++) {
      expect((await site.fetch('/hooks/list', init)).json).toEqual({ body: { a: 1 } })
    }
    expect((await site.fetch('/hooks/list', init)).status).toBe(429)
  })

  it('answers 503 and is asked again when the delivery cannot be written down', async () => {
    await serve()
    const { webhookDeliveries } = kit.security.parts.rooms
    const enqueue = webhookDeliveries.enqueue.bind(webhookDeliveries)
    webhookDeliveries.enqueue = () => Promise.reject(new Error('gone'))
    expect((await deliver('w-1')).status).toBe(503)
    webhookDeliveries.enqueue = enqueue
    expect((await deliver('w-1')).json).toEqual({ status: 'accepted' })
  })

  it('hands a verified delivery to the next handler when it is inline', async () => {
    await serve((app) => {
      const inline = kit.security.webhook('shopify', { secrets, mode: 'inline' })
      app.post('/webhook/shopify', inline, (request, response) => {
        const { id, topic } = request.webhook ?? {}
        const raw = request.rawBody?.toString() === body
        response.json({ id, topic, raw, title: request.body.id })
      })
    })
    const told = { id: 'w-1', topic: 'orders/create', raw: true, title: 7 }
    expect((await deliver('w-1')).json).toEqual(told)
    expect((await deliver('w', { sent: '{}' })).status).toBe(401)
  })
})

describe('raw bytes', () => {
  it('survive a parser behind protect()', async () => {
    await serve((app) => {
      app.use(express.json({ limit: '5mb' }), express.text({ type: '*/*', limit: '5mb' }))
      addWebhook(app)
    })
    expect((await deliver('w-1')).json).toEqual({ status: 'accepted' })
  })

  it('are kept by middleware() that stands before the parser', async () => {
    const app = express()
    app.use(kit.security.middleware(), express.json({ limit: '5mb' }))
    addWebhook(app)
    site = await listen(app)
    expect((await deliver('w-1')).json).toEqual({ status: 'accepted' })
  })

  it.each(['json', 'urlencoded', 'text'] as const)(
    'are lost behind express.%s(): an app with webhooks does not serve',
    async (parser) => {
      const app = express()
      app.use(express[parser](), kit.security.middleware())
      app.get('/', kit.security.open(), (_request, response) => void response.send('hello'))
      addWebhook(app)
      site = await listen(app)
      expect((await site.fetch('/')).json).toMatchObject({ code: 'webhook_raw_body_lost' })
      const told = kit.log
        .filter(({ level }) => level === 'error')
        .map(({ fields }) => String(fields.error))
      expect(told.join()).toContain('Mount security.middleware() first')
    },
  )

  it('lost in a way nobody could see are 503, never taken from what a parser made of them', async () => {
    const app = express()
    const parse = express.json({ limit: '5mb' })
    app.use((request, response, next) => parse(request, response, next), kit.security.middleware())
    addWebhook(app)
    site = await listen(app)
    const { headers } = signedRequest('shopify', 0, { body: '{"id":7}', id: 'w-1' })
    const init = { method: 'POST', headers, body: '{"id":7}' }
    const { json } = await site.fetch('/webhook/shopify', init)
    expect(json).toMatchObject({ code: 'webhook_raw_body_lost' })
  })

  it('without Holdfast before it, a webhook takes nothing', async () => {
    const app = express()
    addWebhook(app)
    site = await listen(app)
    expect((await deliver('w-1')).status).toBe(503)
  })
})
