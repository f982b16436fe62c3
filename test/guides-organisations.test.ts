import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestSecurity, type TestSecurity } from '../src/testing/index.ts'
import { page } from './guide-kit.ts'

const guide = page('docs/guides/rows-and-tenants.md')
const organisations = guide.slice(0, guide.indexOf('## Over HTTP'))
const blocks = [...organisations.matchAll(/^```js\n(.*?)^```$/gms)].map(([, one = '']) => one)
const password = 'correct horse battery staple 42'

type Example = (...given: readonly unknown[]) => Promise<unknown>

const AsyncFunction: new (...parts: string[]) => Example = Object.getPrototypeOf(
  async () => {},
).constructor

let kit: TestSecurity
beforeAll(async () => {
  kit = await createTestSecurity()
})
afterAll(() => kit?.close())

describe('rows-and-tenants.md', () => {
  it('its examples make an organisation, invite, give a role, demand and close', async () => {
    const { security } = kit
    const [ada, cleo] = [
      await security.users.create({ email: 'ada@example.com', password }),
      await security.users.create({ email: 'cleo@example.com', password }),
    ]
    const dated = blocks.join('\n').replaceAll('Date.now()', String(kit.clock.now()))
    expect(blocks).toHaveLength(5)
    const result = 'return { acme, invitation, roles }'
    const run: Example = new AsyncFunction('security', 'ada', 'cleo', dated + result)
    const done = await run(security, ada, cleo)
    expect(done).toMatchObject({
      acme: { slug: 'acme', name: 'Acme Ltd' },
      invitation: { email: 'ben@example.com', roles: ['organisation_member'] },
      roles: ['organisation_member', 'organisation_owner'],
    })
    const { policy, status } = (await security.organisations.find('acme')) ?? {}
    expect([status, Object.keys(policy ?? {})]).toEqual([
      ...['closed', ['requiredLevel', 'ipRanges', 'sessionMaxMs']],
    ])
  })

  it('its table of calls names each with its permission', () => {
    const said = [
      ...guide.matchAll(/^\| `([A-Z]+ \/auth\/organisations\S*)` \| (?:`(.+)`)? ?\|$/gm),
    ]
    const known = kit.security.routes
      .filter(({ path }) => path.startsWith('/auth/organisations'))
      .filter(({ method, path }) => method !== 'POST' || path !== '/auth/organisations')
      .map(({ method, path, policy }) => [
        ...[`${method} ${path}`, 'permission' in policy ? policy.permission : undefined],
      ])
    expect(said.map(([, call, permission]) => [call, permission]).sort()).toEqual(known.sort())
  })
})
