import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Cast, openCast } from './testdata/cast.ts'
import { bearer, describeExample, openSite, type Site } from './testdata/site.ts'

describeExample('API keys', (engine) => {
  let site: Site
  let cast: Cast

  beforeAll(async () => {
    site = await openSite(engine)
    cast = await openCast(site)
  })

  afterAll(() => site?.close())

  it('tells a key of its own quota', async () => {
    const answer = await site.call('GET', '/api/v2/projects', cast.by('key'))
    expect(answer.headers.get('ratelimit-policy')).toMatch(/"api_key";q=1000;w=3600/)
    expect(answer.headers.get('ratelimit')).toMatch(/"api_key";r=\d+;t=\d+/)
  })

  it('a key does no more than its scopes, in either header', async () => {
    const { project } = await cast.scene()
    const { 'x-api-key': key } = await site.key(cast.people.manager, ['read:projects'])
    for (const credential of [{ 'x-api-key': key ?? '' }, { authorization: `Bearer ${key}` }]) {
      const ask = async (method: string, path: string, body?: object) =>
        (await site.call(method, `/api/v2/projects${path}`, credential, body)).status
      expect(await ask('GET', '')).toBe(200)
      expect(await ask('GET', `/${project.id}`)).toBe(200)
      expect(await ask('POST', '', { name: 'X', site: 'Y' })).toBe(403)
      expect(await ask('PATCH', `/${project.id}`, { name: 'X' })).toBe(403)
      expect(await ask('POST', `/${project.id}/tasks`, { title: 'X' })).toBe(403)
    }
  })

  it('a key does no more than its owner may now', async () => {
    const owner = await site.person(['user', 'manager'])
    const credential = await site.key(owner, ['read:projects', 'create:projects'])
    const make = () => site.call('POST', '/api/v2/projects', credential, { name: 'X', site: 'Y' })
    expect((await make()).status).toBe(201)
    await site.security.users.withdrawRole(owner.id, 'manager')
    expect((await make()).status).toBe(403)
    expect((await site.call('GET', '/api/v2/projects', credential)).status).toBe(200)
    await site.security.users.disable(owner.id, { reason: 'left' })
    expect((await site.call('GET', '/api/v2/projects', credential)).status).toBe(401)
  })

  it('a key is made with scopes that its owner holds, after a recent proof', async () => {
    const person = await site.person()
    const ask = (body: object) => site.call('POST', '/api/keys', person.credential, body)
    const bare = await ask({ name: 'ci' })
    expect(bare).toMatchObject({ status: 400, json: { code: 'scopes_required' } })
    expect(bare.json.available).toContain('read:projects')
    expect(bare.json.available).not.toContain('create:projects')
    const much = await ask({ name: 'ci', scopes: ['create:projects'] })
    expect(much).toMatchObject({ status: 403, json: { code: 'scope_outranks_owner' } })
    const made = await ask({ name: 'ci', scopes: ['read:projects'] })
    expect(made.status).toBe(201)
    const { key } = made.json
    const listed = await site.call('GET', '/api/keys', person.credential)
    expect(listed.json.keys).toHaveLength(1)
    expect(listed.text).not.toContain(key)
    const another = await site.call('POST', '/api/keys', { 'x-api-key': key }, { name: 'ci' })
    expect(another.json.code).toBe('session_required')
    const { refreshToken } = (await site.signIn(person)).json
    await site.advance(16 * 60_000)
    const stale = (await site.call('POST', '/auth/refresh', {}, { refreshToken })).json.accessToken
    const body = { name: 'ci', scopes: ['read:projects'] }
    const late = await site.call('POST', '/api/keys', bearer(stale), body)
    expect(late).toMatchObject({ status: 401, json: { code: 'step_up_required' } })
    expect((await site.call('GET', '/api/v2/projects', { 'x-api-key': key })).status).toBe(200)
  })
})
