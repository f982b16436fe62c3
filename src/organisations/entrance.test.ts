import { beforeAll, describe, expect, it } from 'vitest'
import { openOrganisationBench } from '../../test/organisations/organisation-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'
import type { Auth } from '../http/index.ts'
import { defaultRealm, findRealm, isNowhere } from '../users/index.ts'
import { Entrance, type EntranceParts } from './entrance.ts'
import { MembershipMemory } from './membership-memory.ts'
import { Realms } from './realms.ts'

describeEngines('the entrance', (engine) => {
  const bench = openOrganisationBench(engine)
  let parts: EntranceParts
  beforeAll(() => {
    const { ground, rooms } = bench.kit.security.parts
    parts = {
      ...{ access: rooms.access, clock: bench.kit.clock, database: ground.database },
      ...{ levelOf: () => 1, demandProof: () => {}, derive: () => {} },
    }
  })

  /** Somebody as a session would show them. */
  const callerOf = (userId: string): Auth => {
    const { access } = bench.kit.security.parts.rooms
    const permissions = access.permissionsOf(['user'])
    const caller = { userId, roles: ['user'], level: 1, requiredLevel: 1 } as const
    return Object.freeze({
      ...{ ...caller, sessionId: 's', csrfToken: '', secondFactor: false, authTime: 0 },
      ...{ permissions: permissions.patterns, ...access.reach(permissions, caller) },
    })
  }

  it('lets members in with what they hold there, and nobody else', async () => {
    const acme = await bench.organisation()
    const member = callerOf((await bench.memberOf(acme, ['editor'])).id)
    const entrance = new Entrance(parts)
    const inside = await entrance.enter(member, acme.slug, undefined)
    expect(inside).toMatchObject({
      organisation: acme.id,
      roles: ['user'],
      organisationRoles: ['editor'],
    })
    expect(inside.can('read:documents')).toBe(true)
    expect(member.can('read:documents')).toBe(false)
    const stranger = callerOf((await bench.person()).id)
    for (const reference of [acme.id, acme.slug, 'none', '']) {
      const entering = Promise.resolve(entrance.enter(stranger, reference, undefined))
      await expect(entering).rejects.toMatchObject({ code: 'organisation_not_found' })
    }
  })

  it('gives the same caller for the same place, and the one outside leads to each', async () => {
    const [acme, other] = [await bench.organisation(), await bench.organisation()]
    const { id } = await bench.memberOf(acme, ['editor'])
    await bench.organisations.addMember(other.id, { userId: id })
    const entrance = new Entrance(parts)
    const inside = await entrance.enter(callerOf(id), acme.id, undefined)
    expect(entrance.enter(inside, acme.id, undefined)).toBe(inside)
    const there = await entrance.enter(inside, other.id, undefined)
    expect(there.organisation).toBe(other.id)
    expect(there.organisationRoles).not.toContain('editor')
  })

  it('rule 19: reads again what was revoked while it was read', async () => {
    const acme = await bench.organisation()
    const { id } = await bench.memberOf(acme, ['editor'])
    let reads = 0
    const entrance: Entrance = new Entrance({
      ...parts,
      levelOf: () => {
        if (++reads === 1) entrance.revoked({ kind: 'user', id })
        return 1
      },
    })
    await entrance.enter(callerOf(id), acme.id, undefined)
    expect(reads).toBe(2)
    expect(entrance.enter(callerOf(id), acme.id, undefined)).not.toBeInstanceOf(Promise)
  })

  it('rule 19: reads again at the instant at which a role there ends', async () => {
    const acme = await bench.organisation()
    const { id } = await bench.memberOf(acme)
    let now = 1_000_000
    const expiresAt = bench.kit.clock.now() + 1_000
    await bench.organisations.grantRole(acme.id, { userId: id, role: 'editor', expiresAt })
    const entrance = new Entrance({ ...parts, clock: { ...parts.clock, now: () => now } })
    const caller = callerOf(id)
    expect((await entrance.enter(caller, acme.id, undefined)).organisationRoles).toContain('editor')
    now = expiresAt - 1
    expect(entrance.enter(caller, acme.id, undefined)).not.toBeInstanceOf(Promise)
    now = expiresAt
    expect((await entrance.enter(caller, acme.id, undefined)).organisationRoles).not.toContain(
      'editor',
    )
  })

  it('rule 19: forgets what is about an account, an organisation, and everything', async () => {
    const acme = await bench.organisation()
    const { id } = await bench.memberOf(acme)
    const entrance = new Entrance(parts)
    const forget = [
      () => entrance.revoked({ kind: 'user', id }),
      () => entrance.revoked({ kind: 'organisation', id: acme.id }),
      () => entrance.revoked({ kind: 'roles', id: '' }),
      () => entrance.everything(),
    ]
    for (const revoke of forget) {
      await entrance.enter(callerOf(id), acme.slug, undefined)
      expect(entrance.remembered).toEqual({ places: 1, subjects: 2 })
      revoke()
      expect(entrance.remembered).toEqual({ places: 0, subjects: 0 })
    }
  })

  it('finds the realm of a name: of an active organisation its id, else one of nobody for each', async () => {
    const acme = await bench.organisation()
    const realms = new Realms(parts.database)
    expect(realms.recall(undefined)).toBe(defaultRealm)
    expect(await realms.find(acme.slug)).toBe(acme.id)
    expect(realms.recall(acme.slug)).toBe(acme.id)
    const [one, two] = [await realms.find('none'), await realms.find('other')]
    expect([isNowhere(one), isNowhere(two), one === two]).toEqual([true, true, false])
    await bench.organisations.close(acme.id)
    realms.revoked({ kind: 'organisation', id: acme.id })
    expect(realms.recall(acme.slug)).toBeUndefined()
    expect(isNowhere(await realms.find(acme.slug))).toBe(true)
  })

  it('finds the realm of an account, once for each caller', async () => {
    const { id } = await bench.person({ realm: 'a-realm' })
    const caller = callerOf(id)
    const realms = new Realms(parts.database)
    expect(realms.recallOf(caller)).toBeUndefined()
    expect(await realms.findOf(caller)).toBe('a-realm')
    expect(realms.recallOf(caller)).toBe('a-realm')
    expect(await findRealm(parts.database.reader, 'nobody')).toBeUndefined()
    const key = { ...callerOf('nobody'), organisation: 'of-a-key' }
    expect(await realms.findOf(key)).toBe('of-a-key')
  })
})

describe('the memory of places', () => {
  const place = (validUntil: number) => ({
    ...{ organisationId: 'o', roles: [], requiredLevel: 1 as const },
    ...{ ranges: undefined, sessionMaxMs: undefined, validUntil },
  })

  it('keeps a place until its instant', () => {
    const memory = new MembershipMemory()
    const key = { callerId: 'c', userId: 'u', reference: 'o' }
    memory.remember(key, place(10))
    expect(memory.recall(key, 9)).toBeDefined()
    expect(memory.recall(key, 10)).toBeUndefined()
    expect(memory.size).toEqual({ places: 0, subjects: 0 })
  })

  it('is bounded: the oldest goes first', () => {
    const memory = new MembershipMemory()
    for (let at = 0; at <= 50_000; at++) {
      memory.remember({ callerId: `c${at}`, userId: `u${at}`, reference: 'o' }, place(10))
    }
    expect(memory.size).toEqual({ places: 50_000, subjects: 50_001 })
    expect(memory.recall({ callerId: 'c0', userId: 'u0', reference: 'o' }, 0)).toBeUndefined()
  })
})
