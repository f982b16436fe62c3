import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OutgoingMail } from '../../src/ports/index.ts'
import { appCode } from '../factors/app.ts'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'
import { linkOf } from './notices-kit.ts'
import { as, type RecoveryKit, recoveryKit, type SignedIn } from './recovery-kit.ts'

const minuteMs = 60_000

describe('an owner is told by mail', () => {
  let site: Site
  let kit: RecoveryKit
  beforeAll(async () => {
    site = await openSite({ appName: 'Shop', captcha: { provider: 'none' } })
    kit = recoveryKit(site)
  })
  afterAll(() => site?.close())

  /** What was mailed while `act` ran. */
  const mailsOf = async (email: string, act: () => Promise<unknown>) => {
    await site.deliverMail()
    const before = site.mailbox.list(email).length
    await act()
    await site.deliverMail()
    return site.mailbox.list(email).slice(before)
  }
  const told = ([mail, ...more]: readonly OutgoingMail[], subject: string) => {
    expect(more.map((other) => other.subject)).toEqual([])
    expect(mail?.subject).toBe(subject)
    expect(linkOf(mail).page).toBe('http://localhost:3000/account/not-me')
    return String(mail?.text)
  }
  const post = async (path: string, body: object, who: SignedIn) => {
    const answer = await site.post(path, body, as(who))
    expect([path, answer.status]).toEqual([path, 200])
    return answer.json
  }
  const addApp = async (who: SignedIn) => {
    const { secret } = await post('/auth/mfa/totp/setup', {}, who)
    const code = appCode(secret, site.clock.now())
    const { recoveryCodes } = await post('/auth/mfa/totp/enable', { code }, who)
    return { secret: String(secret), recoveryCodes: recoveryCodes as readonly string[] }
  }
  const secondStep = async (email: string, proof: object) => {
    const first = await site.login(email, goodPassword)
    expect(first.json.status).toBe('mfa_required')
    return site.post('/auth/login/mfa', { flow: first.json.flow, ...proof }, from('192.0.2.1'))
  }

  it('of each change of the authenticator app and its codes, and of a code that was used', async () => {
    const ann = await kit.someone('ann')
    let app = { secret: '', recoveryCodes: [] as readonly string[] }
    const added = await mailsOf(ann.email, async () => {
      app = await addApp(ann)
    })
    const text = told(added, 'Authenticator app added to Shop')
    for (const secret of [app.secret, ...app.recoveryCodes]) expect(text).not.toContain(secret)

    const used = await mailsOf(ann.email, async () => {
      const proof = { method: 'recovery_code', code: app.recoveryCodes[0] }
      expect((await secondStep(ann.email, proof)).json.status).toBe('signed_in')
    })
    expect(told(used, 'Recovery code used at Shop')).toContain('still work: 9.')

    site.clock.jump(minuteMs)
    const proof = { method: 'totp', code: appCode(app.secret, site.clock.now()) }
    const { json } = await secondStep(ann.email, proof)
    const strong = { ...ann, bearer: { authorization: `Bearer ${json.accessToken}` } }
    let codes: readonly string[] = []
    let refreshToken = ''
    const renewed = await mailsOf(ann.email, async () => {
      const made = await post('/auth/mfa/recovery-codes', {}, strong)
      codes = made.recoveryCodes
      refreshToken = made.refreshToken
    })
    const words = told(renewed, 'New recovery codes for Shop')
    for (const code of codes) expect(words).not.toContain(code)

    const { accessToken } = await post('/auth/refresh', { refreshToken }, ann)
    const later = { ...ann, bearer: { authorization: `Bearer ${accessToken}` } }
    const removed = await mailsOf(ann.email, () => post('/auth/mfa/totp/disable', {}, later))
    told(removed, 'Authenticator app removed from Shop')
  })

  it('that somebody with the right password guesses at the second factor, once a day', async () => {
    const ben = await kit.someone('ben')
    await mailsOf(ben.email, () => addApp(ben))
    const guess = async () => {
      site.clock.jump(20 * minuteMs)
      const answer = await secondStep(ben.email, { method: 'totp', code: '000000' })
      expect(answer.json.code).toBe('factor_rejected')
    }
    const mails = await mailsOf(ben.email, async () => {
      for (let turn = 0; turn < 12; turn++) await guess()
    })
    told(mails, 'Somebody knows your password for Shop')
  })

  it('of a reset by an administrator, and not where they sat', async () => {
    const cid = await kit.someone('cid')
    await mailsOf(cid.email, () => addApp(cid))
    const mails = await mailsOf(cid.email, () =>
      site.security.users.resetFactors(cid.id, {
        actor: { kind: 'user', id: 'an-administrator' },
        reason: 'lost phone',
        origin: { ip: '192.0.2.77' },
      }),
    )
    const text = told(mails, 'Two-step verification for Shop was reset')
    expect(text).not.toMatch(/192\.0\.2\.77|lost phone/)
  })
})

describe('with notices.factors off', () => {
  it('nothing of second factors is mailed', async () => {
    const site = await openSite({ captcha: { provider: 'none' }, notices: { factors: false } })
    const dan = await recoveryKit(site).someone('dan')
    const { secret } = (await site.post('/auth/mfa/totp/setup', {}, as(dan))).json
    const code = appCode(secret, site.clock.now())
    const { status } = await site.post('/auth/mfa/totp/enable', { code }, as(dan))
    await site.deliverMail()
    const subjects = site.mailbox.list(dan.email).map(({ subject }) => subject)
    await site.close()
    expect(status).toBe(200)
    expect(subjects.filter((subject) => /Authenticator/.test(subject))).toEqual([])
  })
})
