import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AppObject,
  type ConditionCaller,
  compareText,
  compileCondition,
  forbids,
  meets,
} from './index.ts'

const context = {
  name: 'tasks',
  resource: {
    columns: { title: 'text', points: 'number', done: 'boolean', due: 'instant' },
    owner: 'owner_id',
    tenant: 'organisation_id',
  },
  attributes: { region: 'text', projects: 'text[]', sizes: 'number[]' },
} as const

const row = {
  title: 'Dig',
  points: 3,
  done: false,
  due: 1_000,
  owner_id: 'u1',
  organisation_id: 'o1',
}
const caller: ConditionCaller = { userId: 'u1', organisation: 'o1', level: 1 }

function ask(condition: unknown, object: AppObject = row, question: object = {}): boolean {
  const verdict = compileCondition(condition, context)
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.faults))
  return meets(verdict.condition, object, { caller, now: 0, ...question })
}

function denies(condition: unknown, object: AppObject, caller: ConditionCaller): boolean {
  const verdict = compileCondition(condition, context)
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.faults))
  return forbids(verdict.condition, object, { caller, now: 0 })
}

function thrown(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`
  }
}

const title = (test: object) => ({ column: 'title', ...test })

describe('NULL', () => {
  const unnamed = { ...row, title: null }

  it.each([
    [title({ equals: 'Dig' })],
    [title({ notEquals: 'Dig' })],
    [title({ lessThan: 'z' })],
    [title({ in: ['Dig'] })],
    [title({ isNull: false })],
    [{ any: [title({ equals: 'Dig' }), title({ notEquals: 'Dig' })] }],
  ])('satisfies neither %j nor its negation, but for what asks about NULL', (condition) => {
    expect(ask(condition, unnamed)).toBe(false)
    expect(ask({ not: condition }, unnamed)).toBe('isNull' in condition)
  })

  it('satisfies isNull: true', () => {
    expect(ask(title({ isNull: true }), unnamed)).toBe(true)
    expect(ask(title({ isNull: true }))).toBe(false)
  })

  it('decides nothing that something certain has decided', () => {
    expect(ask({ any: [title({ equals: 'x' }), { owner: true }] }, unnamed)).toBe(true)
    expect(ask({ not: { all: [title({ equals: 'x' }), { level: 2 }] } }, unnamed)).toBe(true)
  })

  it('is the organisation that the request does not name, and an attribute that is not given', () => {
    const nowhere = { caller: { userId: 'u1', level: 1 } }
    const region = title({ equals: { attribute: 'region' } })
    for (const condition of [{ tenant: true }, region, title({ in: { attribute: 'projects' } })]) {
      expect(ask(condition, row, nowhere)).toBe(false)
      expect(ask({ not: condition }, row, nowhere)).toBe(false)
    }
    expect(ask({ not: { owner: true } }, row, { caller: { userId: '', level: 1 } })).toBe(false)
  })
})

describe('a fact about the caller that nobody told', () => {
  const nobody: ConditionCaller = { userId: 'u1', level: 1 }
  const region = title({ equals: { attribute: 'region' } })
  const projects = title({ in: { attribute: 'projects' } })

  it.each([
    [{ tenant: true }],
    [region],
    [projects],
    [{ any: [{ level: 2 }, region] }],
    [{ all: [{ owner: true }, { not: { all: [{ owner: true }, region] } }] }],
  ])('has a denial of %j count as met, and its negation too', (condition) => {
    for (const one of [condition, { not: condition }]) {
      if ('all' in condition && 'not' in one) continue
      expect(denies(one, row, nobody)).toBe(true)
      expect(denies(one, { ...row, title: null, organisation_id: null }, nobody)).toBe(true)
      expect(ask(one, row, { caller: nobody })).toBe(false)
    }
  })

  it('decides nothing that something certain has decided', () => {
    expect(denies({ all: [region, { level: 2 }] }, row, nobody)).toBe(false)
    expect(denies({ not: { any: [region, { owner: true }] } }, row, nobody)).toBe(false)
  })

  it('is not NULL in the row, which is met by no denial either', () => {
    const told = { ...nobody, organisation: 'o1', attributes: { region: 'x', projects: [] } }
    for (const one of [{ tenant: true }, region]) {
      const unnamed = { ...row, title: null, organisation_id: null }
      expect([denies(one, unnamed, told), denies({ not: one }, unnamed, told)]).toEqual([
        false,
        false,
      ])
    }
    expect([denies(projects, row, told), denies({ not: projects }, row, told)]).toEqual([
      false,
      true,
    ])
  })

  it('is an attribute that is told as null, and an account without an id', () => {
    expect(denies({ not: region }, row, { ...nobody, attributes: { region: null } as never })).toBe(
      true,
    )
    expect(denies({ not: { owner: true } }, row, { userId: '', level: 1 })).toBe(true)
  })
})

describe('an object', () => {
  it.each([
    [{ owner: true }, { owner_id: undefined }, "'owner_id' (text), which is not there"],
    [title({ isNull: true }), { title: undefined }, "'title' (text), which is not there"],
    [title({ equals: 'a' }), { title: 7 }, "'title' (text), which is of the type number"],
    [title({ equals: 'a' }), { title: '\udc00' }, 'half a character'],
    [
      { column: 'points', equals: 1 },
      { points: '1' },
      "'points' (number), which is of the type string",
    ],
    [{ column: 'points', equals: 1 }, { points: Number.NaN }, "'points' (number)"],
    [{ column: 'points', equals: 1 }, { points: 2n ** 60n }, "'points' (number)"],
    [{ column: 'done', equals: true }, { done: 2 }, "'done' (boolean)"],
    [{ column: 'done', equals: true }, { done: 'true' }, "'done' (boolean)"],
    [{ column: 'due', equals: 1 }, { due: new Date(Number.NaN) }, "'due' (instant)"],
    [{ column: 'due', equals: 1 }, { due: [1] }, 'a list of 1'],
    [{ any: [{ level: 1 }, { owner: true }] }, { owner_id: undefined }, "'owner_id'"],
  ])(
    'without what a rule reads, or with another type there, is judged by nobody, case %#',
    (condition, change, told) => {
      const message = thrown(() => ask(condition, { ...row, ...change }))
      expect(message).toMatch(/^object_invalid: /)
      expect(message).toContain(told)
    },
  )

  it('is told of by its types, never by its values', () => {
    const message = thrown(() => ask(title({ equals: 'a' }), { ...row, title: ['s3cret'] }))
    expect(message).not.toContain('s3cret')
  })

  it.each([
    [{ column: 'done', equals: true }, { done: 1 }],
    [{ column: 'done', equals: false }, { done: 0n }],
    [{ column: 'points', equals: 3 }, { points: 3n }],
    [{ column: 'points', equals: 0 }, { points: -0 }],
    [{ column: 'due', equals: 5 }, { due: new Date(5) }],
    [{ column: 'due', equals: 5 }, { due: 5n }],
  ])('is read as drivers give it, case %#', (condition, change) => {
    expect(ask(condition, { ...row, ...change })).toBe(true)
  })

  it('may have its columns on a prototype, as rows of an ORM have them', () => {
    class Task {
      get owner_id() {
        return 'u1'
      }
    }
    expect(ask({ owner: true }, new Task() as unknown as AppObject)).toBe(true)
  })
})

it.each([
  [{ region: 7 }, "'region' is declared as text and was given of the type number"],
  [{ region: ['a'] }, 'a list of 1'],
  [{ region: '\ud800' }, 'half a character'],
])('an attribute of another type is refused: %j', (attributes, told) => {
  const asking = () =>
    ask(title({ equals: { attribute: 'region' } }), row, { caller: { ...caller, attributes } })
  expect(thrown(asking)).toMatch(/^attribute_invalid: /)
  expect(thrown(asking)).toContain(told)
})

it('a list of the caller holds at most 1,000 values of its type', () => {
  const inProjects = (projects: unknown) =>
    ask(title({ in: { attribute: 'projects' } }), row, {
      caller: { ...caller, attributes: { projects } },
    })
  expect(inProjects(['x', 'Dig'])).toBe(true)
  expect(inProjects([])).toBe(false)
  expect(thrown(() => inProjects(['Dig', 1]))).toMatch(/^attribute_invalid/)
  expect(thrown(() => inProjects('Dig'))).toMatch(/^attribute_invalid/)
  expect(thrown(() => inProjects(Array(1_001).fill('Dig')))).toMatch(/^attribute_invalid/)
})

describe('text', () => {
  it('is ordered by the bytes of its UTF-8', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'A', 'ä', '\ue000', '\uffff', '😀', '\u{10ffff}', ''),
    })
    const sign = (one: string, other: string) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other))
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(Math.sign(compareText(one, other)) + 0).toBe(sign(one, other))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is equal to itself alone: neither case, accents nor blanks are overlooked', () => {
    for (const other of ['dig', 'Dig ', 'Díg', 'Ｄig'])
      expect(ask(title({ equals: other }))).toBe(false)
  })
})

describe('a window of time', () => {
  const at = (text: string) => Date.parse(text)
  const inside = (time: object, moment: string) => ask({ time }, row, { now: at(moment) })
  const office = { from: '08:00', to: '17:30', zone: 'Europe/Berlin' }

  it.each([
    ['2026-01-05T06:59:59.999Z', false],
    ['2026-01-05T07:00:00.000Z', true],
    ['2026-01-05T16:29:59.999Z', true],
    ['2026-01-05T16:30:00.000Z', false],
    ['2026-07-06T06:00:00.000Z', true],
    ['2026-07-06T05:59:00.000Z', false],
  ])(
    'begins at its first minute and ends before its last, in summer and winter: %s',
    (moment, met) => {
      expect(inside(office, moment)).toBe(met)
      expect(ask({ not: { time: office } }, row, { now: at(moment) })).toBe(!met)
    },
  )

  it('over midnight belongs to the day it began', () => {
    const night = { from: '22:00', to: '06:00', zone: 'UTC', days: ['fri', 'sun'] }
    expect(inside(night, '2026-01-02T22:00:00Z')).toBe(true)
    expect(inside(night, '2026-01-03T05:59:00Z')).toBe(true)
    expect(inside(night, '2026-01-02T05:59:00Z')).toBe(false)
    expect(inside(night, '2026-01-03T22:00:00Z')).toBe(false)
    expect(inside(night, '2026-01-05T00:30:00Z')).toBe(true)
  })

  it('may be a whole day', () => {
    const monday = { from: '00:00', to: '24:00', zone: 'UTC', days: ['mon'] }
    expect(inside(monday, '2026-01-05T23:59:59Z')).toBe(true)
    expect(inside(monday, '2026-01-06T00:00:00Z')).toBe(false)
  })
})

it('a level is proven or it is not', () => {
  expect(ask({ level: 1 })).toBe(true)
  expect(ask({ level: 2 })).toBe(false)
  expect(ask({ level: 2 }, row, { caller: { ...caller, level: 2 } })).toBe(true)
})
