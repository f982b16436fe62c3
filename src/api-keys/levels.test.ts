import { expect, it, vi } from 'vitest'
import { openOrganisationBench } from '../../test/organisations/organisation-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'
import { SecurityError } from '../errors/index.ts'
import type { ShownKey } from './api-keys.ts'
import type { KeyOwner } from './owners.ts'

const input = { name: 'sync', scopes: ['read:documents'] }
const atLevel = { level: 1 } as const

describeEngines('rule 26: a key below the level that policy demands of its owner', (engine) => {
  const bench = openOrganisationBench(engine, { mfa: { roles: ['manager'] } })
  const security = () => bench.kit.security
  const keys = () => security().apiKeys

  /** What the lists say of a key, and whether it opens anything. */
  async function standing({ apiKey: { id, owner }, key }: ShownKey) {
    const found = [await keys().get(id), ...(await keys().list(owner.id))]
    found.push(...(await keys().search({ limit: 500, ownerId: owner.id })))
    const statuses = new Set(found.filter((one) => one.id === id).map(({ status }) => status))
    const { keyAuthenticator } = security().parts.rooms
    const shown = await keyAuthenticator.authenticate({ key, origin: { ip: '192.0.2.1' } })
    return [[...statuses].join(), shown instanceof SecurityError ? shown.code : 'opens']
  }
  const works = ['active', 'opens']
  const tooLow = ['level_too_low', 'api_key_invalid']

  const program = async (...roles: string[]) => {
    const { id } = await security().serviceAccounts.create({ name: crypto.randomUUID(), roles })
    return { kind: 'service_account', id } as const
  }
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'passes',
      (error: SecurityError) => error.code,
    )

  it('is not made, nor made by rotation: it would open nothing', async () => {
    const owner = await program('manager')
    const make = (by: object) => keys().create(owner, { ...input, scopes: ['read:orders'] }, by)
    expect(await refusal(make(atLevel))).toBe('api_key_level_too_low')
    expect(await keys().list(owner.id)).toEqual([])
    const made = await make({ level: 2 })
    expect(await standing(made)).toEqual(works)
    const rotate = (by: object) => keys().rotate(made.apiKey.id, {}, by)
    expect(await refusal(rotate(atLevel))).toBe('api_key_level_too_low')
    expect(await standing(made)).toEqual(works)
    expect(await standing(await rotate({ level: 2 }))).toEqual(works)
  })

  it('is told as such in every list when its owner is given such a role, and works again without', async () => {
    const { id } = await bench.person()
    const { users } = security()
    await users.grantRole(id, 'editor')
    const made = await keys().create({ kind: 'user', id }, input, atLevel)
    expect(await standing(made)).toEqual(works)
    await users.grantRole(id, 'manager')
    expect(await standing(made)).toEqual(tooLow)
    await users.withdrawRole(id, 'manager')
    expect(await standing(made)).toEqual(works)
  })

  it('is one by a role held where it acts alone, and by what the organisation demands', async () => {
    const organisation = await bench.organisation()
    const member = await bench.memberOf(organisation, ['editor'])
    await security().users.grantRole(member.id, 'editor')
    const there: KeyOwner = { kind: 'user', id: member.id, organisation: organisation.id }
    const acting = await keys().create(there, input, atLevel)
    const elsewhere = await keys().create({ kind: 'user', id: member.id }, input, atLevel)
    const change = { userId: member.id, role: 'manager' }
    await bench.organisations.grantRole(organisation.id, change)
    expect([await standing(acting), await standing(elsewhere)]).toEqual([tooLow, works])
    await bench.organisations.withdrawRole(organisation.id, change)
    expect(await standing(acting)).toEqual(works)
    await bench.organisations.setPolicy(organisation.id, { requiredLevel: 2 })
    expect([await standing(acting), await standing(elsewhere)]).toEqual([tooLow, works])
  })

  it('is found for a whole list in a few statements', async () => {
    const made: string[] = []
    for (let n = 0; n < 4; n++) {
      const owner = await program('editor')
      await keys().create(owner, input, atLevel)
      made.push(owner.id)
      if (n === 0) await security().serviceAccounts.grantRole(owner, 'manager')
    }
    const spy = vi.spyOn(security().parts.ground.database.reader, 'selectFrom')
    const found = await keys().search({ limit: 200 })
    const asked = spy.mock.calls.length
    spy.mockRestore()
    const statuses = new Map(found.map(({ owner, status }) => [owner.id, status]))
    const expected = ['level_too_low', 'active', 'active', 'active']
    expect(made.map((id) => statuses.get(id))).toEqual(expected)
    expect(asked).toBeLessThan(9)
  })
})
