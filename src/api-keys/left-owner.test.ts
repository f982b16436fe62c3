import { expect, it } from 'vitest'
import { openOrganisationBench } from '../../test/organisations/organisation-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'
import type { NewApiKey } from './request.ts'

describeEngines('the key of somebody who left the organisation', (engine) => {
  const lines: Readonly<Record<string, unknown>>[] = []
  const note = (_message: string, fields: Readonly<Record<string, unknown>> = {}) => {
    lines.push(fields)
  }
  const logger = { debug: note, info: note, warn: note, error: note }
  const bench = openOrganisationBench(engine, { logger })
  const keys = () => bench.kit.security.apiKeys

  async function keyOfMember() {
    const organisation = await bench.organisation()
    const member = await bench.memberOf(organisation, ['editor'])
    const owner = { kind: 'user', id: member.id, organisation: organisation.id } as const
    const made = await keys().create(owner, { name: 'sync', scopes: ['read:documents'] })
    return { ...made, member, organisation }
  }

  it('is told as such in every list and in the log, and works again for who comes back', async () => {
    const { apiKey, key, member, organisation } = await keyOfMember()
    const { id } = apiKey
    const statuses = async () => {
      const found = [
        ...[await keys().get(id), ...(await keys().list(member.id))],
        ...(await keys().search({ limit: 200, ownerId: member.id })),
      ]
      return new Set(found.map(({ status }) => status))
    }
    const { keyAuthenticator } = bench.kit.security.parts.rooms
    const show = () => keyAuthenticator.authenticate({ key, origin: { ip: '192.0.2.1' } })
    expect(await statuses()).toEqual(new Set(['active']))
    await bench.organisations.removeMember(organisation.id, member.id)
    expect(await statuses()).toEqual(new Set(['owner_left']))
    expect(await show()).toMatchObject({ code: 'api_key_invalid' })
    expect(lines.at(-1)).toMatchObject({ reason: 'owner_left', keyId: id })
    await bench.organisations.addMember(organisation.id, { userId: member.id, roles: ['editor'] })
    expect(await statuses()).toEqual(new Set(['active']))
    expect(await show()).toMatchObject({ keyId: id })
  })

  it('is not made with fields that nobody knows: a bound that was misspelt would bind nothing', async () => {
    const { id } = await bench.person()
    const input = { name: 'sync', scopes: ['read:own'], ipRange: ['192.0.2.0/24'] } as NewApiKey
    await expect(keys().create({ kind: 'user', id }, input)).rejects.toMatchObject({
      code: 'invalid_request',
      extras: { faults: [{ pointer: '#/body/ipRange', code: 'unknown_field' }] },
    })
  })
})
