import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callerSettings, rlsScript, rowFilter, setCaller } from '../../src/rows/index.ts'
import { isAvailable } from '../services/binaries.ts'
import { describeEngines } from '../services/fresh-database.ts'
import { type Asked, askEngine, connect, plainRoles } from './engines.ts'
import { lets } from './reference.ts'
import { type Case, ruleCase, shape, type Thing, thing, writtenOf } from './things.ts'

const seed = Number(process.env.ROWS_SEED ?? Date.now() % 2 ** 31)
const cases = fc.sample(ruleCase, { numRuns: 10_000, seed })
const rows: readonly Thing[] = fc
  .sample(thing, { numRuns: 40, seed })
  .map((row, id) => ({ id, ...row }))
const expected = cases.map((one) => rows.filter((row) => lets(one, row)).map(({ id }) => id))
const told = (at: number) => `case ${at} of ROWS_SEED=${seed}: ${cases[at] && writtenOf(cases[at])}`

const filterOf = (one: Case, dialect: Asked['dialect'] = 'sqlite') =>
  rowFilter({ ...one, table: 'things', dialect })

it('the cases are worth asking: 30 % allowed, 30 % denied, with NULL, denials and unicode', () => {
  const allowed = expected.reduce((sum, ids) => sum + ids.length, 0) / (cases.length * rows.length)
  const written = cases.map(writtenOf)
  const counts = {
    cases: cases.length,
    rows: rows.length,
    allowed: Math.round(allowed * 100),
    withDenials: cases.filter(({ deny }) => deny === true || deny.length > 0).length,
    deniedByWhatNobodyTold: cases.filter(isDeniedUntold).length,
    withNegations: written.filter((text) => text.includes('"not":')).length,
    withUnicode: written.filter((text) => /[^\0-\x7f]/.test(text)).length,
    rowsWithNull: rows.filter((row) => Object.values(row).includes(null)).length,
  }
  process.stdout.write(`rows: ${JSON.stringify(counts)}\n`)
  expect(counts.allowed).toBeGreaterThanOrEqual(30)
  expect(counts.allowed).toBeLessThanOrEqual(70)
  expect(counts.withDenials).toBeGreaterThan(2_000)
  expect(counts.deniedByWhatNobodyTold).toBeGreaterThan(300)
  expect(counts.withUnicode).toBeGreaterThan(1_000)
  expect(counts.rowsWithNull).toBeGreaterThan(10)
})

/** Whether a denial reads a fact about the caller that nobody told. */
function isDeniedUntold({ caller, deny }: Case): boolean {
  const written = deny === true ? '' : JSON.stringify(deny.map(({ source }) => source))
  const named = [...written.matchAll(/"attribute":"(\w+)"/g)].map(([, name = '']) => name)
  const isUntold = named.some((name) => (caller.attributes?.[name] ?? null) === null)
  return isUntold || (/"tenant"|"organisation"/.test(written) && !caller.organisation)
}

it('check lets through what the language says', () => {
  for (const [at, one] of cases.entries()) {
    const filter = filterOf(one)
    const ids = rows.filter((row) => filter.check(row)).map(({ id }) => id)
    expect(ids, told(at)).toEqual(expected[at])
    if (filter.reach === 'all') expect(ids.length, told(at)).toBe(rows.length)
    if (filter.reach === 'none') expect(ids, told(at)).toEqual([])
  }
})

describeEngines('a filter on real rows', (engine) => {
  let asked: Asked

  beforeAll(async () => {
    asked = await askEngine(engine, rows)
  })

  afterAll(() => asked?.close())

  it('lets through what check lets through', { timeout: 180_000 }, async () => {
    for (const [at, one] of cases.entries()) {
      const form = at % 4 === 0 ? 'kysely' : 'text'
      expect(await asked.ids(filterOf(one, asked.dialect), form), told(at)).toEqual(expected[at])
    }
  })
})

describe.skipIf(!isAvailable('postgres'))('row-level security', () => {
  it('lets through what check lets through', { timeout: 300_000 }, async () => {
    const asked = await askEngine('postgres', rows)
    const admin = await connect(asked.url)
    const { app } = await plainRoles(admin)
    const client = await connect(asked.url, app)
    const size = 8
    for (let from = 0; from < cases.length; from += size) {
      const some = cases.slice(from, from + size)
      await admin.query(scriptOf(some))
      await client.query('begin')
      for (const [index, one] of some.entries()) {
        const ids = await idsOf(client, one, index)
        expect(ids, told(from + index)).toEqual(expected[from + index])
      }
      await client.query('rollback')
    }
    await client.end()
    await admin.end()
    await asked.close()
  })
})

/** Every case is a role of its own. */
function scriptOf(some: readonly Case[]): string {
  const roles = some.map((_, index) => `role_${index}`)
  const rules = some.map(({ allow, deny }, index) => ({
    ...{ role: `role_${index}`, action: 'read' as const, allow, deny },
  }))
  const resources = [{ name: 'things', table: shape.table ?? '', rules }]
  return rlsScript({ resources, roles, superAdminRole: 'super_admin' })
}

async function idsOf(
  client: Awaited<ReturnType<typeof connect>>,
  { caller, now }: Case,
  index: number,
): Promise<readonly number[]> {
  const settings = () =>
    callerSettings({ ...caller, now, roles: [`role_${index}`], permitted: ['read:things'] })
  await setCaller(client, { settings })
  const { rows: found } = await client.query('select id from things order by id')
  return found.map(({ id }) => id)
}
