import { describe, expect, it } from 'vitest'
import { openOrganisationBench } from '../../test/organisations/organisation-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'

const taken = { code: 'organisation_exists' }
const everyone = { from: 'host', domain: 'example.com', create: 'everyone' } as const

describeEngines('short names of organisations', (engine) => {
  const bench = openOrganisationBench(engine, { organisations: everyone })
  const org = () => bench.organisations

  it('rule 27: one that an organisation gave up leads to nobody else, ever', async () => {
    const [mine, theirs] = [await bench.organisation(), await bench.organisation()]
    await org().change(mine.id, { slug: 'before' })
    await org().change(mine.id, { slug: 'after' })
    expect(await org().find('before')).toBeUndefined()
    await expect(org().change(theirs.id, { slug: 'before' })).rejects.toMatchObject(taken)
    await expect(org().change(theirs.id, { slug: mine.slug })).rejects.toMatchObject(taken)
    const made = org().create({ name: 'Third', slug: 'before' })
    await expect(made).rejects.toMatchObject(taken)
    expect((await org().change(mine.id, { slug: 'before' })).slug).toBe('before')
  })

  it('one of two changes at once takes a name', async () => {
    const all = await Promise.all([bench.organisation(), bench.organisation()])
    const outcomes = await Promise.allSettled([
      ...all.map(({ id }) => org().change(id, { slug: 'wanted' })),
      org().create({ name: 'Third', slug: 'wanted' }),
    ])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(taken)
    }
  })

  it('an organisation keeps ten, of which it may have each again; code is not counted', async () => {
    const { id, owner, slug } = await bench.organisation()
    const giver = { userId: owner.id, roles: ['organisation_owner'] }
    for (let at = 2; at <= 10; at++) {
      await org().change(id, { slug: `${slug}-${at}` }, { giver })
    }
    const further = org().change(id, { slug: `${slug}-11` }, { giver })
    await expect(further).rejects.toMatchObject({ code: 'short_name_limit' })
    expect((await org().change(id, { slug }, { giver })).slug).toBe(slug)
    expect((await org().change(id, { slug: `${slug}-11` })).slug).toBe(`${slug}-11`)
  })

  describe('where everybody may make organisations', () => {
    async function maker() {
      const { id: owner } = await bench.person()
      const giver = { userId: owner, roles: ['user'] }
      const make = (slug: string) => org().create({ name: slug, slug, owner }, { giver })
      return { make, owner }
    }

    it('an account makes ten, closed ones counted, at once as one after the other', async () => {
      const { make, owner } = await maker()
      const slug = (at: number) => `of-${owner.slice(-6)}-${at}`
      for (let at = 1; at <= 8; at++) await org().close((await make(slug(at))).id)
      const outcomes = await Promise.allSettled([9, 10, 11, 12].map((at) => make(slug(at))))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
      await expect(make(slug(13))).rejects.toMatchObject({ code: 'organisation_limit' })
      await bench.kit.security.users.grantRole(owner, 'super_admin')
      const giver = { userId: owner, roles: ['user', 'super_admin'] }
      const more = { name: 'More', slug: slug(14), owner }
      expect((await org().create(more, { giver })).slug).toBe(slug(14))
    })

    it.each(['login', 'mail', 'www', 'admin', 'api', 'auth', 'account', 'mta-sts', 'wpad'])(
      'nobody takes the host %s for theirs, but code may',
      async (slug) => {
        const { make } = await maker()
        const fault = { code: 'invalid_request', extras: { faults: [{ code: 'slug_reserved' }] } }
        await expect(make(slug)).rejects.toMatchObject(fault)
        const { id, owner } = await bench.organisation()
        const giver = { userId: owner.id, roles: ['organisation_owner'] }
        await expect(org().change(id, { slug }, { giver })).rejects.toMatchObject(fault)
        expect((await org().create({ name: slug, slug })).slug).toBe(slug)
      },
    )
  })
})
