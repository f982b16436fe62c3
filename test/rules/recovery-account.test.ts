import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'
import { as, newPassword, type RecoveryKit, recoveryKit, type SignedIn } from './recovery-kit.ts'

const minuteMs = 60_000

let site: Site
let kit: RecoveryKit
beforeAll(async () => {
  site = await openSite({ captcha: { provider: 'none' }, stepUp: { within: '5m' } })
  kit = recoveryKit(site)
})
afterAll(() => site.close())

const stepUp = (who: SignedIn, currentPassword = goodPassword) =>
  site.post('/auth/step-up', { currentPassword }, as(who))
const exported = (who: SignedIn) => site.get('/auth/account/export', as(who))

describe('a recent proof', () => {
  it('is asked for with the challenge of RFC 9470 once the last one is too old', async () => {
    const ann = await kit.someone('ann')
    expect((await exported(ann)).status).toBe(200)
    await site.advance(5 * minuteMs)
    expect((await exported(ann)).status).toBe(200)
    await site.advance(1)
    const { headers, json, status } = await exported(ann)
    expect([status, json.code, json.maxAge]).toEqual([401, 'step_up_required', 300])
    expect(headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_user_authentication", error_description="A more recent proof is required", max_age="300"',
    )
  })

  it('is given by the password, lasts as long as configured and keeps the session', async () => {
    const ben = await kit.someone('ben')
    await site.advance(10 * minuteMs)
    const { json, status } = await stepUp(ben)
    expect([status, json.status, json.authTime]).toEqual([200, 'stepped_up', site.clock.now()])
    const claims = JSON.parse(Buffer.from(json.accessToken.split('.')[1], 'base64url').toString())
    expect(claims).toMatchObject({
      ...{ sid: ben.sessionId, auth_time: Math.floor(site.clock.now() / 1000) },
    })
    const fresh = { ...ben, bearer: { authorization: `Bearer ${json.accessToken}` } }
    expect((await exported(fresh)).status).toBe(200)
    await site.advance(5 * minuteMs + 1)
    expect((await exported(fresh)).json.code).toBe('step_up_required')
  })

  it('is not given by a wrong password, nor by using or refreshing the session', async () => {
    const cid = await site.login((await kit.someone('cid')).email, goodPassword)
    await site.advance(6 * minuteMs)
    const who = { authorization: `Bearer ${cid.json.accessToken}` }
    const wrong = await site.post('/auth/step-up', { currentPassword: newPassword }, who)
    expect([wrong.status, wrong.json.code]).toEqual([401, 'password_wrong'])
    const { json } = await site.post('/auth/refresh', { refreshToken: cid.json.refreshToken })
    const renewed = { authorization: `Bearer ${json.accessToken}` }
    expect((await site.get('/auth/me', renewed)).status).toBe(200)
    expect((await site.get('/auth/account/export', renewed)).json.code).toBe('step_up_required')
  })

  it('gives the cookie of a server-rendered app no token', async () => {
    const dan = await kit.someone('dan')
    const signedIn = await site.post('/auth/login', {
      ...{ email: dan.email, password: goodPassword, transport: 'session' },
    })
    const cookie = signedIn.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
    const headers = { cookie, 'x-csrf-token': signedIn.json.csrfToken }
    const { json } = await site.post('/auth/step-up', { currentPassword: goodPassword }, headers)
    expect(json).toEqual({ status: 'stepped_up', authTime: site.clock.now(), level: 1 })
  })

  it('rule 5: makes no copy of an access token any fresher', async () => {
    const flo = await kit.someone('flo')
    await site.advance(10 * minuteMs)
    const { json } = await stepUp(flo)
    const thief = as(flo, '203.0.113.50')
    const refused = await site.get('/auth/account/export', thief)
    expect([refused.status, refused.json.code]).toEqual([401, 'step_up_required'])
    expect((await site.get('/auth/me', thief)).status).toBe(200)
    const own = { authorization: `Bearer ${json.accessToken}` }
    expect((await site.get('/auth/account/export', own)).status).toBe(200)
  })

  it.each(['step-up', 'password/change'])(
    'rule 5: POST /auth/%s replaces the session cookie, and its copies are dead at once',
    async (route) => {
      const { email } = await kit.someone(`cookie-${route.replace('/', '-')}`)
      const login = { email, password: goodPassword, transport: 'session' }
      const signedIn = await site.post('/auth/login', login)
      const cookieOf = ({ headers }: { headers: Headers }) =>
        headers
          .getSetCookie()
          .find((line) => line.startsWith('__Host-hf_session='))
          ?.split(';')[0]
      const copy = { cookie: cookieOf(signedIn) ?? '' }
      expect((await site.get('/auth/me', copy)).status).toBe(200)
      await site.advance(10 * minuteMs)
      const body = { currentPassword: goodPassword }
      const proof = route === 'step-up' ? body : { ...body, password: newPassword }
      const headers = { ...copy, 'x-csrf-token': signedIn.json.csrfToken }
      const answer = await site.post(`/auth/${route}`, proof, headers)
      expect([answer.status, answer.text.includes('efresh')]).toEqual([200, false])
      expect((await site.get('/auth/me', copy)).json.code).toBe('token_invalid')
      const renewed = { cookie: cookieOf(answer) ?? '' }
      expect((await site.get('/auth/me', renewed)).status).toBe(200)
      const opened = await site.get('/auth/account/export', renewed)
      expect(opened.status).toBe(route === 'step-up' ? 200 : 401)
    },
  )

  it.each(['step-up', 'password/change'])(
    'rule 5: POST /auth/%s replaces the refresh token; a copy opens nothing and ends nothing',
    async (route) => {
      const { email } = await kit.someone(`refresh-${route.replace('/', '-')}`)
      const { json: first } = await site.login(email, goodPassword)
      const body = { currentPassword: goodPassword }
      const proof = route === 'step-up' ? body : { ...body, password: newPassword }
      const who = { authorization: `Bearer ${first.accessToken}` }
      const { json } = await site.post(`/auth/${route}`, proof, who)
      const refresh = (refreshToken: string) => site.post('/auth/refresh', { refreshToken })
      const stolen = await refresh(first.refreshToken)
      expect([stolen.status, stolen.json.code]).toEqual([401, 'token_invalid'])
      const renewed = await refresh(json.refreshToken)
      expect(renewed.status).toBe(200)
      const own = { authorization: `Bearer ${renewed.json.accessToken}` }
      expect((await site.get('/auth/me', own)).status).toBe(200)
    },
  )

  it('rule 5: a refresh that began before the chain was replaced gives nothing', async () => {
    const { email } = await kit.someone('racer')
    const { json: first } = await site.login(email, goodPassword)
    const who = { authorization: `Bearer ${first.accessToken}` }
    const { verdicts } = site.security.parts.rooms
    const load = verdicts.load.bind(verdicts)
    const { promise, resolve } = Promise.withResolvers<string>()
    verdicts.load = async (by) => {
      verdicts.load = load
      const session = await load(by)
      const { json } = await site.post('/auth/step-up', { currentPassword: goodPassword }, who)
      resolve(json.refreshToken)
      return session
    }
    const stolen = await site.post('/auth/refresh', { refreshToken: first.refreshToken })
    verdicts.load = load
    expect([stolen.status, stolen.json.code]).toEqual([401, 'token_invalid'])
    const own = await site.post('/auth/refresh', { refreshToken: await promise })
    expect(own.status).toBe(200)
  })

  it('is on the record with the session that it belongs to', async () => {
    const eve = await kit.someone('eve')
    await stepUp(eve)
    expect(await kit.records('session.stepped_up')).toContainEqual(
      expect.objectContaining({ actor_id: eve.id, resource_id: eve.sessionId }),
    )
  })
})

describe('the data of an account', () => {
  it('comes as a file: profile, roles, sessions with ended ones, devices and records', async () => {
    const fay = await kit.someone('fay')
    const gone = await kit.signIn(fay.email, goodPassword, '192.0.2.9')
    await site.post('/auth/logout', {}, gone.bearer)
    await site.security.users.grantRole(fay.id, 'manager', { reason: 'promoted' })
    const { headers, json } = await exported(fay)
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

  it('holds nothing of anybody else', async () => {
    const boss = await site.signUp('the-boss@example.com')
    await site.security.users.grantRole(boss.id, 'super_admin')
    const gus = await kit.someone('gus')
    const agent = { ...boss.bearer, 'x-forwarded-for': '203.0.113.77', 'user-agent': 'boss/1.0' }
    const given = await site.post(`/admin/users/${gus.id}/roles`, { role: 'manager' }, agent)
    expect(given.status).toBe(200)
    const { json, text } = await exported(gus)
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
    const { json } = await exported(spy)
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
    const { json, text } = await exported(await kit.signIn(may.email))
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
    await exported(ida)
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

describe('every route of recovery', () => {
  const routes = [
    '/auth/password/forgot',
    '/auth/password/reset',
    '/auth/password/change',
    '/auth/email/change',
    '/auth/email/confirm',
    '/auth/email/undo',
    '/auth/report',
    '/auth/account/close',
    '/auth/step-up',
  ]
  const privileged = ['userId', 'id', 'role', 'status', 'verified', 'sessionId', 'authTime', 'x']

  it.each(routes)(
    'rule 1: %s refuses fields it does not know, privileged ones above all',
    async (path) => {
      const who = await kit.someone(`fields${routes.indexOf(path)}`)
      const known = {
        email: 'someone@example.com',
        token: 'A'.repeat(43),
        password: newPassword,
        currentPassword: goodPassword,
      }
      const { json } = await site.post(path, known, as(who))
      const unknown = json.errors
        .filter(({ code }: { code: string }) => code === 'unknown_field')
        .map(({ pointer }: { pointer: string }) => pointer.replace('#/body/', ''))
      const body = Object.fromEntries(
        Object.entries(known).filter(([name]) => !unknown.includes(name)),
      )
      for (const name of privileged) {
        const answer = await site.post(path, { ...body, [name]: 'a' }, as(who))
        expect([answer.status, answer.json.code], name).toEqual([400, 'unknown_field'])
      }
      expect(await kit.isAlive(who)).toBe(true)
    },
  )

  it.each(routes)('%s answers a body of any other shape with 400', async (path) => {
    const who = await kit.someone(`shapes${routes.indexOf(path)}`)
    for (const body of [null, [], 'text', 7, { token: 7 }, { email: ['a@b.example'] }, {}]) {
      expect((await site.post(path, body, as(who))).status, JSON.stringify(body)).toBe(400)
    }
  })
})
