import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CompiledCondition,
  type ConditionCaller,
  compileCondition,
} from '../conditions/index.ts'
import { type RowQuestion, rowFilter } from './index.ts'

const context = {
  name: 'tasks',
  resource: {
    columns: { title: 'text', points: 'number', done: 'boolean', due: 'instant' },
    owner: 'owner_id',
    tenant: 'organisation_id',
  },
  attributes: { projects: 'text[]', region: 'text' },
} as const

function rule(condition: unknown): CompiledCondition {
  const verdict = compileCondition(condition, context)
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.faults))
  return verdict.condition
}

const caller: ConditionCaller = { userId: 'u1', level: 1 }
const ask = (changes: Partial<RowQuestion>) =>
  rowFilter({ allow: [], deny: [], table: 'tasks', caller, now: 0, dialect: 'sqlite', ...changes })

const dialects = ['sqlite', 'postgres', 'mysql'] as const

describe('the text of a filter', () => {
  it.each([
    ['sqlite', '("tasks"."owner_id" collate binary = ?)', ['u1']],
    [
      'postgres',
      '(("tasks"."owner_id"::text = $1 and "tasks"."owner_id"::text collate "C" = $1))',
      ['u1'],
    ],
    [
      'mysql',
      '((`tasks`.`owner_id` = ? and cast(convert(`tasks`.`owner_id` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)))',
      ['u1', 'u1'],
    ],
  ] as const)('compares text by bytes on %s', (dialect, text, parameters) => {
    const filter = ask({ allow: [rule({ any: [{ owner: true }] })] }).sql({ dialect })
    expect(filter.text).toBe(text)
    expect(filter.parameters).toEqual(parameters)
  })

  it('numbers its parameters from where the query goes on, and names the table as the query does', () => {
    const filter = ask({ allow: [rule({ column: 'points', in: [1, 2.5] })], table: 'app.tasks' })
    expect(filter.sql({ dialect: 'postgres', firstParameter: 4 })).toEqual({
      text: '("app"."tasks"."points" in ($4::bigint, $5::float8))',
      parameters: [1, 2.5],
    })
    expect(filter.sql({ dialect: 'postgres', alias: 't' }).text).toContain('("t"."points" in (')
  })

  it('leaves out what the caller and the moment have decided already', () => {
    const night = { time: { from: '22:00', to: '06:00', zone: 'UTC' } }
    const allow = [rule({ all: [night, { column: 'done', equals: false }] }), rule({ level: 2 })]
    expect(ask({ allow }).sql({ dialect: 'sqlite' }).text).toBe('("tasks"."done" = ?)')
    expect(ask({ allow, now: 43_200_000 }).reach).toBe('none')
  })

  it('has a denial win, but only where it is certain', () => {
    const { text } = ask({ allow: true, deny: [rule({ owner: true })] }).sql({ dialect: 'sqlite' })
    expect(text).toBe('((1 = 1) and ("tasks"."owner_id" collate binary = ?) is not true)')
  })

  it('gives an operator on an index of MySQL up for letters that a character set may lack', () => {
    const text = (equals: string) =>
      ask({ allow: [rule({ column: 'title', equals })] }).sql({ dialect: 'mysql' }).text
    expect(text('Dig')).toContain('`tasks`.`title` = ? and')
    expect(text('😀')).not.toContain('`tasks`.`title` = ?')
  })
})

describe('reach', () => {
  const owner = rule({ owner: true })

  it.each([
    [true, [], 'all'],
    [true, true, 'none'],
    [[owner], true, 'none'],
    [[], [], 'none'],
    [[rule({ tenant: true })], [], 'none'],
    [[owner], [], 'some'],
    [true, [owner], 'some'],
    [true, [rule({ level: 2 })], 'all'],
    [[rule({ level: 1 })], [rule({ not: { tenant: true } })], 'none'],
    [[rule({ level: 1 })], [rule({ tenant: true })], 'none'],
    [true, [rule({ all: [{ tenant: true }, { level: 2 }] })], 'all'],
  ] as const)('case %#', (allow, deny, reach) => {
    const filter = ask({ allow, deny })
    expect(filter.reach).toBe(reach)
    for (const dialect of dialects) {
      const { text, parameters } = filter.sql({ dialect })
      if (reach !== 'some')
        expect([text, parameters]).toEqual([`(1 = ${reach === 'all' ? 1 : 0})`, []])
      expect(text).toMatch(/^\(.*\)$/)
    }
  })

  it('of whoever works on nothing is some, which is no row; of whom nothing is told, none', () => {
    const allow = [rule({ column: 'title', in: { attribute: 'projects' } })]
    const told = ask({ allow, caller: { userId: 'u', level: 1, attributes: { projects: [] } } })
    expect(told.reach).toBe('some')
    expect(told.sql({ dialect: 'sqlite' }).text).toBe('(1 = 0)')
    expect(ask({ allow, caller: { userId: 'u', level: 1 } }).reach).toBe('none')
  })
})

it('a denial that hangs on what nobody told takes every row away, on every way out', () => {
  const region = { column: 'title', equals: { attribute: 'region' } }
  const projects = { column: 'title', in: { attribute: 'projects' } }
  for (const one of [region, projects, { tenant: true }]) {
    for (const deny of [[rule(one)], [rule({ not: one })]]) {
      const filter = ask({ allow: true, deny })
      expect(filter.reach).toBe('none')
      expect(filter.check({ title: null, organisation_id: null })).toBe(false)
      for (const dialect of dialects) expect(filter.sql({ dialect }).text).toBe('(1 = 0)')
    }
  }
})

it('check asks the denials too, and they win', () => {
  const filter = ask({ allow: true, deny: [rule({ column: 'done', equals: true })] })
  expect([0, 1, null].map((done) => filter.check({ done }))).toEqual([true, false, true])
  expect(() => filter.check({})).toThrow(/'done' \(boolean\), which is not there/)
})

it('an attribute of another type is refused when the filter is made, not when it is used', () => {
  const allow = [rule({ column: 'title', in: { attribute: 'projects' } })]
  expect(() => ask({ allow, caller: { ...caller, attributes: { projects: 'all' } } })).toThrow(
    /'projects' is declared as text\[\]/,
  )
})

describe('whatever stands in values and names', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed() && !text.includes('\0')),
    fc.constantFrom(
      "'; drop table tasks; --",
      '"',
      '`',
      '\\',
      "' or '1'='1",
      '$1',
      '?',
      '/*',
      '*/ or 1=1',
    ),
  )

  /** The SQL with names and placeholders taken out: nothing but words of ours is left. */
  const skeleton = (text: string, dialect: (typeof dialects)[number]) =>
    text.replace(dialect === 'mysql' ? /`(?:[^`]|``)*`/g : /"(?:[^"]|"")*"/g, 'N')
  const ours =
    /^(?:N|\$\d+|[?.(),=<>\s]|::(?:text|int|bigint|float8)|\b(?:and|or|is|not|true|null|in|collate|binary|cast|convert|using|utf8mb4|as|1|0)\b)*$/

  it('no value is ever part of the text, and every name is quoted', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 3 }), hostile, (texts, alias) => {
        const attributes = { region: texts[0] ?? '', projects: texts }
        const filter = ask({
          allow: [
            rule({ column: 'title', equals: { attribute: 'region' } }),
            rule({ not: { column: 'title', in: { attribute: 'projects' } } }),
            rule({ owner: true }),
          ],
          deny: [rule({ column: 'title', lessThan: texts[0]?.slice(0, 900).toWellFormed() ?? '' })],
          caller: { userId: texts[0] ?? '', level: 1, attributes },
        })
        for (const dialect of dialects) {
          const named = alias === '' ? { dialect } : { dialect, alias }
          const { text, parameters } = filter.sql(named)
          expect(skeleton(text, dialect)).toMatch(ours)
          for (const value of parameters) expect(texts).toContain(value)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('a name that no engine could quote is refused', () => {
    const filter = ask({ allow: [rule({ owner: true })] })
    for (const alias of ['', 'a\0b']) {
      expect(() => filter.sql({ dialect: 'sqlite', alias })).toThrow(TypeError)
    }
  })
})

/** As apps write their rows: an interface, which has no index signature. */
interface TaskRow {
  readonly title: string
  readonly owner_id: string
}

it('a row typed by an interface is one', () => {
  const row: TaskRow = { title: 'Dig', owner_id: 'u1' }
  expect(ask({ allow: [rule({ owner: true })] }).check(row)).toBe(true)
})
