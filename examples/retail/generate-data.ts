/**
 * Writes `data/*.csv`: a year of two invented companies. The same seed gives the same bytes, so the
 * committed files can be made again: `node examples/retail/generate-data.ts`.
 *
 * Only whole-number arithmetic and division touch the random numbers; no function whose last digit
 * may differ between machines does.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CatalogueItem, catalogue } from './catalogue.ts'
import { csvLine } from './csv.ts'
import { addDays, type Day, eachDay } from './days.ts'

const FIRST_DAY = '2025-10-01'
const LAST_DAY = '2026-09-30'
const SEED = 20260930

/** Demand by month, October first: Christmas, a quiet spring, a small summer. */
const SEASON = [1.0, 1.25, 1.8, 0.75, 0.7, 0.85, 0.95, 1.0, 0.9, 0.8, 0.85, 1.0]
/** Demand by weekday, Sunday first. */
const WEEKDAY = [0.9, 0.75, 0.8, 0.9, 1.0, 1.3, 1.7]

const COMPANIES = [
  ['nordlicht', 'Nordlicht Wohnen GmbH & Co. KG'],
  ['harbour', 'Harbour & Hearth, Ltd.'],
] as const

interface Shop {
  readonly id: string
  readonly name: string
  readonly city: string
  readonly size: number
  readonly openOnSunday: boolean
}

const SHOPS: readonly Shop[] = [
  { id: 'HAM', name: 'Nordlicht Altona', city: 'Hamburg', size: 1.2, openOnSunday: false },
  { id: 'MUC', name: 'Nordlicht am Gärtnerplatz', city: 'München', size: 1.0, openOnSunday: false },
  { id: 'CGN', name: 'Ehrenfeld "Die Halle"', city: 'Köln', size: 0.8, openOnSunday: false },
  { id: 'DUB', name: "St Stephen's Green", city: 'Dublin', size: 1.1, openOnSunday: true },
  { id: 'ORK', name: 'English Market, Cork', city: 'Cork', size: 0.7, openOnSunday: true },
]

/** The store in Köln was sold to the Irish company at the end of March. */
const TENURES = [
  ['HAM', 'nordlicht', FIRST_DAY, ''],
  ['MUC', 'nordlicht', FIRST_DAY, ''],
  ['CGN', 'nordlicht', FIRST_DAY, '2026-03-31'],
  ['CGN', 'harbour', '2026-04-01', ''],
  ['DUB', 'harbour', FIRST_DAY, ''],
  ['ORK', 'harbour', FIRST_DAY, ''],
] as const

/** A small generator of numbers in [0, 1), the same on every machine (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** How many of ten customers who might come do. The mean is `rate`. */
function customers(random: () => number, rate: number): number {
  let count = 0
  for (let customer = 0; customer < 10; customer++) if (random() < rate / 10) count++
  return count
}

function euros(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
}

function monthOf(day: Day): number {
  return (Number(day.slice(5, 7)) + 2) % 12
}

function weekdayOf(day: Day): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay()
}

/** One article in one shop: its stock and what happens to it day by day. */
class Shelf {
  readonly #shop: Shop
  readonly #item: CatalogueItem
  readonly #random: () => number
  readonly #rate: number
  #units: number
  #ordered = 0
  #deliveryIn = 0

  constructor(shop: Shop, item: CatalogueItem, random: () => number) {
    this.#shop = shop
    this.#item = item
    this.#random = random
    this.#rate = item.dailyDemand * shop.size
    this.#units = Math.round(this.#rate * 40)
  }

  /** Rows of one day: what was sold, then what came back. */
  trade(day: Day): (string | number)[][] {
    this.#receive()
    if (weekdayOf(day) === 0 && !this.#shop.openOnSunday) return []
    const rows: (string | number)[][] = []
    const sold = this.#sell(day)
    if (sold > 0) rows.push(this.#row(day, sold))
    if (sold > 0 && this.#random() < 0.035) {
      this.#units++
      rows.push(this.#row(day, -1))
    }
    this.#reorder()
    return rows
  }

  count(day: Day): (string | number)[] {
    return [day, this.#shop.id, this.#item.sku, this.#units, euros(this.#costOn(day))]
  }

  #sell(day: Day): number {
    const season = this.#item.seasonal ? (SEASON[monthOf(day)] ?? 1) : 1
    const wanted = customers(this.#random, this.#rate * season * (WEEKDAY[weekdayOf(day)] ?? 1))
    const sold = Math.min(wanted, this.#units)
    this.#units -= sold
    return sold
  }

  #receive(): void {
    if (this.#deliveryIn === 0) return
    this.#deliveryIn--
    if (this.#deliveryIn > 0) return
    this.#units += this.#ordered
    this.#ordered = 0
  }

  #reorder(): void {
    if (this.#item.discontinued) return
    if (this.#ordered > 0 || this.#units > this.#rate * 18) return
    this.#ordered = Math.max(2, Math.round(this.#rate * 30))
    this.#deliveryIn = 6 + Math.floor(this.#random() * 12)
  }

  #row(day: Day, quantity: number): (string | number)[] {
    const { sku, priceCents } = this.#item
    return [day, this.#shop.id, sku, quantity, euros(priceCents), euros(this.#costOn(day))]
  }

  /** Suppliers raised their prices at the turn of the year. */
  #costOn(day: Day): number {
    const { costCents } = this.#item
    return day < '2026-01-01' ? costCents : Math.round((costCents * 104) / 100)
  }
}

function isMonthEnd(day: Day): boolean {
  return addDays(day, 1).endsWith('-01')
}

/** All files by name. */
export function generate(): Map<string, string> {
  const random = randomFrom(SEED)
  const shelves = SHOPS.flatMap((shop) => catalogue().map((item) => new Shelf(shop, item, random)))
  const eve = addDays(FIRST_DAY, -1)
  const sales: (string | number)[][] = []
  const stock = shelves.map((shelf) => shelf.count(eve))
  for (const day of eachDay({ from: FIRST_DAY, to: LAST_DAY })) {
    for (const shelf of shelves) sales.push(...shelf.trade(day))
    if (isMonthEnd(day)) stock.push(...shelves.map((shelf) => shelf.count(day)))
  }
  return new Map([
    ['companies.csv', file(['company_id', 'name'], COMPANIES)],
    [
      'stores.csv',
      file(
        ['store_id', 'name', 'city'],
        SHOPS.map((s) => [s.id, s.name, s.city]),
      ),
    ],
    ['store_companies.csv', file(['store_id', 'company_id', 'from', 'to'], TENURES)],
    ['products.csv', file(['sku', 'name', 'category'], catalogue().map(productRow))],
    ['sales.csv', file(SALES_HEADER, sales)],
    ['stock.csv', file(['date', 'store_id', 'sku', 'units', 'unit_cost'], stock)],
  ])
}

const SALES_HEADER = ['date', 'store_id', 'sku', 'quantity', 'unit_price', 'unit_cost']

function productRow(item: CatalogueItem): string[] {
  return [item.sku, item.name, item.category]
}

function file(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [header, ...rows].map(csvLine).join('')
}

if (import.meta.main) {
  const directory = join(fileURLToPath(new URL('.', import.meta.url)), 'data')
  await mkdir(directory, { recursive: true })
  for (const [name, text] of generate()) await writeFile(join(directory, name), text)
}
