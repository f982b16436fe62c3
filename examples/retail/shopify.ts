import type { WebhookDelivery } from 'holdfast'
import type { Counted, ShopifyStock, Sold } from './shopify-stock.ts'

/** The topics that are subscribed to in Shopify. */
export const SHOPIFY_TOPICS = ['orders/create', 'inventory_levels/update'] as const

/** Which store a location of the shop is. A real app would learn it from Shopify's Admin API. */
const LOCATIONS: ReadonlyMap<unknown, string> = new Map([
  [655441491, 'HAM'],
  [655441492, 'MUC'],
  [655441493, 'CGN'],
  [655441494, 'DUB'],
  [655441495, 'ORK'],
])

/** Inventory items are numbered as their SKU: 808951001 is SKU-1001. */
const FIRST_ITEM = 808_950_000

/** A delivery that says something else than its topic promises. It is tried again, then given up. */
export class ShopifyFault extends Error {
  override readonly name = 'ShopifyFault'
}

/**
 * Brings what Shopify tells into the books. Holdfast has verified it and runs this after it has
 * answered; it may run twice for one delivery, so the stock notes the id with its work.
 */
export function shopifyHandler(stock: ShopifyStock) {
  return ({ id, payload, receivedAt, topic }: WebhookDelivery): void => {
    const day = new Date(receivedAt).toISOString().slice(0, 10)
    if (topic === 'orders/create') stock.sell(id, day, orderLines(stock, payload))
    else if (topic === 'inventory_levels/update') stock.count(id, day, level(stock, payload))
  }
}

function orderLines(stock: ShopifyStock, payload: unknown): readonly Sold[] {
  const { line_items: lines, location_id: location } = fieldsOf(payload)
  if (!Array.isArray(lines)) throw new ShopifyFault('an order without line_items')
  return lines.map((line) => {
    const { price, quantity, sku } = fieldsOf(line)
    const cents = Math.round(Number(price) * 100)
    if (!Number.isSafeInteger(cents) || cents < 0) throw new ShopifyFault('a price that is none')
    const units = wholeUnits(quantity)
    if (units === 0) throw new ShopifyFault('a line of nothing')
    return { storeId: storeOf(location), sku: known(stock, sku), units, priceCents: cents }
  })
}

function level(stock: ShopifyStock, payload: unknown): Counted {
  const { available, inventory_item_id: item, location_id: location } = fieldsOf(payload)
  const sku = `SKU-${Number(item) - FIRST_ITEM}`
  return { storeId: storeOf(location), sku: known(stock, sku), units: wholeUnits(available) }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new ShopifyFault('no object')
}

function storeOf(location: unknown): string {
  const storeId = LOCATIONS.get(location)
  if (storeId === undefined) throw new ShopifyFault('a location that is no store of ours')
  return storeId
}

function known(stock: ShopifyStock, sku: unknown): string {
  if (typeof sku === 'string' && stock.knows(sku)) return sku
  throw new ShopifyFault('a product that we do not have')
}

function wholeUnits(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new ShopifyFault('a number of units that is none')
}
