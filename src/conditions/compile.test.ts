import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConditionContext, compileCondition, readsRow } from './index.ts'

const context: ConditionContext = {
  name: 'tasks',
  resource: {
    columns: { title: 'text', points: 'number', done: 'boolean', due: 'instant' },
    owner: 'owner_id',
    tenant: 'organisation_id',
  },
  attributes: {
    region: 'text',
    limit: 'number',
    vip: 'boolean',
    since: 'instant',
    projects: 'text[]',
  },
}

const compile = (condition: unknown, changes: Partial<ConditionContext> = {}) =>
  compileCondition(condition, { ...context, ...changes })

/** `place: problem` of everything that is wrong. */
function wrong(condition: unknown, changes: Partial<ConditionContext> = {}): readonly string[] {
  const verdict = compile(condition, changes)
  return verdict.ok ? [] : verdict.faults.map(({ path, problem }) => `${path}: ${problem}`)
}

const window = { from: '08:00', to: '17:30', zone: 'Europe/Berlin' }

describe('a condition is taken that', () => {
  it.each([
    [{ owner: true }],
    [{ tenant: true }],
    [{ level: 2 }],
    [{ time: window }],
    [{ time: { from: '22:00', to: '06:00', zone: 'UTC', days: ['fri', 'sat'] } }],
    [{ time: { from: '00:00', to: '24:00', zone: 'America/Argentina/Ushuaia', days: ['mon'] } }],
    [{ column: 'title', equals: '' }],
    [{ column: 'title', equals: { caller: 'organisation' } }],
    [{ column: 'title', in: { attribute: 'projects' } }],
    [{ column: 'points', atLeast: -0.5 }],
    [{ column: 'points', moreThan: { attribute: 'limit' } }],
    [{ column: 'done', notEquals: { attribute: 'vip' } }],
    [{ column: 'due', lessThan: { attribute: 'since' } }],
    [{ column: 'due', isNull: false }],
    [{ all: [{ owner: true }, { not: { any: [{ column: 'done', equals: true }] } }] }],
    [
      {
        any: [
          { column: 'points', equals: 1 },
          { column: 'points', equals: 2 },
        ],
      },
    ],
  ])('%j', (condition) => {
    expect(wrong(condition)).toEqual([])
  })
})

describe('a condition is refused, with the place,', () => {
  it.each([
    [null, ': must be a condition such as { owner: true }'],
    [[], ': must be a condition such as { owner: true }'],
    ['owner', ': must be a condition such as { owner: true }'],
    [{}, ': must have one of all, any, not, column, owner, tenant, time, level'],
    [{ owner: false }, '.owner: must be true'],
    [{ owner: true, level: 2 }, ": holds 'level' beside 'owner': write { all: [...] } around them"],
    [{ all: [] }, '.all: must be a list of at least one condition'],
    [{ any: { owner: true } }, '.any: must be a list of at least one condition'],
    [{ not: { all: [{ level: 3 }] } }, '.not.all[0].level: must be 1 or 2'],
    [{ level: '2' }, '.level: must be 1 or 2'],
    [
      { column: 'titel', equals: 'x' },
      '.column: is no column of the resource \'tasks\'. Did you mean "title"? Its columns are title, points, done, due',
    ],
    [
      { column: '__proto__', equals: 'x' },
      ".column: is no column of the resource 'tasks'. Its columns are title, points, done, due",
    ],
    [{ column: 'title' }, ': must have exactly one of'],
    [{ column: 'title', equals: 'a', notEquals: 'b' }, ': must have exactly one of'],
    [{ column: 'title', like: 'a%' }, ": holds 'like' beside 'column'"],
    [{ column: 'title', equals: 1 }, '.equals: must be text'],
    [{ column: 'title', equals: null }, '.equals: must be text'],
    [{ column: 'title', equals: 'a\0b' }, '.equals: holds the character U+0000'],
    [{ column: 'title', equals: '\ud800' }, '.equals: holds half a character'],
    [{ column: 'title', equals: 'x'.repeat(1_001) }, '.equals: must be at most 1000 characters'],
    [{ column: 'points', equals: '1' }, '.equals: must be a number'],
    [{ column: 'points', equals: Number.NaN }, '.equals: must be a number'],
    [{ column: 'points', equals: 2 ** 53 }, '.equals: is a whole number too large to be exact'],
    [{ column: 'due', equals: 1.5 }, '.equals: must be a whole number of epoch milliseconds'],
    [{ column: 'due', equals: new Date(0) }, '.equals: must be a whole number'],
    [{ column: 'done', equals: 1 }, '.equals: must be true or false'],
    [{ column: 'done', lessThan: true }, '.lessThan: does not suit a boolean'],
    [{ column: 'done', in: [true] }, '.in: does not suit a boolean'],
    [{ column: 'title', in: [] }, '.in: must be a list of 1 to 256 values'],
    [{ column: 'title', in: ['a', 2] }, '.in[1]: must be text'],
    [{ column: 'title', isNull: 'yes' }, '.isNull: must be true or false'],
    [
      { column: 'title', equals: { attribute: 'regoin' } },
      '.equals.attribute: is none of the declared attributes. Did you mean "region"? They are region, limit',
    ],
    [
      { column: 'title', equals: { attribute: 'limit' } },
      '.equals: is an attribute of the type number',
    ],
    [
      { column: 'title', in: { attribute: 'region' } },
      '.in: is an attribute of the type text; here it has to be text[]',
    ],
    [{ column: 'due', in: { attribute: 'projects' } }, '.in: is an attribute of the type text[]'],
    [{ column: 'points', equals: { caller: 'userId' } }, '.equals: is text, and the column'],
    [{ column: 'title', equals: { caller: 'email' } }, '.equals: must be a value, { caller'],
    [{ time: { ...window, zone: 'CET' } }, ".time.zone: must be 'UTC' or an IANA zone"],
    [{ time: { ...window, zone: '+02:00' } }, '.time.zone: must be'],
    [{ time: { ...window, zone: 'Europe/Berlim' } }, '.time.zone: must be'],
    [{ time: { ...window, from: '24:00' } }, '.time.from: must be a time'],
    [{ time: { ...window, to: '8:00' } }, '.time.to: must be a time'],
    [{ time: { ...window, to: '08:00' } }, ".time.to: is the same as 'from'"],
    [{ time: { ...window, days: [] } }, '.time.days: must be a list'],
    [{ time: { ...window, days: ['mon', 'mon'] } }, '.time.days: must be a list'],
    [{ time: { ...window, until: 1 } }, ".time: holds 'until'"],
  ])('%j', (condition, fault) => {
    expect(wrong(condition).join('\n')).toContain(fault)
  })

  it('of which no row could ever be meant', () => {
    const of = (...all: unknown[]) => wrong({ all })
    const title = (test: object) => ({ column: 'title', ...test })
    const points = (test: object) => ({ column: 'points', ...test })
    const clashes = [
      of(title({ equals: 'a' }), title({ equals: 'A' })),
      of(title({ equals: 'a' }), title({ notEquals: 'a' })),
      of(title({ in: ['a', 'b'] }), title({ in: ['c'] })),
      of(title({ lessThan: '\ue000' }), title({ atLeast: '😀' })),
      of(title({ isNull: true }), title({ equals: { caller: 'userId' } })),
      of(title({ isNull: true }), title({ isNull: false })),
      of(points({ moreThan: 5 }), points({ lessThan: 5 })),
      of(points({ atLeast: 5 }), points({ lessThan: 5 })),
      of(points({ equals: 3 }), points({ moreThan: 5 })),
      of({ owner: true }, { not: { owner: true } }),
    ]
    for (const faults of clashes) {
      expect(faults).toEqual(['.all[1]: contradicts .all[0]: no row meets both'])
    }
    expect(of(points({ atLeast: 5 }), points({ atMost: 5 }))).toEqual([])
    expect(of({ owner: true }, { all: [{ level: 2 }, { not: { owner: true } }] })).toEqual([
      '.all[1].all[1]: contradicts .all[0]: no row meets both',
    ])
  })

  it('that is deeper than 8 levels or longer than 64 parts', () => {
    const deep = (levels: number): unknown =>
      levels === 1 ? { level: 1 } : { not: deep(levels - 1) }
    expect(wrong(deep(8))).toEqual([])
    expect(wrong(deep(9)).join()).toContain('lies deeper than 8 levels')
    const wide = (parts: number) => ({ any: Array.from({ length: parts }, () => ({ level: 1 })) })
    expect(wrong(wide(63))).toEqual([])
    expect(wrong(wide(64)).join()).toContain('.any[63]: is part 65')
    expect(wrong(wide(100_000))).toHaveLength(1)
  })

  it('of an owner or a column where the resource has none', () => {
    const bare = { name: 'notes', resource: undefined }
    expect(wrong({ owner: true }, bare)).toEqual([
      ".owner: needs a column 'owner' of the resource 'notes'",
    ])
    expect(wrong({ column: 'title', equals: 'x' }, bare)).toEqual([
      ".column: is no column of the resource 'notes'. It declares none",
    ])
    expect(wrong({ level: 2 }, bare)).toEqual([])
  })
})

describe('what was compiled', () => {
  it('is a frozen copy: whoever wrote the condition cannot change it any more', () => {
    const written = { all: [{ column: 'title', in: ['a'] }] }
    const verdict = compile(written)
    written.all[0]?.in.push('b')
    if (!verdict.ok) throw new Error('refused')
    expect(verdict.condition.source).toEqual({ all: [{ column: 'title', in: ['a'] }] })
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(frozen))
    expect(frozen(verdict.condition.source)).toBe(true)
  })

  it('knows whether it reads the row', () => {
    const reads = (condition: unknown) => {
      const verdict = compile(condition)
      return verdict.ok && readsRow(verdict.condition)
    }
    expect(reads({ not: { any: [{ level: 2 }, { owner: true }] } })).toBe(true)
    expect(reads({ all: [{ level: 2 }, { time: window }] })).toBe(false)
  })
})

describe('whatever is given', () => {
  const words = [
    'all',
    'any',
    'not',
    'column',
    'owner',
    'in',
    'equals',
    'time',
    'level',
    'attribute',
  ]
  const value = fc.oneof(fc.anything(), fc.constantFrom<unknown>('title', true, 2, window))
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'medium' },
      value,
      fc.dictionary(fc.constantFrom(...words), tie('tree'), { maxKeys: 3 }),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }))

  it('compileCondition never throws, and tells of each refusal where and why', () => {
    const judge = (given: unknown) => {
      const verdict = compile(given)
      if (verdict.ok) return
      expect(verdict.faults.length).toBeGreaterThan(0)
      for (const { path, problem } of verdict.faults) {
        expect(path).toMatch(/^(\.[a-zA-Z]+(\[\d+\])?)*$/)
        expect(problem.length).toBeGreaterThan(5)
      }
    }
    fc.assert(fc.property(tree, judge), { numRuns: 5_000 })
    const round: Record<string, unknown> = {}
    round.not = round
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trapped')
        },
      },
    )
    for (const given of [round, trap, { all: [trap] }, () => true, Symbol('x'), new Map()])
      judge(given)
  })
})
