import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'
import {
  as,
  newPassword,
  openRecoverySite,
  type RecoveryKit,
  recoveryKit,
  type SignedIn,
} from './recovery-kit.ts'

const minuteMs = 60_000

let site: Site
let kit: RecoveryKit
beforeAll(async () => {
  site = await openRecoverySite()
  kit = recoveryKit(site)
})
afterAll(() => site.close())

describe('the data of an account', () => {
  it('comes as a file: profile, roles, sessions with ended ones, devices and records', async () => {
    const fay = await kit.someone('fay')
    const gone = await kit.signIn(fay.email, goodPassword, '192.0.2.9')
    await site.post('/auth/logout', {}, gone.bearer)
    await site.security.users.grantRole(fay.id, 'manager', { reason: 'promoted' })
    const { headers, json } = await kit.exported(fay)
    expect(headers.get('content-type')).toMatch(/^application\/json/)
    expect(headers.get('content-disposition')).toBe('attachment; filename="account.json"')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(json.account).toMatchObject({ id: fay.id, email: fay.email, metadata: {} })
    expect(json.roles).toEqual(['user', 'manager'].sort())
    const sessions = json.sessions.map((one: { id: string; endReason: string | null }) => [
      one.id,
      one.endReason,
    ])
    expect(Object.fromEntries(sessions)).toEqual({
      [fay.sessionId]: null,
      [gone.sessionId]: 'logout',
    })
    expect(json.devices.length).toBeGreaterThan(0)
    const actions = json.records.map(({ action }: { action: string }) => action)
    expect(actions).toEqual(
      expect.arrayContaining(['user.created', 'sign_in.succeeded', 'role.granted']),
    )
  })

  it('names API keys, what they are for and when they were used, and holds none', async () => {
    const lou = await kit.someone('lou')
    await site.security.users.grantRole(lou.id, 'manager')
    const scopes = ['read:orders']
    const made = await site.post('/api/keys', { name: 'sync', scopes }, lou.bearer)
    const ended = await site.post('/api/keys', { name: 'old', scopes }, lou.bearer)
    const createdAt = site.clock.now()
    await site.get('/api/orders', { 'x-api-key': made.json.key, ...from('203.0.113.9') })
    const key = ended.json.apiKey.id
    await site.security.apiKeys.revoke(key, {}, { reason: 'police case 4712' })
    const { json, text } = await kit.exported(await kit.signIn(lou.email))
    const used = { lastUsedAt: createdAt, lastUsedIp: '203.0.113.9' }
    expect(json.apiKeys).toHaveLength(2)
    expect(json.apiKeys).toContainEqual(
      expect.objectContaining({ name: 'sync', status: 'active', scopes, createdAt, ...used }),
    )
    expect(json.apiKeys).toContainEqual(
      expect.objectContaining({ id: key, status: 'revoked', lastUsedAt: null }),
    )
    const { hash } = await site.security.parts.ground.database.reader
      .selectFrom('hf_api_keys')
      .select('hash')
      .where('id', '=', made.json.apiKey.id)
      .executeTakeFirstOrThrow()
    for (const secret of [made.json.key.slice(-38), hash, '4712']) {
      expect(text).not.toContain(secret)
    }
  })

  it('holds nothing of anybody else', async () => {
    const boss = await site.signUp('the-boss@example.com')
    await site.security.users.grantRole(boss.id, 'super_admin')
    const gus = await kit.someone('gus')
    const agent = { ...boss.bearer, 'x-forwarded-for': '203.0.113.77', 'user-agent': 'boss/1.0' }
    const given = await site.post(`/admin/users/${gus.id}/roles`, { role: 'manager' }, agent)
    expect(given.status).toBe(200)
    const { json, text } = await kit.exported(gus)
    expect(json.records).toContainEqual(
      expect.objectContaining({ action: 'role.granted', by: 'somebody else' }),
    )
    for (const foreign of ['the-boss', boss.id, '203.0.113.77', 'boss/1.0']) {
      expect(text).not.toContain(foreign)
    }
  })

  it('rule 8: does not tell whether an address that was asked for has an account', async () => {
    const spy = await kit.someone('spy')
    await kit.someone('target')
    for (const email of ['target@example.com', 'nobody-there@example.com']) {
      await site.post('/auth/email/change', { email, currentPassword: goodPassword }, as(spy))
    }
    const { json } = await kit.exported(spy)
    const asked = json.records.filter(
      ({ action }: { action: string }) => action === 'email.change_requested',
    )
    expect(asked).toHaveLength(2)
    const [one, other] = asked.map(({ at: _, ...rest }: { at: number }) => rest)
    expect(one).toEqual(other)
  })

  it('holds no words of others about the account, and where attempts to get in came from', async () => {
    const may = await kit.someone('may')
    const stranger = { ...from('203.0.113.200'), 'user-agent': 'Stranger/1' }
    const neighbour = { ...from('203.0.113.201'), 'user-agent': 'Neighbour/1' }
    const wrong = { email: may.email, password: 'wrong wrong wrong', transport: 'body' }
    await site.post('/auth/login', wrong, stranger)
    await site.post('/auth/password/forgot', { email: may.email }, neighbour)
    const { users } = site.security
    await users.lock(may.id, {}, { reason: 'police case 4711' })
    await users.unlock(may.id, { reason: 'closed 4711' })
    const { json, text } = await kit.exported(await kit.signIn(may.email))
    for (const foreign of ['4711', '203.0.113.201', 'Neighbour/1']) {
      expect(text).not.toContain(foreign)
    }
    expect(json.records).toContainEqual(
      expect.objectContaining({ action: 'sign_in.failed', ip: '203.0.113.200' }),
    )
  })

  it('rule 34: holds no secret and no hash of one', async () => {
    const hal = await site.login((await kit.someone('hal')).email, goodPassword)
    const bearer = { authorization: `Bearer ${hal.json.accessToken}` }
    const login = { email: 'hal@example.com', password: goodPassword, transport: 'session' }
    expect((await site.post('/auth/login', login)).status).toBe(200)
    await kit.forgot('hal@example.com')
    const { text } = await site.get('/auth/account/export', bearer)
    const rows = Object.entries(site.dump()).flatMap(([, list]) =>
      list.map((row) => JSON.parse(row)),
    )
    const secret = /hash|sealed|private|token/
    const canaries = rows.flatMap((row) =>
      Object.entries(row).flatMap(([name, value]) =>
        secret.test(name) && typeof value === 'string' && value.length > 15 ? [value] : [],
      ),
    )
    expect(canaries.length).toBeGreaterThan(5)
    canaries.push(hal.json.accessToken, hal.json.refreshToken, hal.json.csrfToken, goodPassword)
    for (const canary of canaries) expect(text).not.toContain(canary)
  })

  it('is on the record each time it is taken', async () => {
    const before = (await kit.records('account.exported')).length
    const ida = await kit.someone('ida')
    await kit.exported(ida)
    const records = await kit.records('account.exported')
    expect(records.length).toBe(before + 1)
    expect(records).toContainEqual(
      expect.objectContaining({ actor_id: ida.id, resource_id: ida.id }),
    )
  })
})

describe('closing an account', () => {
  const close = (who: SignedIn, currentPassword = goodPassword) =>
    site.post('/auth/account/close', { currentPassword }, as(who))

  it('needs the password, ends every session and tells by mail', async () => {
    const jim = await kit.someone('jim')
    const other = await kit.signIn(jim.email, goodPassword, '192.0.2.9')
    expect((await close(jim, newPassword)).json.code).toBe('password_wrong')
    expect(await close(jim)).toMatchObject({ status: 200, json: { status: 'done' } })
    expect([await kit.isAlive(jim), await kit.isAlive(other)]).toEqual([false, false])
    expect((await site.login(jim.email, goodPassword)).status).toBe(401)
    await site.deliverMail()
    const subjects = site.mailbox.list(jim.email).map(({ subject }) => subject)
    expect(subjects).toContainEqual(expect.stringMatching(/closed/))
  })

  it('ends the way back by mail, and erases the account once its time has come', async () => {
    const kim = await kit.someone('kim')
    const token = await kit.forgot(kim.email)
    await close(kim)
    expect((await kit.reset(token)).json.code).toBe('link_invalid')
    const days = site.security.config.closedAccounts.eraseAfterMs
    site.clock.jump(days - 1)
    await site.security.users.eraseClosed()
    expect(await site.security.users.find(kim.id)).toMatchObject({ status: 'disabled' })
    site.clock.jump(1)
    await site.security.users.eraseClosed()
    expect(await site.security.users.find(kim.id)).toBeUndefined()
  })

  it('stops the API keys of the account, and takes them along when it is erased', async () => {
    const ora = await kit.someone('ora')
    await site.security.users.grantRole(ora.id, 'manager')
    const body = { name: 'sync', scopes: ['read:orders'] }
    const { json } = await site.post('/api/keys', body, ora.bearer)
    const use = async () => (await site.get('/api/orders', { 'x-api-key': json.key })).json
    expect((await use()).code).toBeUndefined()
    await close(ora)
    expect((await use()).code).toBe('api_key_invalid')
    site.clock.jump(site.security.config.closedAccounts.eraseAfterMs)
    await site.security.users.eraseClosed()
    expect((await use()).code).toBe('api_key_invalid')
    const gone = site.security.apiKeys.get(json.apiKey.id)
    await expect(gone).rejects.toMatchObject({ code: 'api_key_not_found' })
    expect(site.dump().hf_api_keys?.join()).not.toContain(ora.id)
  })

  it('can be taken back for 7 days with the link of the mail that tells of it', async () => {
    const noa = await kit.someone('noa')
    await close(noa)
    const token = await kit.link(noa.email)
    site.clock.jump(6 * 24 * 60 * minuteMs)
    expect((await site.post('/auth/report', { token })).status).toBe(200)
    expect((await kit.reset(await kit.link(noa.email))).status).toBe(200)
    expect(await site.security.users.find(noa.id)).toMatchObject({ status: 'active' })
    await kit.signIn(noa.email, newPassword)
  })

  it('is taken back by an administrator who opens the account again', async () => {
    const lea = await kit.someone('lea')
    await close(lea)
    await site.security.users.enable(lea.id, { reason: 'she asked for it' })
    site.clock.jump(site.security.config.closedAccounts.eraseAfterMs)
    await site.security.users.eraseClosed()
    expect(await site.security.users.find(lea.id)).toMatchObject({ status: 'active' })
  })

  it('rule 10: the last super administrator cannot, not even two at once', async () => {
    const own = await openSite({ captcha: { provider: 'none' } })
    const ownKit = recoveryKit(own)
    const pair = [await ownKit.someone('max'), await ownKit.someone('ned')] as const
    for (const { id } of pair) await own.security.users.grantRole(id, 'super_admin')
    const body = { currentPassword: goodPassword }
    const answers = await Promise.all(
      pair.map((who) => own.post('/auth/account/close', body, as(who))),
    )
    expect(answers.map(({ json }) => json.code ?? json.status).sort()).toEqual([
      'done',
      'last_super_admin',
    ])
    await own.close()
  })
})
