import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeStatus } from '../../src/users/index.ts'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'
import { as, newPassword, type RecoveryKit, recoveryKit } from './recovery-kit.ts'

const minuteMs = 60_000

describe('a forgotten password', () => {
  let site: Site
  let kit: RecoveryKit
  beforeAll(async () => {
    site = await openSite()
    kit = recoveryKit(site)
  })
  afterAll(() => site.close())

  const statusOf = async (email: string) => (await site.security.users.find(email))?.status

  it('is replaced with the mailed link, by whoever reads the mail', async () => {
    const ann = await kit.someone('ann')
    const token = await kit.forgot(ann.email)
    expect(await kit.reset(token)).toMatchObject({ status: 200, json: { status: 'done' } })
    expect((await site.login(ann.email, goodPassword)).status).toBe(401)
    expect((await site.login(ann.email, newPassword)).json.status).toBe('signed_in')
    const [record] = await kit.records('password.reset')
    expect(record).toMatchObject({ actor_id: ann.id, resource_id: ann.id, outcome: 'success' })
  })

  it('rule 19: a reset ends every session and issues none', async () => {
    const ben = await kit.someone('ben')
    const other = await kit.signIn(ben.email, goodPassword, '192.0.2.9')
    const answer = await kit.reset(await kit.forgot(ben.email))
    const cookies = answer.headers.getSetCookie().map((line) => line.split('=')[0])
    expect(cookies).toEqual(['__Host-hf_device'])
    expect(answer.json).toEqual({ status: 'done' })
    expect([await kit.isAlive(ben), await kit.isAlive(other)]).toEqual([false, false])
    expect((await site.get('/auth/me', ben.bearer)).json.code).toBe('session_revoked')
  })

  it('a password that the policy refuses leaves the link as it was', async () => {
    const cid = await kit.someone('cid')
    const token = await kit.forgot(cid.email)
    for (const password of ['short', 'aaaaaaaaaaaaaaaaaaaa', 'cid@example.com cid']) {
      expect((await kit.reset(token, password)).json.code, password).toBe('weak_password')
    }
    expect((await kit.reset(token)).status).toBe(200)
  })

  it('rule 3: a used, expired, foreign, cut or invented link gets one answer', async () => {
    const dan = await kit.someone('dan')
    const used = await kit.forgot(dan.email)
    await kit.reset(used)
    const expired = await kit.forgot(dan.email)
    await site.advance(30 * minuteMs)
    const cut = (await kit.forgot(dan.email)).slice(0, -1)
    const confirmation = await site.register('waiting@example.com')
    const answers = []
    for (const token of [used, expired, cut, confirmation, 'A'.repeat(43), '.', 'x'.repeat(200)]) {
      const { json, status } = await kit.reset(token)
      const { requestId: _, ...body } = json
      answers.push({ status, body })
    }
    expect(answers[0]).toMatchObject({ status: 400, body: { code: 'link_invalid' } })
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  it('rule 3: a link for one purpose is good for no other', async () => {
    const eve = await kit.someone('eve')
    const reset = await kit.forgot(eve.email)
    await site.post(
      '/auth/email/change',
      { email: 'eve2@example.com', currentPassword: goodPassword },
      as(eve),
    )
    const change = await kit.link('eve2@example.com')
    await site.post(
      '/auth/password/change',
      { currentPassword: goodPassword, password: newPassword },
      as(eve),
    )
    const report = await kit.link(eve.email)
    const fresh = await kit.forgot(eve.email)
    const doors = {
      reset: (token: string) => kit.reset(token, goodPassword),
      confirm: (token: string) => site.post('/auth/email/confirm', { token }),
      undo: (token: string) => site.post('/auth/email/undo', { token }),
      report: (token: string) => site.post('/auth/report', { token }),
      verify: (token: string) => site.post('/auth/verify-email', { token }),
    }
    const tries = [
      ...(['confirm', 'undo', 'report', 'verify'] as const).map((door) => [door, fresh] as const),
      ...(['reset', 'confirm', 'undo', 'verify'] as const).map((door) => [door, report] as const),
      ['reset', change] as const,
    ]
    for (const [door, token] of tries) {
      expect((await doors[door](token)).json.code, door).toBe('link_invalid')
    }
    // The change of password has ended what was waiting.
    expect((await doors.reset(reset)).json.code).toBe('link_invalid')
    expect((await doors.confirm(change)).json.code).toBe('link_invalid')
    expect((await doors.reset(fresh)).status).toBe(200)
  })

  it('rule 46: a GET of a link changes nothing', async () => {
    const fay = await kit.someone('fay')
    const token = await kit.forgot(fay.email)
    const before = site.dump()
    for (const path of ['/auth/password/reset', '/auth/email/confirm', '/auth/report']) {
      expect((await site.get(`${path}?token=${token}`)).status, path).toBe(405)
    }
    const page = await site.get(`/account/reset?token=${token}`)
    expect(page.status).toBeLessThan(500)
    expect(site.dump()['hf_links']).toEqual(before['hf_links'])
    expect(site.dump()['hf_passwords']).toEqual(before['hf_passwords'])
    expect(await site.security.recovery.inspect(token, ['reset'])).toEqual({
      ...{ usable: true, purpose: 'reset', email: 'fay@example.com' },
    })
    expect((await kit.reset(token)).status).toBe(200)
  })

  it('rule 46: links are built from baseUrl, whatever Host the request claims', async () => {
    const gus = await kit.someone('gus')
    const forged = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
      origin: 'http://localhost:3000',
    }
    await site.post('/auth/password/forgot', { email: gus.email }, forged)
    await site.deliverMail()
    const { html, text } = site.mailbox.latest(gus.email)
    const links = text.match(/https?:\/\/[^\s?]+/g)
    expect(links).toEqual(['http://localhost:3000/account/reset'])
    expect(`${text}${html}`).not.toContain('evil')
  })

  it('rule 7: the mail goes to the stored address, however it was typed', async () => {
    await site.security.users.create({ email: 'Hal@Example.com', password: goodPassword })
    const spellings = [
      'hal@example.com',
      ' HAL@EXAMPLE.COM ',
      'ｈａｌ@example.com',
      'hal@ｅxample.com',
      '\u210Bal@example.com',
    ]
    for (const email of spellings) {
      const before = site.mailbox.list().length
      const { status } = await site.post('/auth/password/forgot', { email })
      await site.deliverMail()
      const sent = site.mailbox.list().slice(before)
      expect([status, sent.map(({ to }) => to)], email).toEqual([202, ['Hal@Example.com']])
    }
  })

  it('rule 7: an address that only looks like it gets no mail', async () => {
    const before = site.mailbox.list().length
    for (const email of ['hal@examp1e.com', 'ha1@example.com', 'hal@example.com.evil.example']) {
      expect((await site.post('/auth/password/forgot', { email })).status, email).toBe(202)
    }
    await site.deliverMail()
    expect(site.mailbox.list().length).toBe(before)
  })

  it.each([
    ['a@x.example,b@y.example', 'email_invalid'],
    ['a@x.example b@y.example', 'email_invalid'],
    ['"a@x.example"@y.example', 'email_invalid'],
    ['a@x.example\r\nBcc: b@y.example', 'email_invalid'],
    ['Ann <a@x.example>', 'email_invalid'],
    ['ünï@x.example', 'email_unsupported'],
  ])('rule 7: %j is refused', async (email, code) => {
    const { json, status } = await site.post('/auth/password/forgot', { email })
    expect([status, json.code]).toEqual([400, code])
  })

  it('whoever resets because of five wrong guesses signs in at once, from there alone', async () => {
    const own = await openSite({ limits: { auth: { points: 5 } }, captcha: 'none' })
    const { forgot, someone } = recoveryKit(own)
    const eve = await someone('eve')
    for (const client of ['192.0.2.77', '192.0.2.78']) {
      for (let tries = 0; tries < 5; tries++) await own.login(eve.email, 'wrong', client)
      expect((await own.login(eve.email, goodPassword, client)).status).toBe(429)
    }
    const body = { token: await forgot(eve.email), password: newPassword }
    expect((await own.post('/auth/password/reset', body, from('192.0.2.77'))).status).toBe(200)
    expect((await own.login(eve.email, newPassword, '192.0.2.77')).json.status).toBe('signed_in')
    expect((await own.login(eve.email, newPassword, '192.0.2.78')).status).toBe(429)
    await own.close()
  })

  it('a reset lifts a lockout made by wrong guesses', async () => {
    const strict = await openSite({
      captcha: { provider: 'none' },
      lockout: { mode: 'strict', attempts: 3, duration: '1h' },
    })
    const own = recoveryKit(strict)
    const ida = await own.someone('ida')
    for (let n = 0; n < 3; n++) await strict.login(ida.email, `wrong ${n}`, `198.51.100.${n}`)
    expect((await strict.login(ida.email, goodPassword, '192.0.2.7')).status).toBe(401)
    expect(await own.isAlive(ida)).toBe(true)
    expect((await own.reset(await own.forgot(ida.email))).status).toBe(200)
    const signedIn = await strict.login(ida.email, newPassword, '192.0.2.7')
    expect(signedIn.json.status).toBe('signed_in')
    await strict.close()
  })

  it("decision 12: a reset sets a password and leaves an administrator's lock", async () => {
    const jim = await kit.someone('jim')
    const { database } = site.security.parts.ground
    await database.transaction((trx) =>
      changeStatus(trx, jim.id, { from: ['active'], to: 'locked', reason: 'fraud' }),
    )
    expect((await kit.reset(await kit.forgot(jim.email))).status).toBe(200)
    expect(await statusOf(jim.email)).toBe('locked')
    expect((await site.login(jim.email, newPassword)).status).toBe(401)
  })

  it('a closed account and one that was never confirmed are not opened by a link', async () => {
    const kim = await kit.someone('kim')
    const token = await kit.forgot(kim.email)
    await site.security.users.disable(kim.id)
    expect((await kit.reset(token)).json.code).toBe('link_invalid')
    expect(await statusOf(kim.email)).toBe('disabled')
  })

  it('a reset ends the other links for a reset, and a new request does not', async () => {
    const lea = await kit.someone('lea')
    const first = await kit.forgot(lea.email)
    const second = await kit.forgot(lea.email)
    expect((await kit.reset(first)).status).toBe(200)
    expect((await kit.reset(second)).json.code).toBe('link_invalid')
  })

  it('an invitation sets the first password and opens the account, once', async () => {
    const email = 'max@example.com'
    await site.security.users.invite({ email })
    const token = await kit.link(email)
    expect((await kit.reset(token)).status).toBe(200)
    expect((await kit.reset(token)).json.code).toBe('link_invalid')
    expect((await site.login(email, newPassword)).json.status).toBe('signed_in')
  })

  it('rule 5: a sign-in under way with the old password issues nothing after a reset', async () => {
    const ned = await kit.someone('ned')
    const token = await kit.forgot(ned.email)
    const { hasher } = site.security.parts.ground
    const verify = hasher.verify.bind(hasher)
    hasher.verify = async (stored, password) => {
      const verdict = await verify(stored, password)
      hasher.verify = verify
      expect((await kit.reset(token)).status).toBe(200)
      return verdict
    }
    const late = await site.login(ned.email, goodPassword, '192.0.2.44')
    hasher.verify = verify
    expect(late.json.status).not.toBe('signed_in')
    expect(
      (await site.get('/auth/sessions', (await kit.signIn(ned.email, newPassword)).bearer)).json
        .sessions,
    ).toHaveLength(1)
  })

  it('is mailed though strangers used up the shares of other mails to the address', async () => {
    const narrow = await openSite({ limits: { mailAddress: { points: 3 } } })
    const own = recoveryKit(narrow)
    const pia = await own.someone('pia')
    const body = { email: pia.email }
    for (let n = 0; n < 3; n++) {
      await narrow.post('/auth/verify-email/resend', body, from('198.51.100.9'))
    }
    await narrow.post('/auth/password/forgot', body, from('203.0.113.5'))
    expect((await own.reset(await own.link(pia.email))).status).toBe(200)
    await narrow.close()
  })

  it('asks for a link only so often: the client is told, the address is not', async () => {
    const narrow = await openSite({ limits: { mailAddress: { points: 2 } } })
    const own = recoveryKit(narrow)
    const ola = await own.someone('ola')
    for (let n = 0; n < 5; n++) {
      const answer = await narrow.post(
        '/auth/password/forgot',
        { email: ola.email },
        from(`198.51.100.${n}`),
      )
      expect(answer.status).toBe(202)
    }
    await narrow.deliverMail()
    const mails = narrow.mailbox.list(ola.email).map(({ subject }) => subject)
    expect(mails.filter((subject) => /new password/.test(subject))).toHaveLength(2)
    await narrow.close()
  })
})
