import { expect, it } from 'vitest'
import { openOrganisationBench } from '../../test/organisations/organisation-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'

describeEngines('an explanation', (engine) => {
  const bench = openOrganisationBench(engine)
  const explain = (userId: string, organisation?: string) =>
    bench.kit.security.access.explain({
      ...{ userId, permission: 'read:documents' },
      ...(organisation === undefined ? {} : { organisation }),
    })

  it('about nobody says so, and not that no rule reaches', async () => {
    const unknown = await explain('0199aaaa-0000-7000-8000-000000000000')
    expect(unknown).toEqual({
      ...{ allowed: false, permission: 'read:documents', reason: 'user_unknown', rules: [] },
    })
  })

  it('about an organisation that is not there, or is not theirs, says so', async () => {
    const organisation = await bench.organisation()
    const [member, stranger] = [
      await bench.memberOf(organisation, ['editor']),
      await bench.person(),
    ]
    expect((await explain(member.id, 'nowhere')).reason).toBe('organisation_unknown')
    expect((await explain(stranger.id, organisation.id)).reason).toBe('organisation_unknown')
    expect((await explain(member.id, organisation.slug)).reason).toBe('allowed')
    expect((await explain(member.id)).reason).toBe('no_rule')
  })
})
