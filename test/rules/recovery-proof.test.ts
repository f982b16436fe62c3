import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, type Site } from './identity-kit.ts'
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

const stepUp = (who: SignedIn, currentPassword = goodPassword) =>
  site.post('/auth/step-up', { currentPassword }, as(who))

describe('a recent proof', () => {
  it('is asked for with the challenge of RFC 9470 once the last one is too old', async () => {
    const ann = await kit.someone('ann')
    expect((await kit.exported(ann)).status).toBe(200)
    await site.advance(5 * minuteMs)
    expect((await kit.exported(ann)).status).toBe(200)
    await site.advance(1)
    const { headers, json, status } = await kit.exported(ann)
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
    expect((await kit.exported(fresh)).status).toBe(200)
    await site.advance(5 * minuteMs + 1)
    expect((await kit.exported(fresh)).json.code).toBe('step_up_required')
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
