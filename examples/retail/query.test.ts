import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readReportQuery } from './query.ts'

const LAST_YEAR = { from: '2025-10-01', to: '2026-09-30' }
const read = (query: unknown) => readReportQuery(query, LAST_YEAR)

describe('the query of a report', () => {
  test('names days and a store', () => {
    expect(read({ from: '2026-01-01', to: '2026-01-31', store: 'HAM' })).toEqual({
      kind: 'ok',
      query: { period: { from: '2026-01-01', to: '2026-01-31' }, storeId: 'HAM' },
    })
  })

  test('without anything is the last year of all stores', () => {
    const query = { period: LAST_YEAR, storeId: undefined }
    expect(read({})).toEqual({ kind: 'ok', query })
    expect(read({ store: '' })).toEqual({ kind: 'ok', query })
  })

  test.each([
    ['a day that no calendar has', { from: '2026-02-30' }, 'from'],
    ['a day written otherwise', { to: '30.09.2026' }, 'to'],
    ['an instant', { to: '2026-09-30T00:00:00Z' }, 'to'],
    ['an empty day', { from: '' }, 'from'],
    ['an end before its beginning', { from: '2026-02-02', to: '2026-02-01' }, 'from'],
    ['a beginning after the last day on record', { from: '2027-01-01' }, 'from'],
    ['more than three years', { from: '2023-01-01', to: '2026-01-02' }, 'to'],
    ['a repeated day', { from: ['2026-01-01', '2026-01-02'] }, 'from'],
    ['a repeated store', { store: ['HAM', 'DUB'] }, 'store'],
    ['an object', { store: { $ne: '' } }, 'store'],
    ['a parameter that does not exist', { company: 'harbour' }, 'company'],
  ])('is refused with %s', (_, query, name) => {
    expect(read(query)).toMatchObject({ kind: 'refused', faults: [{ name }] })
  })

  test('may span three years exactly', () => {
    expect(read({ from: '2023-01-01', to: '2026-01-01' }).kind).toBe('ok')
  })

  test('never throws, whatever it is', () => {
    fc.assert(fc.property(fc.anything(), (query) => void read(query)))
    const value = fc.oneof(fc.string(), fc.array(fc.string()))
    const query = fc.record({ from: value, to: value, store: value }, { requiredKeys: [] })
    fc.assert(fc.property(query, (one) => void read(one)))
  })
})
