import express, { type Express, Router } from 'express'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Kit, type Listening, listen, openKit } from '../../../test/adapters/site.ts'
import { signedRequest, webhookSecret } from '../../../test/webhook-bench.ts'

const body = JSON.stringify({ id: 7, big: 'x'.repeat(900_000) })
const points = 3

let kit: Kit
let site: Listening

beforeEach(async () => {
  kit = await openKit({ limits: { general: { points } }, body: { json: '10kb' } })
})
afterEach(async () => {
  await site?.stop()
  await kit.close()
})

const hook = () => kit.security.webhook('shopify', { secrets: [webhookSecret] }, () => {})

/** Statuses of as many deliveries as the quota has points, and of one more. */
async function statuses(path: string, headers: Record<string, string> = {}): Promise<number[]> {
  const all: number[] = []
  for (let n = 0; n <= points; n++) all.push((await deliver(path, `w-${n}`, headers)).status)
  return all
}

function deliver(path: string, id: string, headers: Record<string, string> = {}) {
  const request = signedRequest('shopify', 0, { body, id })
  return site.fetch(path, { method: 'POST', headers: { ...request.headers, ...headers }, body })
}

async function serve(app: Express, add: (app: Express) => void): Promise<void> {
  kit.security.protect(app)
  add(app)
  site = await listen(app)
}

/** What is left of the quota of strangers. */
async function remaining(): Promise<number> {
  return (await kit.security.limits.peek('general', '127.0.0.1')).remaining
}

describe('the quota of strangers', () => {
  it.each([
    ['case sensitive routing', '/Webhook/shopify'],
    ['strict routing', '/webhook/shopify/'],
  ])(
    'counts and reads as any other what an app with %s takes for another path',
    async (name, other) => {
      const app = express()
      app.set(name, true)
      await serve(app, () => app.post('/webhook/shopify', hook()))
      expect(await statuses(other)).toEqual([413, 413, 413, 429])
      expect((await deliver('/webhook/shopify', 'w')).json).toEqual({ status: 'accepted' })
    },
  )

  it.each([
    [{ caseSensitive: true }, '/in/Shopify'],
    [{ strict: true }, '/in/shopify/'],
  ])('counts what a router with %o takes for another path', async (options, other) => {
    await serve(express(), (app) => app.use('/in', Router(options).post('/shopify', hook())))
    expect(await statuses(other)).toEqual([413, 413, 413, 429])
    expect((await deliver('/in/shopify', 'w')).json).toEqual({ status: 'accepted' })
  })

  it('counts what the app answers before its webhook, and what is genuine is taken all the same', async () => {
    await serve(express(), (app) => {
      app.use((request, response, next) => {
        if (request.headers['x-away'] === undefined) next()
        else response.status(403).end()
      })
      app.post('/webhook/shopify', hook())
    })
    expect(await statuses('/webhook/shopify', { 'x-away': '1' })).toEqual([403, 403, 403, 403])
    await expect.poll(remaining, { timeout: 20_000 }).toBe(0)
    expect((await site.fetch('/nowhere')).status).toBe(429)
    expect((await deliver('/webhook/shopify', 'w')).json).toEqual({ status: 'accepted' })
  })

  it('refuses what Holdfast turns away before a webhook, once it is used up', async () => {
    await serve(express(), (app) => {
      app.param('shop', (_request, _response, next, shop) => {
        next(shop === 'known' ? undefined : Object.assign(new Error('no shop'), { status: 404 }))
      })
      app.post('/webhook/:shop', hook())
    })
    expect(await statuses('/webhook/strange')).toEqual([404, 404, 404, 429])
    expect((await deliver('/webhook/known', 'w')).json).toEqual({ status: 'accepted' })
  })

  it('counts what a control refuses on the way to a webhook', async () => {
    await serve(express(), (app) => app.post('/webhook/shopify', hook()))
    const strange = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    expect(new Set(await statuses('/webhook/shopify', strange))).toEqual(new Set([403]))
    await expect.poll(remaining, { timeout: 20_000 }).toBe(0)
  })

  it('is spared once a webhook has answered, whatever it says', async () => {
    await serve(express(), (app) => app.post('/webhook/shopify', hook()))
    await statuses('/webhook/shopify')
    await statuses('/webhook/shopify', { 'x-shopify-hmac-sha256': 'x' })
    await statuses('/webhook/shopify', { 'content-type': 'text/plain' })
    expect(await remaining()).toBe(points)
  })
})
