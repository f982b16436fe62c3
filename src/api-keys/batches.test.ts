import { expect, it, vi } from 'vitest'
import { openOrganisationBench } from '../../test/organisations/organisation-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'

describeEngines('a list', (engine) => {
  const bench = openOrganisationBench(engine)
  const security = () => bench.kit.security

  /** How many statements on the reader some work began. */
  async function statements<T>(work: () => Promise<T>) {
    const spy = vi.spyOn(security().parts.ground.database.reader, 'selectFrom')
    try {
      const result = await work()
      return { result, count: spy.mock.calls.length }
    } finally {
      spy.mockRestore()
    }
  }

  it('of service accounts asks for the roles of all of them at once', async () => {
    const { serviceAccounts } = security()
    for (let n = 0; n < 6; n++) {
      await serviceAccounts.create({ name: `job ${n}`, roles: n === 0 ? [] : ['manager', 'user'] })
    }
    const { count, result } = await statements(() => serviceAccounts.list())
    for (const { name, roles } of result) {
      const held = name === 'job 0' ? [] : ['manager', 'user']
      expect(
        roles.map(({ role }) => role),
        name,
      ).toEqual(held)
    }
    expect(result).toHaveLength(6)
    expect(count).toBe(2)
  })

  it('of keys asks at once which of their owners are still members', async () => {
    const organisation = await bench.organisation()
    const owners: string[] = []
    for (let n = 0; n < 4; n++) {
      const { id } = await bench.memberOf(organisation, ['editor'])
      const owner = { kind: 'user', id, organisation: organisation.id } as const
      await security().apiKeys.create(owner, { name: 'sync', scopes: ['read:documents'] })
      owners.push(id)
    }
    await bench.organisations.removeMember(organisation.id, owners[2] ?? '')
    const { count, result } = await statements(() => security().apiKeys.search({ limit: 200 }))
    const statuses = new Map(result.map(({ owner, status }) => [owner.id, status]))
    expect(statuses).toEqual(
      new Map(owners.map((id, n) => [id, n === 2 ? 'owner_left' : 'active'])),
    )
    expect(count).toBe(2)
  })
})
