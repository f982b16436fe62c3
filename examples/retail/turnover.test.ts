// holdfast-ignore-sql-file: tests name their own tables
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDays, type Period } from './days.ts'
import { inventoryReport } from './report.ts'
import { scopeIn } from './testdata/scopes.ts'
import { DATA, HAND, importedStore, rawLines } from './testdata/scratch.ts'
import { inventoryTurnover, type Turnover } from './turnover.ts'

const QUARTER = { from: '2026-01-01', to: '2026-03-31' }
const WITHIN_A_MONTH = { from: '2026-02-10', to: '2026-02-20' }

/** The tables of testdata/hand-calculation/README.md: days, cost, average, turnover, lasts, reason. */
const BY_HAND = [
  ['north', 'A', QUARTER, 90, 6220, 4825, 1.2891, 69.8, null],
  ['north', 'B', QUARTER, 45, 1000, 1533, 0.6523, 69, null],
  ['north', '', QUARTER, 90, 7220, 5592, 1.2911, 69.7, null],
  ['south', 'B', QUARTER, 45, 1225, 1222, 1.0025, 44.9, null],
  ['south', 'C', QUARTER, 90, 1050, 0, null, null, 'zero_stock'],
  ['south', 'D', QUARTER, 90, -1050, 1050, null, null, 'returns_exceed_sales'],
  ['south', '', QUARTER, 90, 1225, 1661, 0.7375, 122, null],
  ['north', 'A', WITHIN_A_MONTH, 11, 0, 6600, 0, null, 'no_sales'],
  ['north', 'B', WITHIN_A_MONTH, 5, 600, 1300, 0.4615, 10.8, null],
  ['north', '', WITHIN_A_MONTH, 11, 600, 7191, 0.0834, 131.8, null],
  ['south', 'B', WITHIN_A_MONTH, 6, 200, 1000, 0.2, 30, null],
  ['south', 'C', WITHIN_A_MONTH, 11, 0, 0, null, null, 'zero_stock'],
  ['south', 'D', WITHIN_A_MONTH, 11, 0, 1050, 0, null, 'no_sales'],
  ['south', '', WITHIN_A_MONTH, 11, 200, 1595, 0.1254, 87.7, null],
] as const

describe('turnover equals the calculation by hand', () => {
  test.each(BY_HAND)('%s %s %j', async (companyId, storeId, period, ...expected) => {
    const store = await importedStore(HAND)
    const report = inventoryReport(store, scopeIn(companyId), period)
    const line = storeId === '' ? report.total : report.stores.find((s) => s.storeId === storeId)
    expect(line && figuresOf(line)).toEqual(expected)
  })

  test('an employee of one store gets the same line and no other', async () => {
    const store = await importedStore(HAND)
    const whole = inventoryReport(store, scopeIn('north'), QUARTER)
    const own = inventoryReport(store, scopeIn('north', 'B'), QUARTER)
    expect(own.stores).toEqual(whole.stores.filter((line) => line.storeId === 'B'))
  })
})

describe('a report', () => {
  test('leaves out days for which the company has no sales on record', async () => {
    const store = await importedStore(HAND)
    const scope = scopeIn('north')
    const report = inventoryReport(store, scope, { from: '2020-01-01', to: '2026-01-01' })
    expect(report.period).toEqual({ from: '2025-12-31', to: '2026-01-01' })
    expect(report.total.days).toBe(2)
  })

  test('of days without data has no figures and says so', async () => {
    const store = await importedStore(HAND)
    const scope = scopeIn('north')
    const report = inventoryReport(store, scope, { from: '2019-01-01', to: '2019-12-31' })
    expect(report.period).toBeUndefined()
    expect(report.stores).toEqual([])
    expect(report.total.reason).toBe('no_stock_count')
  })

  test('of a company or store that does not exist is empty', async () => {
    const store = await importedStore(HAND)
    for (const scope of [scopeIn('nobody'), scopeIn('north', 'C'), scopeIn("north' OR '1'='1")]) {
      expect(inventoryReport(store, scope, QUARTER).stores).toEqual([])
    }
  })
})

describe('a total', () => {
  const holding = { name: '', city: '', from: '2025-01-01', to: null }

  test('is missing rather than too high when a store with sales was never counted', () => {
    const { total } = inventoryTurnover({
      period: QUARTER,
      holdings: [
        { ...holding, storeId: 'counted' },
        { ...holding, storeId: 'blind' },
      ],
      costs: [{ storeId: 'blind', day: '2026-01-05', cents: 100 }],
      counts: [{ storeId: 'counted', day: '2026-01-31', cents: 500 }],
    })
    expect(figuresOf(total)).toEqual([90, 100, null, null, null, 'no_stock_count'])
  })

  test('never counts the former owner of a store that was not counted at the hand-over', () => {
    const { stores } = inventoryTurnover({
      period: QUARTER,
      holdings: [{ ...holding, storeId: 'moved', from: '2026-02-15' }],
      costs: [],
      counts: [
        { storeId: 'moved', day: '2026-01-31', cents: 99_999 },
        { storeId: 'moved', day: '2026-02-28', cents: 700 },
      ],
    })
    expect(stores[0]?.averageInventoryCents).toBe(700)
  })
})

describe('turnover equals SQL over the raw CSV', () => {
  test('for every month, quarter and the year of both companies', async () => {
    const store = await importedStore(DATA)
    const raw = rawDatabase(DATA)
    for (const period of calendarPeriods()) expectSame(store, raw, period)
  })

  test('for any days', async () => {
    const store = await importedStore(DATA)
    const raw = rawDatabase(DATA)
    const offset = fc.nat({ max: 364 })
    fc.assert(
      fc.property(offset, offset, (one, other) => {
        const from = addDays('2025-10-01', Math.min(one, other))
        expectSame(store, raw, { from, to: addDays('2025-10-01', Math.max(one, other)) })
      }),
      { numRuns: 15 },
    )
  })
})

function figuresOf(line: Turnover) {
  return [
    line.days,
    line.costOfGoodsSoldCents,
    line.averageInventoryCents,
    line.turnover,
    line.daysOfInventory,
    line.reason,
  ]
}

function calendarPeriods(): Period[] {
  const starts = Array.from({ length: 12 }, (_, month) =>
    new Date(Date.UTC(2025, 9 + month, 1)).toISOString().slice(0, 10),
  )
  const upTo = (start: number, months: number) => ({
    from: starts[start] ?? '',
    to: addDays(starts[start + months] ?? '2026-10-01', -1),
  })
  return [
    ...starts.map((_, at) => upTo(at, 1)),
    ...[0, 3, 6, 9].map((at) => upTo(at, 3)),
    upTo(0, 12),
  ]
}

type Imported = Awaited<ReturnType<typeof importedStore>>

function expectSame(store: Imported, raw: DatabaseSync, period: Period) {
  for (const companyId of ['nordlicht', 'harbour']) {
    const { stores } = inventoryReport(store, scopeIn(companyId), period)
    const expected = raw.prepare(INDEPENDENT).all({ companyId, ...period })
    const name = `${companyId} ${period.from} to ${period.to}`
    expect(stores.map((line) => line.storeId).sort(), name).toEqual(
      expected.map((row) => row.store_id).sort(),
    )
    for (const row of expected) {
      const line = stores.find((one) => one.storeId === row.store_id)
      expect(line, name).toMatchObject({
        days: row.days,
        costOfGoodsSoldCents: row.cost,
        averageInventoryCents: row.average,
      })
      expectNear(line?.turnover, row.turnover, 0.00005)
      expectNear(line?.daysOfInventory, row.lasts, 0.05)
    }
  }
}

/** Equal but for the rounding of the last decimal shown. */
function expectNear(shown: number | null | undefined, exact: unknown, half: number) {
  if (exact === null) expect(shown).toBeNull()
  else expect(Math.abs(Number(shown) - Number(exact))).toBeLessThan(half + 1e-9)
}

/** The raw text of the files, every column as text: no code of the import took part. */
function rawDatabase(directory: string): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  const tables = {
    store_companies: ['store_id', 'company_id', 'first', 'last'],
    sales: ['day', 'store_id', 'sku', 'quantity', 'price', 'cost'],
    stock: ['day', 'store_id', 'sku', 'units', 'cost'],
  }
  for (const [table, columns] of Object.entries(tables)) {
    db.exec(`CREATE TABLE ${table} (${columns.join(' TEXT, ')} TEXT); BEGIN`)
    const insert = db.prepare(`INSERT INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`)
    for (const line of rawLines(directory, `${table}.csv`)) insert.run(...line)
    db.exec(table === 'sales' ? 'CREATE INDEX by_day ON sales (store_id, day); COMMIT' : 'COMMIT')
  }
  return db
}

/** Written from the definition, without a look at the program's own SQL or arithmetic. */
const INDEPENDENT = `
  WITH own AS (
    SELECT store_id, first, max(first, :from) AS a, min(iif(last = '', '9999-12-31', last), :to) AS z
    FROM store_companies WHERE company_id = :companyId
  ), sold AS (
    SELECT own.store_id,
      coalesce(sum(quantity * cast(replace(cost, '.', '') AS INTEGER)), 0) AS cost
    FROM own LEFT JOIN sales ON sales.store_id = own.store_id AND day >= a AND day <= z
    WHERE a <= z GROUP BY own.store_id
  ), counted AS (
    SELECT store_id, day, sum(units * cast(replace(cost, '.', '') AS INTEGER)) AS value
    FROM stock GROUP BY store_id, day
  ), points AS (
    SELECT own.store_id, value FROM own JOIN counted USING (store_id)
    WHERE a <= z AND (day BETWEEN a AND z OR day = (
      SELECT max(c.day) FROM counted AS c
      WHERE c.store_id = own.store_id AND c.day < a AND c.day >= date(first, '-1 day')))
  ), mean AS (
    SELECT store_id, cast(floor(sum(value) * 1.0 / count(*) + 0.5) AS INTEGER) AS average
    FROM points GROUP BY store_id
  )
  SELECT own.store_id, cast(julianday(z) - julianday(a) + 1 AS INTEGER) AS days, cost, average,
    cost * 1.0 / average AS turnover,
    iif(cost > 0, (julianday(z) - julianday(a) + 1) * average / cost, NULL) AS lasts
  FROM own JOIN sold USING (store_id) LEFT JOIN mean USING (store_id) WHERE a <= z`
