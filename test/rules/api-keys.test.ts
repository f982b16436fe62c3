import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectKey, jsonLogger } from '../../src/index.ts'
import { type KeyKit, keyKit } from './api-keys-kit.ts'
import { openSite, type Person, type Site } from './identity-kit.ts'

const minute = 60_000

let site: Site
let kit: KeyKit
let manager: Person
beforeAll(async () => {
  site = await openSite(
    {
      captcha: 'none',
      tokens: { accessLifetime: '60m' },
      limits: { general: { points: 1_000_000 } },
    },
    (app, security) => {
      const end = (_req: unknown, res: { json: (value: object) => void }) => void res.json({})
      app.get('/me', security.authenticate, end)
      app.get('/staff', security.guard({ anyRole: ['manager'] }), end)
      app.get('/fresh', security.guard('read:orders', { within: '15m' }), end)
      app.get('/strong', security.guard('read:orders', { level: 2 }), end)
      app.post('/tasks', security.guard('write:tasks'), end)
    },
  )
  kit = keyKit(site)
  manager = await kit.someone('manager', ['user', 'manager'])
})
afterAll(() => site.close())

describe('rule 26: an API key', () => {
  it('is shown once, in the answer that makes it', async () => {
    const { json, status } = await kit.ask(manager, { name: 'sync', scopes: ['read:orders'] })
    expect(status).toBe(201)
    expect(inspectKey(json.key)).toEqual({ kind: 'key', environment: 'test', id: json.apiKey.id })
    const list = await site.get('/api/keys', manager.bearer)
    const one = await site.get(`/api/keys/${json.apiKey.id}`, manager.bearer)
    expect(list.json.keys.map(({ id }: { id: string }) => id)).toContain(json.apiKey.id)
    for (const text of [list.text, one.text]) expect(text).not.toContain(json.key.slice(-38))
  })

  it('is taken in either header, and never when two differ', async () => {
    const { key } = await kit.make(manager)
    const other = await kit.make(manager)
    const status = async (headers: Record<string, string>) =>
      (await site.get('/api/orders', headers)).status
    expect(await status({ 'x-api-key': key })).toBe(200)
    expect(await status({ authorization: `Bearer ${key}` })).toBe(200)
    expect(await status({ 'x-api-key': key, authorization: `Bearer ${key}` })).toBe(200)
    const two = [`Bearer ${other.key}`, 'Basic eDp5', manager.bearer.authorization ?? '']
    for (const authorization of two) {
      expect(await status({ 'x-api-key': key, authorization })).toBe(401)
    }
    expect(await status({ 'x-api-key': `${key}, ${key}` })).toBe(401)
    expect(await status({ 'x-api-key': '' })).toBe(401)
  })

  it('does what its scopes and its owner both allow, and nothing else', async () => {
    const read = await kit.make(manager)
    const headers = { 'x-api-key': read.key }
    expect((await kit.use(read.key)).json.auth).toMatchObject({
      ...{ userId: manager.id, keyId: read.id, sessionId: '', roles: [], csrfToken: '' },
      permissions: ['read:orders'],
    })
    expect((await site.post('/tasks', {}, headers)).json.code).toBe('forbidden')
    const write = await kit.make(manager, { scopes: ['write:tasks'] })
    expect((await site.post('/tasks', {}, { 'x-api-key': write.key })).status).toBe(200)
    expect((await kit.use(write.key)).json.code).toBe('forbidden')
    await site.security.users.withdrawRole(manager.id, 'manager')
    expect((await site.post('/tasks', {}, { 'x-api-key': write.key })).json.code).toBe('forbidden')
    expect((await kit.use(read.key)).json.code).toBe('forbidden')
    await site.security.users.grantRole(manager.id, 'manager')
    expect((await kit.use(read.key)).status).toBe(200)
    manager = await again('manager')
  })

  it('has no scope wider than its maker, who is told which there are', async () => {
    for (const scopes of [
      ['*'],
      ['write:orders'],
      ['read:security:users'],
      ['read:orders', '*:*'],
    ]) {
      const { json, status } = await kit.ask(manager, { name: 'wide', scopes })
      expect([status, json.code], scopes.join()).toEqual([403, 'scope_outranks_owner'])
    }
    for (const body of [{ name: 'none' }, { name: 'none', scopes: [] }]) {
      const { json, status } = await kit.ask(manager, body)
      expect([status, json.code]).toEqual([400, 'scopes_required'])
      expect(json.available).toContain('read:*')
    }
  })

  it('of a disabled or locked owner is no key', async () => {
    const owner = await kit.someone('owner', ['user', 'manager'])
    const { key } = await kit.make(owner)
    const { users } = site.security
    expect((await kit.use(key)).status).toBe(200)
    await users.disable(owner.id)
    expect((await kit.use(key)).json.code).toBe('api_key_invalid')
    await users.enable(owner.id)
    expect((await kit.use(key)).status).toBe(200)
    await users.lock(owner.id)
    expect((await kit.use(key)).json.code).toBe('api_key_invalid')
  })

  it('is no person: what asks for one answers 403', async () => {
    const { id, key } = await kit.make(manager)
    const headers = { 'x-api-key': key }
    const paths = ['/me', '/staff', '/fresh', '/auth/me', '/auth/sessions', '/api/keys']
    for (const path of paths) {
      const { json, status } = await site.get(path, headers)
      expect([status, json.code], path).toEqual([403, 'session_required'])
    }
    const body = { name: 'child', scopes: ['read:orders'] }
    expect((await site.post('/api/keys', body, headers)).json.code).toBe('session_required')
    const rotated = await site.post(`/api/keys/${id}/rotate`, {}, headers)
    expect(rotated.json.code).toBe('session_required')
    const ended = await site.request('DELETE', `/api/keys/${id}`, { headers })
    expect(ended.json.code).toBe('session_required')
  })

  it('proves what the session that made it had proven, for good', async () => {
    const { key } = await kit.make(manager)
    const { json } = await site.get('/strong', { 'x-api-key': key })
    expect(json.code).toBe('session_required')
  })

  it('is made and rotated with a fresh proof, and ended without', async () => {
    const person = await kit.someone('patient', ['user', 'manager'])
    const { id, key } = await kit.make(person)
    site.clock.jump(16 * minute)
    await site.security.parts.ground.revocations.poll()
    const late = [
      await kit.ask(person, { name: 'late', scopes: ['read:own'] }),
      await site.post(`/api/keys/${id}/rotate`, {}, person.bearer),
    ]
    for (const { json, status } of late) {
      expect([status, json.code]).toEqual([401, 'step_up_required'])
    }
    expect((await kit.use(key)).status).toBe(200)
    const ended = await site.request('DELETE', `/api/keys/${id}`, { headers: person.bearer })
    expect(ended.status).toBe(204)
    expect((await kit.use(key)).json.code).toBe('api_key_invalid')
  })

  it('of somebody else is absent', async () => {
    const stranger = await kit.someone('stranger', ['user'])
    manager = await again('manager')
    const { id, key } = await kit.make(manager)
    const headers = stranger.bearer
    for (const one of [id, 'A'.repeat(16)]) {
      const answers = [
        await site.get(`/api/keys/${one}`, headers),
        await site.post(`/api/keys/${one}/rotate`, {}, headers),
        await site.request('DELETE', `/api/keys/${one}`, { headers }),
      ]
      for (const { json, status } of answers) {
        expect([status, json.code]).toEqual([404, 'api_key_not_found'])
      }
    }
    expect((await kit.use(key)).status).toBe(200)
  })

  it('needs no CSRF token, and makes a cookie beside it count for nothing', async () => {
    const { key } = await kit.make(manager, { scopes: ['write:tasks'] })
    const cross = { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' }
    const cookie = await cookieOf('manager')
    expect((await site.get('/auth/me', { cookie })).status).toBe(200)
    expect((await site.post('/tasks', {}, { cookie, ...cross })).status).toBe(403)
    const reading = await kit.make(manager)
    const beyond = await site.post('/tasks', {}, { 'x-api-key': reading.key, cookie })
    expect(beyond.json.code).toBe('forbidden')
    const { status } = await site.post('/tasks', {}, { 'x-api-key': key, cookie, ...cross })
    expect(status).toBe(200)
    const wrong = await site.post('/tasks', {}, { 'x-api-key': 'hf_x', cookie, ...cross })
    expect(wrong.json.code).toBe('api_key_invalid')
  })

  it('is rotated once, however many ask at once', async () => {
    const { id, key } = await kit.make(manager)
    const rotate = () => site.post(`/api/keys/${id}/rotate`, { overlap: 60 }, manager.bearer)
    const answers = await Promise.all(Array.from({ length: 6 }, rotate))
    const made = answers.filter(({ status }) => status === 201)
    expect(made).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(5)
    const next = made[0]?.json.key
    expect([(await kit.use(key)).status, (await kit.use(next)).status]).toEqual([200, 200])
    await site.advance(60_000)
    expect([(await kit.use(key)).status, (await kit.use(next)).status]).toEqual([401, 200])
  })

  it.each<[object, string]>([
    [{ name: '' }, 'invalid_request'],
    [{ name: 'a\nb' }, 'invalid_request'],
    [{ scopes: ['read everything'] }, 'invalid_request'],
    [{ expiresAt: 1 }, 'invalid_request'],
    [{ ipRanges: [] }, 'invalid_request'],
    [{ ipRanges: ['0.0.0.0/0'] }, 'invalid_request'],
    [{ limitPerHour: 10_001 }, 'invalid_request'],
    [{ role: 'admin' }, 'unknown_field'],
    [{ owner: { kind: 'user', id: 'x' } }, 'unknown_field'],
    [{ level: 2 }, 'unknown_field'],
    [{ organisation: 'none-of-mine' }, 'organisation_not_found'],
  ])('is not made of %j', async (more, code) => {
    const { json } = await kit.ask(manager, { name: 'x', scopes: ['read:orders'], ...more })
    expect(json.code).toBe(code)
  })

  it('is not made with more than 8 KB of metadata', async () => {
    const body = { name: 'x', scopes: ['read:orders'], metadata: { text: 'x'.repeat(8_192) } }
    expect((await kit.ask(manager, body)).json.code).toBe('invalid_request')
  })

  /** The live session cookie of somebody who could do the same without a key. */
  async function cookieOf(name: string): Promise<string> {
    const identifier = `${name}@example.com`
    const password = 'correct horse battery staple 42'
    const { headers } = await site.post('/auth/login', {
      identifier,
      password,
      transport: 'session',
    })
    const [set = ''] = headers.getSetCookie().filter((one) => one.includes('hf_session'))
    return set.split(';')[0] ?? ''
  }

  /** Signs in anew: time has ended the token of before. */
  async function again(name: string): Promise<Person> {
    const { json } = await site.login(`${name}@example.com`, 'correct horse battery staple 42')
    return { id: json.user.id, bearer: { authorization: `Bearer ${json.accessToken}` } }
  }
})

describe('rule 47: an API key', () => {
  it("that may read everything of the app reads nothing of Holdfast's own", async () => {
    const admin = await kit.someone('admin', ['admin', 'user'])
    const all = await kit.make(admin, { scopes: ['read:*'] })
    const own = await kit.make(admin, { scopes: ['read:security:users'] })
    const status = async (key: string) =>
      (await site.get('/admin/users', { 'x-api-key': key })).status
    expect([await status(all.key), await status(own.key)]).toEqual([403, 200])
    expect((await kit.use(all.key)).status).toBe(200)
    expect((await kit.use(own.key)).status).toBe(403)
  })

  it('goes on while somebody guesses at the password of its owner', async () => {
    const owner = await kit.someone('besieged', ['user', 'manager'])
    const { key } = await kit.make(owner)
    for (let guess = 0; guess < 12; guess++) {
      await site.login('besieged@example.com', `wrong horse ${guess}`, `198.51.100.${guess}`)
    }
    expect((await kit.use(key)).status).toBe(200)
  })
})

describe('the quota of an API key', () => {
  it('is its own, told in every answer, and exact under 500 calls at once', async () => {
    const person = await kit.someone('busy', ['user', 'manager'])
    const { key } = await kit.make(person, { limitPerHour: 120 })
    const other = await kit.make(person)
    const first = await kit.use(key)
    expect(first.headers.get('ratelimit-policy')).toBe('"api_key";q=120;w=3600')
    expect(first.headers.get('ratelimit')).toBe('"api_key";r=119;t=3600')
    const answers = await Promise.all(Array.from({ length: 500 }, () => kit.use(key)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(119)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(381)
    const usual = await kit.use(other.key)
    expect(usual.headers.get('ratelimit-policy')).toBe('"api_key";q=1000;w=3600')
    expect((await site.get('/auth/me', person.bearer)).headers.get('ratelimit-policy')).toMatch(
      /^"account"/,
    )
  })
})

describe('rule 34: what is written about API keys', () => {
  it('says why one was refused, to the log alone, and holds no secret of any', async () => {
    const lines: string[] = []
    const logger = jsonLogger({
      level: 'debug',
      now: () => 0,
      write: (line) => void lines.push(line),
    })
    const own = await openSite({ captcha: 'none', logger })
    const keys = keyKit(own)
    const person = await keys.someone('logged', ['user', 'manager'])
    const shown = await keys.make(person)
    const gone = await keys.make(person)
    const far = await keys.make(person, { ipRanges: ['198.51.100.0/24'] })
    await own.request('DELETE', `/api/keys/${gone.id}`, { headers: person.bearer })
    const mistyped = `${shown.key.slice(0, -1)}${shown.key.endsWith('0') ? '1' : '0'}`
    const answers = []
    for (const key of [shown.key, gone.key, far.key, mistyped]) answers.push(await keys.use(key))
    answers.push(await own.get(`/api/orders?key=${shown.key}`, {}))
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 401, 401, 401])
    const texts = new Set(answers.slice(1, 4).map(({ json }) => `${json.code} ${json.detail}`))
    expect(texts.size).toBe(1)
    const log = lines.join('\n')
    for (const reason of ['revoked', 'address', 'malformed']) {
      expect(log).toContain(`"reason":"${reason}"`)
    }
    const records = JSON.stringify(own.dump())
    const said = answers.map(({ text }) => text).join('\n')
    for (const { key } of [shown, gone, far]) {
      for (const text of [log, records, said]) expect(text).not.toContain(key.slice(-38, -6))
    }
    await own.close()
  })
})
