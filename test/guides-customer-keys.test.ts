import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccessOptions } from '../src/config/index.ts'
import { type Kit, openKit, serve } from './adapters/site.ts'
import { page } from './guide-kit.ts'

const guide = page('docs/guides/keys-of-customers.md')
const [options = '', list = '', organisation = '', program = '', route = '', ...rest] = [
  ...guide.matchAll(/^```js\n(.*?)^```$/gms),
].map(([, code]) => code ?? '')
const written = new Function(`${options}; return access`)() as AccessOptions
const access: AccessOptions = {
  ...written,
  roles: { ...written.roles, apprentice: { permissions: ['create:exports', 'read:exports'] } },
}

describe('keys-of-customers.md', () => {
  let kit: Kit
  beforeAll(async () => {
    kit = await openKit({ access, organisations: { from: 'route' } })
  })
  afterAll(() => kit.close())

  it('its keys act in the organisation, and the route lends what its caller holds there', async () => {
    const code = `return (async () => { ${organisation}; ${program}; return { id, export_, sell } })()`
    expect(rest).toEqual([])
    const { export_, id, sell } = await new Function('security', code)(kit.security)
    expect(export_.apiKey).toMatchObject({ organisation: id, scopes: ['read:orders'] })
    expect(sell.apiKey).toMatchObject({ organisation: id, scopes: ['write:orders'] })
    const [owner, apprentice] = [await kit.person('user'), await kit.person('user')]
    const { organisations } = kit.security
    await organisations.addMember(id, { userId: owner.userId, roles: ['organisation_owner'] })
    await organisations.addMember(id, { userId: apprentice.userId, roles: ['apprentice'] })
    const site = await serve(kit, (app, security) => {
      const orders = [{ org_id: id }, { org_id: 'another' }]
      const code = `${list}; ${route}`
      new Function('app', 'guard', 'security', 'orders', code)(
        ...[app, security.guard, security, orders],
      )
    })
    const ask = (headers: Record<string, string>) =>
      site.fetch('/orgs/acme/keys', { method: 'POST', headers })
    const made = await ask(owner.bearer)
    expect(made.status).toBe(201)
    expect(made.json?.key).toMatch(/^hf_/)
    for (const key of [export_.key, made.json?.key]) {
      const shown = await site.fetch('/orders', { headers: { 'x-api-key': String(key) } })
      expect([shown.status, shown.json]).toEqual([200, [{ org_id: id }]])
    }
    const sold = await site.fetch('/orders', { headers: { 'x-api-key': sell.key } })
    expect(sold.status).toBe(403)
    expect((await ask(apprentice.bearer)).status).toBe(403)
    expect((await ask(owner.bearer)).status).toBe(201)
    expect((await ask((await kit.person('user')).bearer)).status).toBe(404)
    await site.stop()
  })

  it('a scope of a resource without tenant is refused, and the message names the resource', async () => {
    const resources = { orders: {}, exports: {} }
    const bare = await openKit({ mode: 'development', access: { ...written, resources } })
    const work = new Function('security', `return (async () => { ${organisation} })()`)
    await expect(work(bare.security)).rejects.toMatchObject({
      code: 'scope_outranks_owner',
      message: expect.stringContaining('orders declares no `tenant`'),
    })
    const boss = await bare.person('super_admin')
    const site = await serve(bare, () => {})
    const acme = await bare.security.organisations.find('acme')
    const asked = {
      owner: { kind: 'organisation', id: acme?.id },
      name: 'x',
      scopes: ['read:orders'],
    }
    const answer = await site.fetch('/admin/keys', {
      method: 'POST',
      headers: { ...boss.bearer, 'content-type': 'application/json' },
      body: JSON.stringify(asked),
    })
    expect([answer.status, answer.json?.code]).toEqual([403, 'scope_outranks_owner'])
    expect(answer.text).not.toContain('tenant')
    const told = bare.log.filter(({ message }) => message.includes('orders declares no `tenant`'))
    expect(told).toMatchObject([{ level: 'info', fields: { path: '/admin/keys' } }])
    await site.stop()
    await bare.close()
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
