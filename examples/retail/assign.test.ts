import { describe, expect, test } from 'vitest'
import { type AssignableRole, Assigner, type Giver, type Person } from './assign.ts'
import type { Assignment } from './scope.ts'
import { HAND, importedStore } from './testdata/scratch.ts'

/** People in memory, as Holdfast would answer; `refuse` makes every gift of a role fail. */
function directory(people: readonly Person[], refuse = false) {
  const roles = new Map(people.map((person) => [person.id, new Set(person.roles)]))
  const records: string[] = []
  return {
    rolesOf: (userId: string) => [...(roles.get(userId) ?? [])],
    async findByEmail(email: string) {
      const person = people.find((one) => one.email === email)
      return person && { ...person, roles: this.rolesOf(person.id) }
    },
    async giveRole(userId: string, role: AssignableRole) {
      if (refuse) return 'You may not give that role.'
      roles.get(userId)?.add(role)
      return undefined
    },
    records,
    async record(assignment: Assignment) {
      records.push(assignment.companyId)
    },
    async takeRole(userId: string, role: AssignableRole) {
      roles.get(userId)?.delete(role)
      return undefined
    },
  }
}

function person(id: string, roles: readonly string[] = ['user'], active = true): Person {
  return { id, email: `${id}@example.com`, active, roles }
}

const operator: Giver = { kind: 'operator' }
const superAdmin: Giver = { kind: 'user', userId: 'root', roles: ['super_admin'] }
const admin: Giver = { kind: 'user', userId: 'boss', roles: ['user', 'admin'] }

async function setUp(people: readonly Person[], refuse = false) {
  const store = await importedStore(HAND)
  const holdfast = directory(people, refuse)
  const assigner = new Assigner(store, holdfast, () => 1234)
  const assign = (
    [id, role, company, shop = '']: readonly [string, string, string, string?],
    giver: Giver = superAdmin,
  ) => assigner.assign({ email: `${id}@example.com`, role, company, store: shop }, giver)
  return { store, holdfast, assign }
}

describe('an administrator', () => {
  test('gives a person a company, a store and a role', async () => {
    const { store, holdfast, assign } = await setUp([person('ann')])
    expect(await assign(['ann', 'employee', 'north', 'A'])).toMatchObject({ kind: 'assigned' })
    expect(holdfast.rolesOf('ann')).toEqual(['user', 'employee'])
    expect(holdfast.records).toEqual(['north'])
    expect(store.findAssignment('ann')).toEqual({
      userId: 'ann',
      email: 'ann@example.com',
      companyId: 'north',
      storeId: 'A',
      assignedBy: 'root',
      assignedAt: 1234,
    })
  })

  test('replaces what a person had before', async () => {
    const { store, holdfast, assign } = await setUp([person('ann')])
    await assign(['ann', 'manager', 'north'])
    await assign(['ann', 'employee', 'south', 'B'])
    expect(holdfast.rolesOf('ann')).toEqual(['user', 'employee'])
    expect(store.assignments()).toHaveLength(1)
    expect(store.findAssignment('ann')).toMatchObject({ companyId: 'south', storeId: 'B' })
  })

  test.each([
    ['an unknown person', ['zoe', 'manager', 'north'], 'Nobody has registered'],
    ['a person who has not confirmed', ['pia', 'manager', 'north'], 'not confirmed'],
    ['an unknown company', ['ann', 'manager', 'west'], 'no such company'],
    ['an unknown store', ['ann', 'employee', 'north', 'Z'], 'no such store'],
    ['a store of the other company', ['ann', 'employee', 'north', 'C'], 'no such store'],
    ['a store that moved away', ['ann', 'employee', 'north', 'B'], 'no such store'],
    ['an employee without a store', ['ann', 'employee', 'north'], 'needs a store'],
    ['a manager with a store', ['ann', 'manager', 'north', 'A'], 'Only an employee'],
    ['a role that is not theirs to give', ['ann', 'super_admin', 'north'], 'must be one of'],
  ] as const)('is refused %s, and nothing changes', async (_, order, says) => {
    const { store, holdfast, assign } = await setUp([person('ann'), person('pia', ['user'], false)])
    expect(await assign(order)).toEqual({
      kind: 'refused',
      faults: [expect.stringContaining(says)],
    })
    expect(store.assignments()).toEqual([])
    expect(holdfast.records).toEqual([])
    expect(holdfast.rolesOf('ann')).toEqual(['user'])
  })

  test('never assigns herself', async () => {
    const { assign } = await setUp([person('boss', ['user', 'admin'])])
    expect(await assign(['boss', 'manager', 'north'], admin)).toMatchObject({ kind: 'refused' })
  })

  test('without a company assigns nobody, and learns of nobody', async () => {
    const { store, holdfast, assign } = await setUp([person('ann')])
    const answers = [
      await assign(['ann', 'manager', 'north'], admin),
      await assign(['zoe', 'manager', 'north'], admin),
    ]
    for (const answer of answers) {
      expect(answer).toEqual({
        kind: 'refused',
        faults: [expect.stringContaining('no company yet')],
      })
    }
    expect(store.assignments()).toEqual([])
    expect(holdfast.rolesOf('ann')).toEqual(['user'])
  })

  test.each([['admin'], ['super_admin']])('takes no %s into her company', async (role) => {
    const { store, holdfast, assign } = await setUp([
      person('boss', ['user']),
      person('ruth', ['user', role]),
    ])
    await assign(['boss', 'admin', 'north'])
    expect(await assign(['ruth', 'employee', 'north', 'A'], admin)).toMatchObject({
      faults: [expect.stringContaining('is an administrator')],
    })
    expect(holdfast.rolesOf('ruth')).toEqual(['user', role])
    expect(store.findAssignment('ruth')).toBeUndefined()
  })

  test('makes no administrator', async () => {
    const { holdfast, assign } = await setUp([person('boss', ['user']), person('ann')])
    await assign(['boss', 'admin', 'north'])
    expect(await assign(['ann', 'admin', 'north'], admin)).toMatchObject({
      faults: ['The role must be one of employee, manager.'],
    })
    expect(holdfast.rolesOf('ann')).toEqual(['user'])
  })

  test('who belongs to a company assigns within it only', async () => {
    const people = [person('ann'), person('eve'), person('boss', ['user'])]
    const { store, assign } = await setUp(people)
    await assign(['boss', 'admin', 'north'])
    await assign(['eve', 'manager', 'south'])
    expect(await assign(['ann', 'manager', 'south'], admin)).toMatchObject({ kind: 'refused' })
    expect(await assign(['eve', 'manager', 'north'], admin)).toMatchObject({ kind: 'refused' })
    expect(await assign(['ann', 'manager', 'north'], admin)).toMatchObject({ kind: 'assigned' })
    expect(store.findAssignment('eve')?.companyId).toBe('south')
  })
})

test('the super administrator makes an administrator an employee', async () => {
  const { holdfast, assign } = await setUp([person('boss', ['user', 'admin'])])
  expect(await assign(['boss', 'employee', 'north', 'A'])).toMatchObject({ kind: 'assigned' })
  expect(holdfast.rolesOf('boss')).toEqual(['user', 'employee'])
})

test('somebody who has a company and is no administrator assigns nobody', async () => {
  const { assign } = await setUp([person('ann'), person('mona')])
  await assign(['mona', 'manager', 'north'])
  const manager: Giver = { kind: 'user', userId: 'mona', roles: ['user', 'manager'] }
  expect(await assign(['ann', 'manager', 'north'], manager)).toMatchObject({ kind: 'refused' })
})

test('an operator at the command line assigns anybody', async () => {
  const { store, assign } = await setUp([person('ann')])
  expect(await assign(['ann', 'manager', 'north'], operator)).toMatchObject({ kind: 'assigned' })
  expect(store.findAssignment('ann')?.assignedBy).toBe('operator')
})

test('a role that Holdfast refuses leaves the person with less, never more', async () => {
  const { holdfast, assign } = await setUp([person('ann', ['user', 'manager'])], true)
  expect(await assign(['ann', 'employee', 'south', 'C'])).toMatchObject({ kind: 'refused' })
  expect(holdfast.rolesOf('ann')).toEqual(['user'])
})
