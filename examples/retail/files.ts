import { isDay } from './days.ts'
import type { Cell, TableTarget } from './store.ts'

/** A field that the file's maker has to correct. */
export class FieldError extends Error {}

/** Reads one field of text into a value, or throws a FieldError that says what is wrong. */
type Field = (text: string) => Cell

/** A CSV file of the example: its columns by header, in order, and the table they fill. */
export interface FileFormat {
  readonly file: string
  readonly fields: Readonly<Record<string, Field>>
  readonly target: TableTarget
}

/** A short name made of letters, digits and hyphens. */
const id: Field = (text) => {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/.test(text)) {
    throw new FieldError('must be 1 to 40 letters, digits or hyphens')
  }
  return text
}

const label: Field = (text) => {
  if (text.trim() === '') throw new FieldError('must not be empty')
  if (text.length > 200) throw new FieldError('is longer than 200 signs')
  return text
}

const day: Field = (text) => {
  if (!isDay(text)) throw new FieldError('must be a day of the calendar, written YYYY-MM-DD')
  return text
}

const optionalDay: Field = (text) => (text === '' ? null : day(text))

/** Euros with two decimals become whole cents without passing through a fraction. */
const euros: Field = (text) => {
  const match = /^(\d{1,7})\.(\d\d)$/.exec(text)
  if (!match) throw new FieldError('must be an amount with two decimals, such as 12.50')
  return Number(`${match[1]}${match[2]}`)
}

const units: Field = (text) => {
  if (!/^\d{1,6}$/.test(text)) throw new FieldError('must be a whole number, 0 or more')
  return Number(text)
}

const quantity: Field = (text) => {
  if (!/^-?[1-9]\d{0,5}$/.test(text)) {
    throw new FieldError('must be a whole number other than 0; returns are negative')
  }
  return Number(text)
}

/** All files in the order in which they refer to one another. */
export const FILES: readonly FileFormat[] = [
  {
    file: 'companies.csv',
    fields: { company_id: id, name: label },
    target: { table: 'companies', columns: ['company_id', 'name'], key: ['company_id'] },
  },
  {
    file: 'stores.csv',
    fields: { store_id: id, name: label, city: label },
    target: { table: 'stores', columns: ['store_id', 'name', 'city'], key: ['store_id'] },
  },
  {
    file: 'store_companies.csv',
    fields: { store_id: id, company_id: id, from: day, to: optionalDay },
    target: {
      table: 'store_companies',
      columns: ['store_id', 'company_id', 'from_day', 'to_day'],
    },
  },
  {
    file: 'products.csv',
    fields: { sku: id, name: label, category: label },
    target: { table: 'products', columns: ['sku', 'name', 'category'], key: ['sku'] },
  },
  {
    file: 'sales.csv',
    fields: {
      date: day,
      store_id: id,
      sku: id,
      quantity,
      unit_price: euros,
      unit_cost: euros,
    },
    target: {
      table: 'sales',
      columns: ['day', 'store_id', 'sku', 'quantity', 'unit_price_cents', 'unit_cost_cents'],
    },
  },
  {
    file: 'stock.csv',
    fields: { date: day, store_id: id, sku: id, units, unit_cost: euros },
    target: {
      table: 'stock_counts',
      columns: ['day', 'store_id', 'sku', 'units', 'unit_cost_cents'],
    },
  },
]

/** The fields of a record as cells, or one sentence for each fault. */
export function readCells(
  format: FileFormat,
  fields: readonly string[],
): { readonly cells: Cell[] } | { readonly faults: string[] } {
  const columns = Object.entries(format.fields)
  if (fields.length !== columns.length) {
    return { faults: [`has ${fields.length} fields instead of ${columns.length}`] }
  }
  const faults: string[] = []
  const cells = columns.map(([name, read], at) => {
    try {
      return read(fields[at] ?? '')
    } catch (error) {
      if (!(error instanceof FieldError)) throw error
      faults.push(`${name} ${error.message}`)
      return null
    }
  })
  return faults.length > 0 ? { faults } : { cells }
}
