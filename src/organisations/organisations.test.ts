import { describe, expect, it } from 'vitest'
import { openOrganisationBench } from '../../test/organisations/organisation-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'

describeEngines('organisations', (engine) => {
  const bench = openOrganisationBench(engine)
  const org = () => bench.organisations
  const giver = (user: { readonly id: string }, roles: readonly string[]) => ({
    giver: { userId: user.id, roles },
  })
  const rolesOf = async (id: string, userId: string) =>
    (await org().member(id, userId))?.roles.map(({ role }) => role)

  describe('are made', () => {
    it('with an owner, are found by id and short name, and stand in the record', async () => {
      const { owner, ...made } = await bench.organisation()
      expect(made).toMatchObject({ status: 'active', policy: {}, metadata: {}, createdBy: null })
      expect(await org().find(made.id)).toEqual(made)
      expect(await org().find(made.slug)).toEqual(made)
      expect(await rolesOf(made.id, owner.id)).toEqual(['organisation_owner'])
      expect(await bench.recordOf(made.id)).toEqual(['created', 'member_added', 'role_granted'])
    })

    it('once for each short name, which looks like no id', async () => {
      const { slug } = await bench.organisation()
      const again = org().create({ name: 'Other', slug })
      await expect(again).rejects.toMatchObject({ code: 'organisation_exists' })
      const id = '01980000-0000-7000-8000-000000000000'
      for (const bad of [id, '', '-a', 'a-', 'A', 'a.b', 'ä', 'xn--a', 'a'.repeat(64)]) {
        const made = org().create({ name: 'Other', slug: bad })
        await expect(made, bad).rejects.toMatchObject({ code: 'invalid_request' })
      }
    })

    it.each([
      ['name', { name: ' ' }],
      ['name', { name: 'a\nb' }],
      ['name', { name: 'a'.repeat(201) }],
      ['metadata', { metadata: { text: 'a'.repeat(9_000) } }],
    ])('with no such %s', async (_, part) => {
      const made = org().create({ name: 'x', slug: 'never-made', ...part })
      await expect(made).rejects.toMatchObject({ code: 'invalid_request' })
      expect(await org().find('never-made')).toBeUndefined()
    })

    it('for no owner who cannot be one, and then not at all', async () => {
      const disabled = await bench.person({ status: 'disabled' })
      const pending = await bench.person({ status: 'pending', verified_at: null })
      const foreign = await bench.person({ realm: 'elsewhere' })
      for (const owner of [disabled.id, pending.id, foreign.id, 'nobody']) {
        const made = org().create({ name: 'x', slug: 'never-owned', owner })
        await expect(made).rejects.toMatchObject({ code: 'member_ineligible' })
      }
      expect(await org().find('never-owned')).toBeUndefined()
    })

    it('by administrators alone, unless everybody may', async () => {
      const user = await bench.person()
      const own = org().create(
        { name: 'Mine', slug: 'mine', owner: user.id },
        giver(user, ['user']),
      )
      await expect(own).rejects.toMatchObject({ code: 'forbidden' })
    })

    it('and are listed page by page, each once', async () => {
      for (let made = 0; made < 4; made++) await bench.organisation()
      const seen: string[] = []
      let after: string | undefined
      do {
        const page = await org().list({ limit: 3, ...(after ? { after } : {}) })
        seen.push(...page.organisations.map(({ id }) => id))
        after = page.next ?? undefined
      } while (after)
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen).toEqual([...seen].sort())
      const all = await org().list({ limit: 200, status: 'active' })
      expect(all.organisations.map(({ id }) => id)).toEqual(seen)
    })
  })

  describe('change', () => {
    it('their names, and keep the short names of others', async () => {
      const [one, two] = [await bench.organisation(), await bench.organisation()]
      expect(await org().rename(one.id, 'New Name')).toMatchObject({ name: 'New Name' })
      const slug = `${one.slug}-b`
      expect(await org().change(one.slug, { slug, metadata: { plan: 1 } })).toMatchObject({
        ...{ slug, name: 'New Name', metadata: { plan: 1 } },
      })
      const taken = org().change(one.id, { slug: two.slug })
      await expect(taken).rejects.toMatchObject({ code: 'organisation_exists' })
      expect(await org().find(one.slug)).toBeUndefined()
    })

    it('their policy as a whole, and refuse one that says nothing', async () => {
      const { id } = await bench.organisation()
      const policy = {
        requiredLevel: 2,
        ipRanges: ['192.0.2.0/24'],
        sessionMaxMs: 600_000,
      } as const
      expect((await org().setPolicy(id, policy)).policy).toEqual(policy)
      expect((await org().setPolicy(id, { requiredLevel: 2 })).policy).toEqual({ requiredLevel: 2 })
      for (const bad of [
        { ipRanges: [] },
        { ipRanges: ['0.0.0.0/0'] },
        { ipRanges: ['somewhere'] },
        { sessionMaxMs: 1 },
        { sessionMaxMs: 600_000.5 },
        { requiredLevel: 3 as 2 },
      ]) {
        const set = org().setPolicy(id, bad)
        await expect(set, JSON.stringify(bad)).rejects.toMatchObject({ code: 'invalid_request' })
      }
      expect(await bench.recordOf(id)).toContain('policy_changed')
    })

    it('not so that the member who changes them is shut out', async () => {
      const { id, owner } = await bench.organisation()
      const by = { ...giver(owner, ['organisation_owner']), origin: { ip: '198.51.100.1' } }
      const shut = org().setPolicy(id, { ipRanges: ['192.0.2.0/24'] }, by)
      await expect(shut).rejects.toMatchObject({ code: 'organisation_shuts_out' })
      const wide = { ipRanges: ['192.0.2.0/24', '198.51.100.0/24'] }
      expect((await org().setPolicy(id, wide, by)).policy).toEqual(wide)
    })

    it('nothing any more once they are closed', async () => {
      const { id, owner, slug } = await bench.organisation()
      await org().invite(id, { email: 'late@example.com' })
      await org().close(slug)
      expect(await org().find(id)).toMatchObject({ status: 'closed' })
      expect(await org().membership(id, owner.id)).toBeUndefined()
      expect(await org().listOf(owner.id)).toEqual([])
      expect(await org().invitations(id)).toEqual([])
      for (const change of [
        () => org().rename(id, 'x'),
        () => org().close(id),
        () => org().addMember(id, { userId: owner.id }),
        () => org().grantRole(id, { userId: owner.id, role: 'editor' }),
        () => org().invite(id, { email: 'x@example.com' }),
      ]) {
        await expect(change()).rejects.toMatchObject({ code: 'organisation_not_found' })
      }
      expect(await bench.recordOf(id)).toContain('closed')
    })
  })

  describe('have members', () => {
    it('who hold roles there and nowhere else, until these run out', async () => {
      const { id, slug } = await bench.organisation()
      const user = await bench.memberOf({ id })
      const now = bench.kit.clock.now()
      await org().grantRole(id, { userId: user.id, role: 'editor', expiresAt: now + 1_000 })
      await org().grantRole(id, { userId: user.id, role: 'inviter' })
      const membership = await org().membership(slug, user.id)
      expect(membership).toMatchObject({
        organisation: { id, slug },
        roles: ['editor', 'inviter'],
        nextExpiry: now + 1_000,
      })
      expect(await org().listOf(user.id)).toMatchObject([{ id, roles: ['editor', 'inviter'] }])
      await bench.kit.advance(1_000)
      expect((await org().membership(id, user.id))?.roles).toEqual(['inviter'])
      expect(await rolesOf(id, user.id)).toEqual(['inviter'])
      await org().grantRole(id, { userId: user.id, role: 'editor' })
      expect(await rolesOf(id, user.id)).toEqual(['editor', 'inviter'])
    })

    it('each once, who are listed in order and removed with their roles', async () => {
      const { id, owner } = await bench.organisation()
      const users = [await bench.memberOf({ id }, ['editor']), await bench.memberOf({ id })]
      const twice = org().addMember(id, { userId: users[0]?.id ?? '' })
      await expect(twice).rejects.toMatchObject({ code: 'member_exists' })
      const first = await org().members(id, { limit: 2 })
      const rest = await org().members(id, { limit: 2, after: first.next ?? '' })
      expect([...first.members, ...rest.members].map(({ userId }) => userId).sort()).toEqual(
        [owner, ...users].map((user) => user.id).sort(),
      )
      expect(rest.next).toBeNull()
      await org().removeMember(id, users[0]?.id ?? '')
      expect(await org().member(id, users[0]?.id ?? '')).toBeUndefined()
      const gone = org().removeMember(id, users[0]?.id ?? '')
      await expect(gone).rejects.toMatchObject({ code: 'member_not_found' })
      await org().addMember(id, { userId: users[0]?.id ?? '', roles: [] })
      expect(await rolesOf(id, users[0]?.id ?? '')).toEqual([])
    })

    it('who hold no role that is not there, or that is held everywhere alone', async () => {
      const { id, owner } = await bench.organisation()
      const give = (role: string) => org().grantRole(id, { userId: owner.id, role })
      await expect(give('nothing')).rejects.toMatchObject({ code: 'role_unknown' })
      await expect(give('super_admin')).rejects.toMatchObject({
        code: 'role_not_for_organisations',
      })
      const invite = org().invite(id, { email: 'x@example.com', roles: ['super_admin'] })
      await expect(invite).rejects.toMatchObject({ code: 'role_not_for_organisations' })
      const past = org().grantRole(id, { userId: owner.id, role: 'editor', expiresAt: 1 })
      await expect(past).rejects.toMatchObject({ code: 'invalid_request' })
      const absent = org().withdrawRole(id, { userId: owner.id, role: 'editor' })
      await expect(absent).rejects.toMatchObject({ code: 'grant_missing' })
    })
  })

  it('rule 10: the last owner of an organisation stays, whoever asks', async () => {
    const { id, owner } = await bench.organisation()
    const role = 'organisation_owner'
    const refused = { code: 'last_owner' }
    const acts = [
      () => org().withdrawRole(id, { userId: owner.id, role }),
      () => org().removeMember(id, owner.id),
      () => org().leave(id, owner.id),
    ]
    for (const act of acts) await expect(act()).rejects.toMatchObject(refused)
    const second = await bench.memberOf({ id })
    const until = { expiresAt: bench.kit.clock.now() + 60_000 }
    await org().grantRole(id, { userId: second.id, role, ...until })
    for (const act of acts) await expect(act()).rejects.toMatchObject(refused)
    const third = await bench.memberOf({ id }, [role])
    await org().leave(id, owner.id)
    await expect(org().leave(id, third.id)).rejects.toMatchObject(refused)
    expect(await rolesOf(id, third.id)).toEqual([role])
  })

  it('rule 10: of two owners who leave at once one stays', async () => {
    const { id, owner } = await bench.organisation()
    const second = await bench.memberOf({ id }, ['organisation_owner'])
    const left = await Promise.allSettled([org().leave(id, owner.id), org().leave(id, second.id)])
    expect(left.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await org().members(id)).members).toHaveLength(1)
  })

  it('rule 10: nobody gives or takes there what they do not hold there', async () => {
    const { id } = await bench.organisation()
    const inviter = await bench.memberOf({ id }, ['inviter'])
    const other = await bench.memberOf({ id }, ['editor'])
    const by = giver(inviter, ['inviter'])
    const refused = { code: 'role_outranks_giver' }
    for (const act of [
      () => org().grantRole(id, { userId: other.id, role: 'organisation_owner' }, by),
      () => org().grantRole(id, { userId: other.id, role: 'inviter' }, by),
      () => org().withdrawRole(id, { userId: other.id, role: 'editor' }, by),
      () => org().invite(id, { email: 'x@example.com', roles: ['editor'] }, by),
      () => org().invite(id, { email: 'x@example.com', roles: ['organisation_owner'] }, by),
    ]) {
      await expect(act()).rejects.toMatchObject(refused)
    }
    const own = org().grantRole(id, { userId: inviter.id, role: 'inviter' }, by)
    await expect(own).rejects.toMatchObject({ code: 'own_roles_unchangeable' })
    await org().invite(id, { email: 'x@example.com', roles: ['inviter'] }, by)
  })

  it('rule 10: a right that was taken meanwhile counts no more, nor does one of another organisation', async () => {
    const [one, two] = [await bench.organisation(), await bench.organisation()]
    const user = await bench.memberOf(one, ['inviter'])
    await org().addMember(two.id, { userId: user.id, roles: ['editor'] })
    const by = giver(user, ['inviter', 'editor'])
    const invite = (id: string) => org().invite(id, { email: 'y@example.com', roles: [] }, by)
    await invite(one.id)
    await expect(invite(two.id)).rejects.toMatchObject({ code: 'forbidden' })
    await org().withdrawRole(one.id, { userId: user.id, role: 'inviter' })
    await expect(invite(one.id)).rejects.toMatchObject({ code: 'forbidden' })
    await org().removeMember(one.id, user.id)
    await expect(invite(one.id)).rejects.toMatchObject({ code: 'organisation_not_found' })
  })

  it('rule 26: what a key may not, nobody does with its caller', async () => {
    const { id, owner } = await bench.organisation()
    const invite = org().invite(id, { email: 'z@example.com', roles: [] }, giver(owner, []))
    await expect(invite).rejects.toMatchObject({ code: 'forbidden' })
  })
})
