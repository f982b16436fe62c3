import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kit, openKit, serve } from './adapters/site.ts'
import { page } from './guide-kit.ts'

const guide = page('docs/guides/keys-of-customers.md')
const [organisation = '', program = '', route = ''] = [
  ...guide.matchAll(/^```js\n(.*?)^```$/gms),
].map(([, code]) => code)
const access = {
  resources: {
    orders: { columns: { org_id: 'text' }, tenant: 'org_id' },
    exports: { tenant: false },
  },
  roles: {
    exporter: { permissions: ['read:orders'] },
    cashier: { permissions: ['write:orders'] },
    apprentice: { permissions: ['create:exports'] },
  },
} as const

describe('keys-of-customers.md', () => {
  let kit: Kit
  beforeAll(async () => {
    kit = await openKit({ access, organisations: { from: 'route' } })
  })
  afterAll(() => kit.close())

  it('its keys act in the organisation, and the route lends what its caller holds there', async () => {
    const code = `return (async () => { ${organisation}; ${program}; return { id, export_, sell } })()`
    const { export_, id, sell } = await new Function('security', code)(kit.security)
    expect(export_.apiKey).toMatchObject({ organisation: id, scopes: ['read:orders'] })
    expect(sell.apiKey).toMatchObject({ organisation: id, scopes: ['write:orders'] })
    const [owner, apprentice] = [await kit.person('user'), await kit.person('user')]
    const { organisations } = kit.security
    await organisations.addMember(id, { userId: owner.userId, roles: ['organisation_owner'] })
    await organisations.addMember(id, { userId: apprentice.userId, roles: ['apprentice'] })
    const site = await serve(kit, (app, security) => {
      new Function('app', 'guard', 'security', route)(app, security.guard, security)
    })
    const ask = (headers: Record<string, string>) =>
      site.fetch('/orgs/acme/keys', { method: 'POST', headers })
    const made = await ask(owner.bearer)
    expect(made.status).toBe(201)
    expect(made.json?.key).toMatch(/^hf_/)
    expect((await ask(apprentice.bearer)).status).toBe(403)
    expect((await ask((await kit.person('user')).bearer)).status).toBe(404)
    await site.stop()
  })

  it('names routes and permissions that are there', () => {
    const routes = kit.security.routes.map(({ method, path }) => `${method} ${path}`)
    const named = [...guide.matchAll(/`((?:GET|POST) \/[^`]*)`/g)].map(([, one]) => one)
    expect(named).toHaveLength(4)
    for (const one of named) expect(routes).toContain(one)
    const asked = kit.security.routes.flatMap(({ policy }) =>
      policy.kind === 'permission' ? [policy.permission] : [],
    )
    for (const permission of ['write:security:keys', 'write:security:service_accounts']) {
      expect(asked).toContain(permission)
      expect(guide).toContain(`\`${permission}\``)
    }
  })
})
