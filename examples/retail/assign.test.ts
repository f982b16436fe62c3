import { describe, expect, test } from 'vitest'
import {
  type AssignableRole,
  Assigner,
  type Assignment,
  type Giver,
  type Person,
  type Seat,
} from './assign.ts'
import { HAND, importedStore } from './testdata/scratch.ts'

/** People in memory, as Holdfast would answer; `refuse` makes every gift of a role fail. */
function directory(people: readonly Person[], refuse = false) {
  const roles = new Map(people.map((person) => [person.id, new Set(person.roles)]))
  const seats = new Map<string, Set<string>>(
    people.flatMap(({ id, memberships }) =>
      memberships.map((own) => [`${id} ${own.companyId}`, new Set(own.roles)] as const),
    ),
  )
  const records: string[] = []
  const at = ({ companyId, userId }: Seat) => `${userId} ${companyId}`
  const give = async (seat: Seat, role: AssignableRole) => {
    if (refuse) return 'You may not give that role.'
    seats.set(at(seat), new Set(seats.get(at(seat))).add(role))
    return undefined
  }
  return {
    rolesOf: (userId: string) => [...(roles.get(userId) ?? [])],
    /** `north manager` for each company and role. */
    placesOf: (userId: string) =>
      [...seats].flatMap(([seat, held]) => {
        const [id, companyId] = seat.split(' ')
        return id === userId ? [[companyId, ...held].join(' ')] : []
      }),
    async findByEmail(email: string): Promise<Person | undefined> {
      const person = people.find((one) => one.email === email)
      const memberships = this.placesOf(person?.id ?? '').map((place) => {
        const [companyId = '', ...held] = place.split(' ')
        return { companyId, roles: held, storeId: null }
      })
      return person && { ...person, roles: this.rolesOf(person.id), memberships }
    },
    join: give,
    giveRole: give,
    async leave(seat: Seat) {
      seats.delete(at(seat))
      return undefined
    },
    async takeRole(seat: Seat, role: AssignableRole) {
      seats.get(at(seat))?.delete(role)
      return undefined
    },
    async takeRoleEverywhere(userId: string, role: AssignableRole) {
      roles.get(userId)?.delete(role)
      return undefined
    },
    records,
    async record(assignment: Assignment) {
      records.push(assignment.companyId)
    },
  }
}

function person(id: string, roles: readonly string[] = ['user'], active = true): Person {
  return { id, email: `${id}@example.com`, active, roles, memberships: [] }
}

/** Somebody who belongs to a company. */
function member(id: string, companyId: string, role: string): Person {
  return { ...person(id), memberships: [{ companyId, roles: [role], storeId: null }] }
}

const operator: Giver = { kind: 'operator' }
const superAdmin: Giver = { kind: 'user', userId: 'root', roles: ['super_admin'] }
const loose: Giver = { kind: 'user', userId: 'boss', roles: ['user', 'admin'] }
const admin: Giver = { ...loose, companyId: 'north' }

async function setUp(people: readonly Person[], refuse = false) {
  const store = await importedStore(HAND)
  const holdfast = directory(people, refuse)
  const assigner = new Assigner(store, holdfast)
  const assign = (
    [id, role, company, shop = '']: readonly [string, string, string, string?],
    giver: Giver = superAdmin,
  ) => assigner.assign({ email: `${id}@example.com`, role, company, store: shop }, giver)
  const storeOf = (userId: string, companyId: string) =>
    store.findMemberStore({ userId, companyId })
  return { storeOf, holdfast, assign }
}

describe('an administrator', () => {
  test('gives a person a company, a store and a role', async () => {
    const { storeOf, holdfast, assign } = await setUp([person('ann')])
    const place = { companyId: 'north', storeId: 'A' }
    expect(await assign(['ann', 'employee', 'north', 'A'])).toEqual({
      ...{ kind: 'assigned', role: 'employee' },
      assignment: { userId: 'ann', email: 'ann@example.com', ...place },
    })
    expect(holdfast.rolesOf('ann')).toEqual(['user'])
    expect(holdfast.placesOf('ann')).toEqual(['north employee'])
    expect(holdfast.records).toEqual(['north'])
    expect(storeOf('ann', 'north')).toBe('A')
  })

  test('replaces what a person had before', async () => {
    const { storeOf, holdfast, assign } = await setUp([person('ann')])
    await assign(['ann', 'employee', 'north', 'A'])
    await assign(['ann', 'employee', 'south', 'B'])
    expect(holdfast.placesOf('ann')).toEqual(['south employee'])
    expect([storeOf('ann', 'north'), storeOf('ann', 'south')]).toEqual([null, 'B'])
    await assign(['ann', 'manager', 'south'])
    expect(holdfast.placesOf('ann')).toEqual(['south manager'])
    expect(storeOf('ann', 'south')).toBeNull()
  })

  test('takes what was held everywhere before it is held in a company', async () => {
    const { holdfast, assign } = await setUp([person('ann', ['user', 'manager'])])
    expect(await assign(['ann', 'employee', 'north', 'A'])).toMatchObject({ kind: 'assigned' })
    expect(holdfast.rolesOf('ann')).toEqual(['user'])
    expect(holdfast.placesOf('ann')).toEqual(['north employee'])
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
    const { holdfast, assign } = await setUp([person('ann'), person('pia', ['user'], false)])
    expect(await assign(order)).toEqual({
      kind: 'refused',
      faults: [expect.stringContaining(says)],
    })
    expect(holdfast.records).toEqual([])
    expect(holdfast.rolesOf('ann')).toEqual(['user'])
    expect(holdfast.placesOf('ann')).toEqual([])
  })

  test('never assigns herself', async () => {
    const { assign } = await setUp([member('boss', 'north', 'admin')])
    expect(await assign(['boss', 'manager', 'north'], admin)).toMatchObject({
      faults: expect.arrayContaining([expect.stringContaining('Somebody else')]),
    })
  })

  test('without a company assigns nobody, and learns of nobody', async () => {
    const { holdfast, assign } = await setUp([person('ann')])
    const answers = [
      await assign(['ann', 'manager', 'north'], loose),
      await assign(['zoe', 'manager', 'north'], loose),
    ]
    for (const answer of answers) {
      expect(answer).toEqual({
        kind: 'refused',
        faults: [expect.stringContaining('no company yet')],
      })
    }
    expect(holdfast.placesOf('ann')).toEqual([])
  })

  test.each([['admin'], ['super_admin']])('takes no %s into her company', async (role) => {
    const { holdfast, assign } = await setUp([person('ruth', ['user', role])])
    expect(await assign(['ruth', 'employee', 'north', 'A'], admin)).toMatchObject({
      faults: [expect.stringContaining('is an administrator')],
    })
    expect(holdfast.rolesOf('ruth')).toEqual(['user', role])
    expect(holdfast.placesOf('ruth')).toEqual([])
  })

  test('changes no administrator of her company', async () => {
    const { holdfast, assign } = await setUp([member('ruth', 'north', 'admin')])
    expect(await assign(['ruth', 'employee', 'north', 'A'], admin)).toMatchObject({
      faults: [expect.stringContaining('is an administrator')],
    })
    expect(holdfast.placesOf('ruth')).toEqual(['north admin'])
  })

  test('makes no administrator', async () => {
    const { holdfast, assign } = await setUp([person('ann')])
    expect(await assign(['ann', 'admin', 'north'], admin)).toMatchObject({
      faults: ['The role must be one of employee, manager.'],
    })
    expect(holdfast.placesOf('ann')).toEqual([])
  })

  test('who belongs to a company assigns within it only', async () => {
    const { holdfast, assign } = await setUp([person('ann'), person('eve')])
    await assign(['eve', 'manager', 'south'])
    expect(await assign(['ann', 'manager', 'south'], admin)).toMatchObject({ kind: 'refused' })
    expect(await assign(['eve', 'manager', 'north'], admin)).toMatchObject({ kind: 'refused' })
    expect(await assign(['ann', 'manager', 'north'], admin)).toMatchObject({ kind: 'assigned' })
    expect(holdfast.placesOf('eve')).toEqual(['south manager'])
  })
})

test('the super administrator makes an administrator an employee', async () => {
  const { holdfast, assign } = await setUp([member('boss', 'north', 'admin')])
  expect(await assign(['boss', 'employee', 'north', 'A'])).toMatchObject({ kind: 'assigned' })
  expect(holdfast.placesOf('boss')).toEqual(['north employee'])
})

test('somebody who has a company and is no administrator assigns nobody', async () => {
  const { assign } = await setUp([person('ann')])
  const own = { userId: 'mona', roles: ['user', 'manager'], companyId: 'north' }
  const manager: Giver = { kind: 'user', ...own }
  expect(await assign(['ann', 'manager', 'north'], manager)).toMatchObject({ kind: 'refused' })
})

test('an operator at the command line assigns anybody', async () => {
  const { holdfast, assign } = await setUp([person('ann')])
  expect(await assign(['ann', 'manager', 'north'], operator)).toMatchObject({ kind: 'assigned' })
  expect(holdfast.placesOf('ann')).toEqual(['north manager'])
})

test('a role that Holdfast refuses leaves the person with less, never more', async () => {
  const { holdfast, assign } = await setUp([member('ann', 'north', 'manager')], true)
  expect(await assign(['ann', 'employee', 'south', 'C'])).toMatchObject({ kind: 'refused' })
  expect(holdfast.rolesOf('ann')).toEqual(['user'])
  expect(holdfast.placesOf('ann')).toEqual([])
})
