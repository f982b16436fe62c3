import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shopifySecret, shopifySecretFile } from './shopify-secret.ts'
import { type Running, startRetail } from './testdata/running.ts'

const run = promisify(execFile)
const kettle = { storeId: 'HAM', sku: 'SKU-1001' }
const order = `{"id": 450789469, "location_id": 655441491, "currency": "EUR",
 "customer": {"first_name": "Máire", "last_name": "O'Brien", "note": "d'accord — 日本 🎉"},
 "line_items": [{"sku": "SKU-1001", "quantity": 2, "price": "49.90", "title": "Kettle \\"Mornington\\""}]}`

let dataDir: string
let retail: Running
let secret: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'retail-'))
  secret = shopifySecret({}, { dataDir, port: 0 })
  retail = await startRetail(dataDir)
})
afterAll(async () => {
  await retail?.close()
  await rm(dataDir, { recursive: true, force: true })
})

interface Told {
  readonly topic: string
  readonly id: string
  readonly body: string
  /** What is sent instead of what was signed. */
  readonly sent?: string
  readonly by?: string
}

/** Sends a delivery as Shopify does, by curl. */
async function curl({ body, by = secret, id, sent = body, topic }: Told) {
  const file = join(dataDir, 'delivery.json')
  await writeFile(file, sent)
  const hmac = createHmac('sha256', by).update(body).digest('base64')
  const { stdout } = await run('curl', [
    ...['-sS', '-X', 'POST', '--data-binary', `@${file}`, '-w', '\n%{http_code}'],
    ...['-H', 'Content-Type: application/json', '-H', `X-Shopify-Hmac-Sha256: ${hmac}`],
    ...['-H', `X-Shopify-Topic: ${topic}`, '-H', `X-Shopify-Webhook-Id: ${id}`],
    `${retail.origin}/webhook/shopify`,
  ])
  const [text = '', status = ''] = stdout.split(/\n(?=\d+$)/)
  await retail.security.webhooks.handleDue()
  return { status: Number(status), json: JSON.parse(text) }
}

test('an order takes what it sells from the stock, once however often it comes', async () => {
  const before = retail.stock.unitsOf(kettle)
  expect(before).toBeGreaterThan(2)
  const sold = { topic: 'orders/create', id: 'order-1', body: order }
  expect(await curl(sold)).toEqual({ status: 200, json: { status: 'accepted' } })
  expect(retail.stock.unitsOf(kettle)).toBe(before - 2)
  expect(await curl(sold)).toEqual({ status: 200, json: { status: 'duplicate' } })
  expect(await curl({ ...sold, id: 'order-2' })).toMatchObject({ json: { status: 'duplicate' } })
  expect(retail.stock.unitsOf(kettle)).toBe(before - 2)
})

test('a level of the inventory is the stock from then on', async () => {
  const level = { inventory_item_id: 808951001, location_id: 655441491, available: 71 }
  const body = JSON.stringify({ ...level, updated_at: '2026-11-22T08:00:00+01:00' })
  const told = await curl({ topic: 'inventory_levels/update', id: 'level-1', body })
  expect(told).toEqual({ status: 200, json: { status: 'accepted' } })
  expect(retail.stock.unitsOf(kettle)).toBe(71)
})

test('what Shopify did not sign changes nothing', async () => {
  const before = retail.stock.unitsOf(kettle)
  const body = order.replace('450789469', '450789470')
  const forged = { topic: 'orders/create', id: 'order-9', body }
  for (const change of [
    { by: 'another secret of another shop' },
    { sent: JSON.stringify(JSON.parse(body)) },
  ]) {
    expect(await curl({ ...forged, ...change })).toMatchObject({
      status: 401,
      json: { code: 'webhook_signature_invalid' },
    })
  }
  expect(retail.stock.unitsOf(kettle)).toBe(before)
})

test('an order of products that are not ours is tried again and shown to administrators', async () => {
  const body = order.replace('SKU-1001', 'SKU-9999').replace('450789469', '450789471')
  expect((await curl({ topic: 'orders/create', id: 'order-3', body })).status).toBe(200)
  const admin = await retail.signedIn('admin@retail.example')
  const { text } = await admin.get('/admin/webhooks/deliveries?state=waiting')
  expect(JSON.parse(text)).toMatchObject({
    deliveries: [{ topic: 'orders/create', attempts: 1, error: 'handler_failed' }],
  })
  expect(text).not.toContain('SKU-9999')
})

test('the secret is that of the environment, else one made once for the owner alone', async () => {
  const settings = { dataDir, port: 0 }
  expect(shopifySecret({ SHOPIFY_WEBHOOK_SECRET: 'given' }, settings)).toBe('given')
  expect(shopifySecret({}, settings)).toBe(secret)
  expect((await stat(shopifySecretFile(settings))).mode & 0o777).toBe(0o600)
})
