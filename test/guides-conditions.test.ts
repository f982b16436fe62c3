import { describe, expect, it } from 'vitest'
import { compileCondition } from '../src/conditions/index.ts'
import { page, rows } from './guide-kit.ts'

const guide = page('docs/guides/conditions.md')
const columns = { status: 'text', points: 'number', done: 'boolean', due: 'instant' } as const
const context = {
  name: 'tasks',
  resource: { columns, owner: 'owner_id', tenant: 'org_id' },
  attributes: { region: 'text', regions: 'text[]' },
} as const
const fits = (condition: object) => compileCondition(condition, context).ok
const first = (head: string) => rows(guide, head).map(([, cell]) => cell?.[0] ?? '')

describe('conditions.md', () => {
  it('every form that it shows is one, and they are all there are', () => {
    const shown = first('| form | holds when |').map((text) => JSON.parse(text) as object)
    expect(shown.filter((condition) => !fits(condition))).toEqual([])
    const verdict = compileCondition({ nothing: true }, context)
    const problem = verdict.ok ? '' : (verdict.faults[0]?.problem ?? '')
    const names = shown.map((condition) => Object.keys(condition)[0] ?? '')
    for (const name of names) expect(problem).toContain(name)
    expect(names.toSorted()).toEqual(
      ['all', 'any', 'column', 'level', 'not', 'owner', 'tenant', 'time'].toSorted(),
    )
  })

  it('its operators take the columns that it names, and no others', () => {
    const values = { text: 'x', number: 1, boolean: true, instant: 1 }
    for (const [, operator, types] of rows(guide, '| operator | columns |').map((row) => row)) {
      const name = operator?.[0] ?? ''
      expect(types).toEqual([])
      for (const [column, type] of Object.entries(columns)) {
        const value = values[type]
        const operand = name === 'in' ? [value] : name === 'isNull' ? true : value
        const isForAll = ['equals', 'notEquals', 'isNull'].includes(name)
        expect([name, column, fits({ column, [name]: operand })]).toEqual([
          ...[name, column, isForAll || type !== 'boolean'],
        ])
      }
    }
  })

  it('its operands are taken', () => {
    for (const text of first('| operand | is |')) {
      expect([text, fits({ column: 'status', equals: JSON.parse(text) })]).toEqual([text, true])
    }
    expect(fits({ column: 'status', in: { attribute: 'regions' } })).toBe(true)
  })

  it('refuses what it says is refused', () => {
    const deep = (levels: number): object =>
      levels === 1 ? { owner: true } : { not: deep(levels - 1) }
    expect([fits(deep(8)), fits(deep(9))]).toEqual([true, false])
    const parts = (count: number) => ({
      any: Array.from({ length: count }, (_, points) => ({ column: 'points', equals: points })),
    })
    expect([fits(parts(63)), fits(parts(64))]).toEqual([true, false])
    const never = ['a', 'b'].map((equals) => ({ column: 'status', equals }))
    expect(fits({ all: never })).toBe(false)
    expect(fits({ column: 'status', in: [] })).toBe(false)
  })
})
