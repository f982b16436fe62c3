import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeStatus } from '../../src/users/index.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'
import { as, newPassword, type RecoveryKit, recoveryKit, type SignedIn } from './recovery-kit.ts'

const hourMs = 60 * 60_000

describe('"this was not me"', () => {
  let site: Site
  let kit: RecoveryKit
  beforeAll(async () => {
    site = await openSite({ captcha: { provider: 'none' } })
    kit = recoveryKit(site)
  })
  afterAll(() => site.close())

  const report = (token: string) => site.post('/auth/report', { token })
  const find = (who: SignedIn) => site.security.users.find(who.id)

  /** Somebody whose password was changed; with the link of the notice that tells of it. */
  async function attacked(name: string): Promise<SignedIn & { readonly notice: string }> {
    const who = await kit.someone(name)
    const body = { currentPassword: goodPassword, password: newPassword }
    await site.post('/auth/password/change', body, as(who))
    return { ...who, notice: await kit.link(who.email) }
  }

  it('ends every session, blocks the password and locks the account', async () => {
    const ann = await attacked('ann')
    expect(await report(ann.notice)).toMatchObject({ status: 200, json: { status: 'done' } })
    expect(await kit.isAlive(ann)).toBe(false)
    expect((await site.login(ann.email, newPassword)).status).toBe(401)
    expect(await find(ann)).toMatchObject({ status: 'locked' })
    const [record] = await kit.records('account.reported')
    expect(record).toMatchObject({ resource_id: ann.id, severity: 'high' })
  })

  it('mails the link that sets a new password and opens this lock, once', async () => {
    const ben = await attacked('ben')
    await report(ben.notice)
    const secure = await kit.link(ben.email)
    expect((await kit.reset(secure, goodPassword)).status).toBe(200)
    expect(await find(ben)).toMatchObject({ status: 'active' })
    await kit.signIn(ben.email, goodPassword)
    expect((await kit.reset(secure, newPassword)).json.code).toBe('link_invalid')
  })

  it('an ordinary reset sets a password and does not open the lock of a report', async () => {
    const cid = await attacked('cid')
    await report(cid.notice)
    const secure = await kit.link(cid.email)
    expect((await kit.reset(await kit.forgot(cid.email), goodPassword)).status).toBe(200)
    expect((await site.login(cid.email, goodPassword)).status).toBe(401)
    expect((await kit.reset(secure, newPassword)).status).toBe(200)
    await kit.signIn(cid.email, newPassword)
  })

  it('the lock opens by itself after a day, and the password stays blocked', async () => {
    const dan = await attacked('dan')
    await report(dan.notice)
    site.clock.jump(24 * hourMs)
    expect((await site.login(dan.email, newPassword)).status).toBe(401)
    const secure = await kit.link(dan.email)
    await kit.reset(await kit.forgot(dan.email), goodPassword)
    await kit.signIn(dan.email, goodPassword)
    // The lock it was for is over, and whoever reads old mails has no use for it.
    expect((await kit.reset(secure, newPassword)).json.code).toBe('link_invalid')
  })

  it("decision 12: it neither loosens nor opens an administrator's lock", async () => {
    const eve = await attacked('eve')
    const { database } = site.security.parts.ground
    await database.transaction((trx) =>
      changeStatus(trx, eve.id, { from: ['active'], to: 'locked', reason: 'fraud' }),
    )
    expect((await report(eve.notice)).status).toBe(200)
    expect(await find(eve)).toMatchObject({ status: 'locked', lockedUntil: null })
    expect((await kit.reset(await kit.link(eve.email), goodPassword)).status).toBe(200)
    expect(await find(eve)).toMatchObject({ status: 'locked' })
    expect((await site.login(eve.email, goodPassword)).status).toBe(401)
  })

  it('ends the links that wait, those of a thief among them', async () => {
    const fay = await attacked('fay')
    const reset = await kit.forgot(fay.email)
    const body = { email: 'thief@example.com', currentPassword: newPassword }
    await site.post('/auth/email/change', body, as(fay))
    const foreign = await kit.link('thief@example.com')
    await report(fay.notice)
    expect((await kit.reset(reset)).json.code).toBe('link_invalid')
    expect((await site.post('/auth/email/confirm', { token: foreign })).json.code).toBe(
      'link_invalid',
    )
    expect((await report(fay.notice)).json.code).toBe('link_invalid')
  })

  it('from a mail to the address before puts that address back: a thief gets no way in', async () => {
    const gus = await attacked('gus')
    const body = { email: 'thief2@example.com', currentPassword: newPassword }
    await site.post('/auth/email/change', body, as(gus))
    const { json } = await site.post('/auth/email/confirm', {
      token: await kit.link('thief2@example.com'),
    })
    expect(json.status).toBe('done')
    await site.deliverMail()
    const mailsToThief = site.mailbox.list('thief2@example.com').length
    expect((await report(gus.notice)).status).toBe(200)
    const secure = await kit.link(gus.email)
    expect(site.mailbox.list('thief2@example.com')).toHaveLength(mailsToThief)
    expect(await find(gus)).toMatchObject({ email: gus.email, status: 'locked' })
    expect((await kit.reset(secure, goodPassword)).status).toBe(200)
    await kit.signIn(gus.email, goodPassword)
  })

  it('takes back an account that a thief has closed', async () => {
    const hal = await attacked('hal')
    const body = { currentPassword: newPassword }
    expect((await site.post('/auth/account/close', body, as(hal))).status).toBe(200)
    await site.deliverMail()
    expect((await report(hal.notice)).status).toBe(200)
    expect((await kit.reset(await kit.link(hal.email), goodPassword)).status).toBe(200)
    await kit.signIn(hal.email, goodPassword)
    expect(await find(hal)).toMatchObject({ status: 'active' })
  })

  it('does not open an account that an administrator disabled', async () => {
    const ida = await attacked('ida')
    await site.security.users.disable(ida.id)
    expect((await report(ida.notice)).json.code).toBe('link_invalid')
    expect(await find(ida)).toMatchObject({ status: 'disabled' })
  })

  it('rule 3: of a crowd that uses one link at once one is heard', async () => {
    const kim = await attacked('kim')
    const answers = await Promise.all(Array.from({ length: 30 }, () => report(kim.notice)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    await site.deliverMail()
    const mails = site.mailbox.list(kim.email).filter(({ subject }) => /back/.test(subject))
    expect(mails).toHaveLength(1)
  })

  it('forgets every device', async () => {
    const jim = await attacked('jim')
    await report(jim.notice)
    expect(await site.security.parts.ground.devices.list(jim.id)).toEqual([])
  })
})
