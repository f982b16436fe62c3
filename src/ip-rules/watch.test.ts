import { expect, it } from 'vitest'
import type { Database } from '../database/index.ts'
import { type Exchange, newExchangeState } from '../http/index.ts'
import { type Logger, silentLogger } from '../ports/index.ts'
import { TestClock } from '../testing/index.ts'
import { AddressWatch, compileRouteRules, fixedRules, RuleCopy } from './index.ts'

const paths = { admin: ['/admin'], auth: ['/auth'] }

type Rows = readonly object[]

function watchOver(
  readRows: () => Rows | Promise<Rows>,
  fixed = fixedRules(noRules),
  logger: Logger = silentLogger,
) {
  const query = {
    ...{ selectAll: () => query, where: () => query, orderBy: () => query, limit: () => query },
    execute: async () => readRows(),
  }
  const database = { reader: { selectFrom: () => query } } as unknown as Database
  const copy = new RuleCopy({ paths, fixed, logger })
  const revocations = { fresh: true }
  const refusals = { note: () => {} }
  const clock = new TestClock()
  const watch = new AddressWatch({ copy, database, revocations, clock, refusals })
  return { copy, revocations, watch }
}

const noRules = { allow: [], deny: [], admin: [] }
const row = {
  ...{ id: 'a', action: 'deny', range: '192.0.2.0/24', scope: 'all', reason: null },
  ...{ created_at: 0, created_by: null, expires_at: null },
}

function requestFrom(ip: string, path = '/x'): Exchange {
  const state = { ...newExchangeState(), client: { ip, key: ip } }
  return { method: 'GET', path, state } as unknown as Exchange
}

it('a node that cannot read the rules lets nobody in by guess, and reads them when it can', async () => {
  let isAway = true
  const { watch } = watchOver(() => {
    if (isAway) throw new Error('away')
    return [row]
  })
  await expect(watch.judge(requestFrom('192.0.2.1'))).rejects.toThrow('away')
  await expect(watch.judgeScope('admin', requestFrom('192.0.2.1'))).rejects.toThrow('away')
  isAway = false
  expect(await watch.judge(requestFrom('192.0.2.1'))).toMatchObject({ code: 'address_refused' })
})

it('a change that was heard of and could not be read is read at the next request', async () => {
  let rows: readonly object[] | undefined = []
  const { copy, watch } = watchOver(() => rows ?? fail())
  expect(await watch.judge(requestFrom('192.0.2.1'))).toBeUndefined()
  copy.revoked({ kind: 'ip_rules', id: 'a' })
  rows = undefined
  const several = [1, 2, 3].map(async () => watch.judge(requestFrom('192.0.2.1')))
  for (const one of several) await expect(one).rejects.toThrow('away')
  rows = [row]
  expect(await watch.judge(requestFrom('192.0.2.1'))).toMatchObject({ code: 'address_refused' })
  expect(copy.settled).toBe(true)
})

it('every request that comes while a change is read waits for it, in the same time as the first', async () => {
  let rows: Rows = []
  let arrive = () => {}
  let arrival = Promise.resolve()
  const { copy, watch } = watchOver(() => arrival.then(() => rows))
  expect(await watch.judge(requestFrom('192.0.2.1'))).toBeUndefined()
  for (const id of ['a', '*']) {
    rows = []
    copy.everything()
    await watch.judge(requestFrom('192.0.2.1'))
    rows = [row]
    arrival = new Promise((resolve) => {
      arrive = resolve
    })
    copy.revoked({ kind: 'ip_rules', id })
    const judged = [1, 2, 3].map(() => watch.judge(requestFrom('192.0.2.1')))
    const marked = watch.judgeScope('all', requestFrom('192.0.2.1'))
    expect(copy.settled).toBe(false)
    arrive()
    for (const one of [...judged, marked]) {
      expect(await one).toMatchObject({ code: 'address_refused' })
    }
    expect(copy.settled).toBe(true)
  }
})

it('a change that comes in the instant in which the one before was read is read too', async () => {
  for (let turns = 0; turns < 20; turns++) {
    let rows: Rows = []
    const { copy, watch } = watchOver(() => rows)
    await watch.judge(requestFrom('192.0.2.1'))
    copy.revoked({ kind: 'ip_rules', id: 'b' })
    const first = watch.judge(requestFrom('192.0.2.1'))
    for (let turn = 0; turn < turns; turn++) await null
    rows = [row]
    copy.revoked({ kind: 'ip_rules', id: 'a' })
    expect(await watch.judge(requestFrom('192.0.2.1'))).toMatchObject({ code: 'address_refused' })
    await first
  }
})

it('a request waits for nothing while nothing has changed', async () => {
  const { watch } = watchOver(() => [row])
  await watch.judge(requestFrom('192.0.2.1'))
  expect(watch.judge(requestFrom('192.0.2.1'))).toMatchObject({ code: 'address_refused' })
  expect(watch.judge(requestFrom('192.0.3.1'))).toBeUndefined()
})

it('revocations of other kinds change nothing', async () => {
  const { copy, watch } = watchOver(() => [])
  await watch.judge(requestFrom('192.0.2.1'))
  copy.revoked({ kind: 'session', id: 'a' })
  expect(copy.settled).toBe(true)
})

it('thousands of changes are read as one', async () => {
  let reads = 0
  const { copy, watch } = watchOver(() => {
    reads += 1
    return []
  })
  await watch.judge(requestFrom('192.0.2.1'))
  reads = 0
  for (let at = 0; at < 5_000; at++) copy.revoked({ kind: 'ip_rules', id: `rule${at}` })
  await watch.judge(requestFrom('192.0.2.1'))
  expect(reads).toBe(1)
})

it('a socket that has no address passes where nobody is denied and nobody allowed, and nowhere else', async () => {
  const fixed = fixedRules({ ...noRules, admin: ['192.0.2.0/24'] })
  const { watch } = watchOver(() => [{ ...row, scope: '/closed' }], fixed)
  await watch.judge(requestFrom('unknown'))
  expect(watch.judge(requestFrom('unknown'))).toBeUndefined()
  expect(watch.judge(requestFrom('unknown', '/admin/users'))).toBeDefined()
  expect(watch.judge(requestFrom('unknown', '/closed/x'))).toBeDefined()
  expect(watch.judge(requestFrom('198.51.100.1', '/closed/x'))).toBeUndefined()
  expect(watch.judge(requestFrom('192.0.2.1', '/admin/users'))).toBeUndefined()
  for (const rules of [{ allow: ['192.0.2.0/24'] }, { deny: ['192.0.2.0/24'] }]) {
    expect(watch.judgeRoute(compileRouteRules(rules), requestFrom('unknown'))).toBeDefined()
  }
})

it('a rule that cannot be read does not hold, and all such are told of in one line when they change', async () => {
  const told: unknown[] = []
  const error = (_message: string, fields?: object) => void told.push(fields)
  const broken = Array.from({ length: 30 }, (_, at) => ({
    ...row,
    id: `b${at}`,
    range: 'anything',
  }))
  let rows: readonly (typeof row)[] = [...broken, row]
  const { copy, watch } = watchOver(() => rows, undefined, { ...silentLogger, error })
  const judged = async () => watch.judge(requestFrom('192.0.2.1'))
  expect(await judged()).toBeDefined()
  const ids = broken.slice(0, 10).map(({ id }) => id)
  expect(told).toEqual([{ rules: 30, ids }])
  for (let at = 0; at < 3; at++) {
    copy.everything()
    expect(await judged()).toBeDefined()
  }
  expect(told).toHaveLength(1)
  rows = [row]
  for (const { id } of broken) copy.revoked({ kind: 'ip_rules', id })
  expect(await judged()).toBeDefined()
  rows = broken.slice(0, 1)
  copy.everything()
  expect(await judged()).toBeUndefined()
  expect(told).toEqual([
    { rules: 30, ids },
    { rules: 1, ids: ['b0'] },
  ])
})

it.each([{ range: 'anything' }, { action: 'permit' }, { action: 'permit', range: 'anything' }])(
  'an allowance that cannot be read closes its scope all the same, until it is removed: %j',
  async (damage) => {
    const allowance = { ...row, action: 'allow', scope: '/vault' }
    let rows: Rows = [{ ...allowance, ...damage }]
    const { copy, watch } = watchOver(() => rows)
    expect(await watch.judge(requestFrom('192.0.2.1', '/vault'))).toBeDefined()
    expect(watch.judge(requestFrom('192.0.2.1', '/x'))).toBeUndefined()
    rows = [allowance]
    copy.revoked({ kind: 'ip_rules', id: 'a' })
    expect(await watch.judge(requestFrom('192.0.2.1', '/vault'))).toBeUndefined()
    rows = [{ ...allowance, ...damage }]
    copy.revoked({ kind: 'ip_rules', id: 'a' })
    expect(await watch.judge(requestFrom('192.0.2.1', '/vault'))).toBeDefined()
    expect(copy.rules.get('a')?.rule.scope).toBe('/vault')
    rows = []
    copy.revoked({ kind: 'ip_rules', id: 'a' })
    expect(await watch.judge(requestFrom('192.0.2.1', '/vault'))).toBeUndefined()
    expect(copy.rules.scopes).toEqual([])
  },
)

it('rules that could not be confirmed for too long let nobody pass where they hold', async () => {
  const fixed = fixedRules({ ...noRules, deny: ['10.0.0.0/8'] })
  const { revocations, watch } = watchOver(() => [{ ...row, scope: '/a' }], fixed)
  const free = requestFrom('198.51.100.1', '/a/b')
  expect(await watch.judge(free)).toBeUndefined()
  revocations.fresh = false
  const unconfirmed = { code: 'unavailable', status: 503 }
  await expect(watch.judge(free)).rejects.toMatchObject(unconfirmed)
  await expect(watch.judgeScope('/a', free)).rejects.toMatchObject(unconfirmed)
  expect(watch.judge(requestFrom('192.0.2.1', '/a/b'))).toMatchObject({ code: 'address_refused' })
  expect(watch.judge(requestFrom('198.51.100.1', '/x'))).toBeUndefined()
  expect(watch.judge(requestFrom('10.0.0.1', '/x'))).toMatchObject({ code: 'address_refused' })
  expect(watch.judgeScope('admin', free)).toBeUndefined()
  revocations.fresh = true
  expect(watch.judge(free)).toBeUndefined()
})

function fail(): never {
  throw new Error('away')
}
