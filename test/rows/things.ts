import fc from 'fast-check'
import {
  type AttributeType,
  type ColumnType,
  type CompiledCondition,
  type ConditionCaller,
  compileCondition,
  type ResourceShape,
  type Scalar,
} from '../../src/conditions/index.ts'
import type { RowRules } from '../../src/rows/index.ts'

/** Columns of every type, two of text so that one may have a collation of its own. */
export const shape = {
  table: 'things',
  columns: {
    name: 'text',
    word: 'text',
    size: 'number',
    count: 'number',
    open: 'boolean',
    at: 'instant',
  },
  owner: 'owner_id',
  tenant: 'tenant_id',
} as const satisfies ResourceShape

export const attributes: Readonly<Record<string, AttributeType>> = {
  region: 'text',
  limit: 'number',
  vip: 'boolean',
  since: 'instant',
  names: 'text[]',
  sizes: 'number[]',
}

/** One row as every driver of ours gives it back; `open` as 0 or 1. */
export interface Thing {
  readonly [column: string]: unknown
  readonly id: number
  readonly name: string | null
}

export interface Case {
  readonly allow: RowRules
  readonly deny: RowRules
  readonly caller: ConditionCaller
  readonly now: number
}

// Pairs that some collation takes for equal, an order that UTF-16 has the other way round, and SQL.
const texts = [
  ...['a', 'A', 'a ', 'ä', 'a\u0308', 'ß', 'ss', '', '😀', '😁', '\ue000', '\uffee', '10', '9'],
  ...["' or 1=1 --", '\\', 'u1', 'o1', '日本', 'É', 'é'],
]
const numbers = [-1, 0, 1, 2, 2.5, 0.1, 10, 1_000_000_007]
const wholes = [-1, 0, 1, 2, 10, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1]
const instants = [0, 1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000]
const people = ['u1', 'u2', 'U1']
const tenants = ['o1', 'o2']

const orNull = <T>(values: readonly T[]) =>
  fc.option(fc.constantFrom(...values), { nil: null, freq: 5 })

/** A row without its id. */
export const thing = fc.record({
  name: orNull(texts),
  word: orNull(texts),
  size: orNull(numbers),
  count: orNull(wholes),
  open: orNull([0, 1]),
  at: orNull(instants),
  owner_id: orNull(people),
  tenant_id: orNull(tenants),
})

const literals: Readonly<Record<ColumnType, readonly Scalar[]>> = {
  text: texts,
  number: numbers,
  boolean: [true, false],
  instant: instants,
}
const attributeOf = { text: 'region', number: 'limit', boolean: 'vip', instant: 'since' } as const

function operand(type: ColumnType): fc.Arbitrary<unknown> {
  const literal = fc.constantFrom(...literals[type])
  const attribute = fc.constant({ attribute: attributeOf[type] })
  const caller = fc.constantFrom({ caller: 'userId' }, { caller: 'organisation' })
  const ways = [{ weight: 6, arbitrary: literal as fc.Arbitrary<unknown> }]
  ways.push({ weight: 2, arbitrary: attribute })
  if (type === 'text') ways.push({ weight: 1, arbitrary: caller })
  return fc.oneof(...ways)
}

function comparison(column: string, type: ColumnType): fc.Arbitrary<unknown> {
  const order = type === 'boolean' ? [] : ['lessThan', 'atMost', 'moreThan', 'atLeast']
  const operators = fc.constantFrom('equals', 'notEquals', ...order)
  const compared = fc
    .tuple(operators, operand(type))
    .map(([operator, value]) => ({ column, [operator]: value }))
  const isNull = fc.boolean().map((wanted) => ({ column, isNull: wanted }))
  if (type === 'boolean') return fc.oneof(compared, isNull)
  const list = fc.oneof(
    fc.array(fc.constantFrom(...literals[type]), { minLength: 1, maxLength: 4 }),
    ...(type === 'instant'
      ? []
      : [fc.constant({ attribute: type === 'text' ? 'names' : 'sizes' })]),
  )
  const member = list.map((values) => ({ column, in: values }))
  return fc.oneof(
    { weight: 6, arbitrary: compared },
    { weight: 2, arbitrary: member },
    { weight: 1, arbitrary: isNull },
  )
}

const days = fc.option(
  fc.uniqueArray(fc.constantFrom('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'), {
    minLength: 3,
  }),
  { nil: undefined },
)
const clock = fc.constantFrom('00:00', '06:30', '12:00', '22:15', '23:59')
const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu')
const window = fc
  .record({ from: clock, to: clock, zone: zones, days })
  .map(({ days: on, ...rest }) => ({ time: on ? { ...rest, days: on } : rest }))

const leaf = fc.oneof(
  ...Object.entries(shape.columns).map(([column, type]) => ({
    weight: 3,
    arbitrary: comparison(column, type),
  })),
  { weight: 3, arbitrary: fc.constant({ owner: true }) as fc.Arbitrary<unknown> },
  { weight: 2, arbitrary: fc.constant({ tenant: true }) as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: window as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: fc.constantFrom({ level: 1 }, { level: 2 }) as fc.Arbitrary<unknown> },
)

const { condition } = fc.letrec<{ condition: unknown }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie('condition').map((not) => ({ not })),
  ),
}))

/** What compiles: contradictions are refused, and so are not asked about rows. */
const compiled = condition
  .map((source) => compileCondition(source, { resource: shape, name: 'things', attributes }))
  .filter((verdict) => verdict.ok)
  .map((verdict) => (verdict as { readonly condition: CompiledCondition }).condition)

const given = fc.record(
  {
    region: fc.option(fc.constantFrom(...texts), { nil: null }),
    limit: fc.constantFrom(...numbers),
    vip: fc.boolean(),
    since: fc.constantFrom(...instants),
    names: fc.array(fc.constantFrom(...texts), { maxLength: 4 }),
    sizes: fc.array(fc.constantFrom(...numbers), { maxLength: 4 }),
  },
  { requiredKeys: [] },
)

const caller: fc.Arbitrary<ConditionCaller> = fc
  .record({
    userId: fc.constantFrom('u1', 'u2', 'u1', ''),
    organisation: fc.option(fc.constantFrom(...tenants), { nil: undefined }),
    level: fc.constantFrom(1 as const, 2 as const),
    attributes: given,
  })
  .map(({ organisation, ...rest }) => ({ ...rest, ...(organisation ? { organisation } : {}) }))

// Nights, week ends and both turns of the clock in Berlin.
const moments = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
  fc.constantFrom(1_774_745_999_999, 1_774_746_000_000, 1_792_890_000_000, 1_792_893_600_000),
)

const rules = (always: number, maxLength: number, minLength: number): fc.Arbitrary<RowRules> =>
  fc.oneof(
    { weight: always, arbitrary: fc.constant(true as const) },
    { weight: 100 - always, arbitrary: fc.array(compiled, { minLength, maxLength }) },
  )

/** A set of rules and somebody who asks. */
export const ruleCase: fc.Arbitrary<Case> = fc.record({
  allow: rules(8, 4, 1),
  deny: fc.oneof(fc.constant([]), rules(2, 2, 1)),
  caller,
  now: moments,
})

/** The written conditions of a case, for counting and for messages. */
export function writtenOf({ allow, deny, ...rest }: Case): string {
  const plain = (one: RowRules) => (one === true ? true : one.map(({ source }) => source))
  return JSON.stringify({ allow: plain(allow), deny: plain(deny), ...rest })
}
