import type { DatabaseSync } from 'node:sqlite'
import { openFile } from './database.ts'
import type { Day } from './days.ts'

/** So many units of a product in a store. */
export interface Counted {
  readonly storeId: string
  readonly sku: string
  readonly units: number
}

/** One product that a shop has sold. */
export interface Sold extends Counted {
  readonly priceCents: number
}

/** Stock as a shop reports it. A connection of its own, since each delivery is one transaction. */
export class ShopifyStock {
  readonly #db: DatabaseSync

  constructor(path: string) {
    this.#db = openFile(path)
  }

  /** Notes what was sold, and takes it from the stock. False when this delivery was worked on before. */
  sell(delivery: string, day: Day, sold: readonly Sold[]): boolean {
    return this.#once(delivery, () => {
      for (const line of sold) {
        const cost = this.#cost(line)
        this.#db
          .prepare(
            `INSERT INTO sales (day, store_id, sku, quantity, unit_price_cents, unit_cost_cents)
             VALUES (?, ?, ?, ?, ?, ?)`,
          )
          .run(day, line.storeId, line.sku, line.units, line.priceCents, cost)
        this.#count(day, { ...line, units: Math.max(0, this.unitsOf(line) - line.units) }, cost)
      }
    })
  }

  /** Writes down how much there is. False when this delivery was worked on before. */
  count(delivery: string, day: Day, counted: Counted): boolean {
    return this.#once(delivery, () => this.#count(day, counted, this.#cost(counted)))
  }

  /** How much there was at the last count. */
  unitsOf({ sku, storeId }: Pick<Counted, 'sku' | 'storeId'>): number {
    const last = 'FROM stock_counts WHERE store_id = ? AND sku = ? ORDER BY day DESC LIMIT 1'
    const row = this.#db.prepare(`SELECT units ${last}`).get(storeId, sku)
    return Number(row?.units ?? 0)
  }

  knows(sku: string): boolean {
    return this.#db.prepare('SELECT 1 FROM products WHERE sku = ?').get(sku) !== undefined
  }

  close(): void {
    this.#db.close()
  }

  /** A handler may be given a delivery twice; its id stands in the transaction of its work. */
  #once(delivery: string, work: () => void): boolean {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const note = 'INSERT INTO shopify_deliveries (delivery_id) VALUES (?) ON CONFLICT DO NOTHING'
      const isNew = this.#db.prepare(note).run(delivery).changes === 1
      if (isNew) work()
      this.#db.exec('COMMIT')
      return isNew
    } catch (error) {
      this.#db.exec('ROLLBACK')
      throw error
    }
  }

  #count(day: Day, { sku, storeId, units }: Counted, cost: number): void {
    this.#db
      .prepare(
        `INSERT INTO stock_counts (day, store_id, sku, units, unit_cost_cents) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (store_id, day, sku) DO UPDATE SET units = excluded.units`,
      )
      .run(day, storeId, sku, units, cost)
  }

  #cost({ sku, storeId }: Counted): number {
    const last = 'FROM stock_counts WHERE store_id = ? AND sku = ? ORDER BY day DESC LIMIT 1'
    const row = this.#db.prepare(`SELECT unit_cost_cents AS cost ${last}`).get(storeId, sku)
    return Number(row?.cost ?? 0)
  }
}
