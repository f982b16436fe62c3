import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bumpCredentials } from '../../src/users/index.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'
import { as, newPassword, type RecoveryKit, recoveryKit, type SignedIn } from './recovery-kit.ts'

const dayMs = 24 * 60 * 60_000

let site: Site
let kit: RecoveryKit
beforeAll(async () => {
  site = await openSite({ captcha: { provider: 'none' } })
  kit = recoveryKit(site)
})
afterAll(() => site.close())

const change = (who: SignedIn, currentPassword = goodPassword, password = newPassword) =>
  site.post('/auth/password/change', { currentPassword, password }, as(who))
const changeEmail = (who: SignedIn, email: string, currentPassword = goodPassword) =>
  site.post('/auth/email/change', { email, currentPassword }, as(who))
const confirm = (token: string) => site.post('/auth/email/confirm', { token })
const undo = (token: string) => site.post('/auth/email/undo', { token })
const emailOf = async (who: SignedIn) => (await site.security.users.find(who.id))?.email

describe('a change of password', () => {
  it('needs the current one: with a wrong one nothing changes', async () => {
    const ann = await kit.someone('ann')
    for (const wrong of ['wrong horse battery staple', newPassword, goodPassword.toUpperCase()]) {
      const { json, status } = await change(ann, wrong)
      expect([status, json.code], wrong).toEqual([401, 'password_wrong'])
    }
    expect(await kit.isAlive(ann)).toBe(true)
    await kit.signIn(ann.email)
    expect((await kit.records('password.changed')).length).toBe(0)
  })

  it('to what is there already is refused, and ends nothing', async () => {
    const abe = await kit.someone('abe')
    const same = await change(abe, goodPassword, goodPassword)
    expect([same.status, same.json.code]).toEqual([400, 'password_unchanged'])
    const own = await changeEmail(abe, abe.email)
    expect([own.status, own.json.code]).toEqual([400, 'email_unchanged'])
    const wrong = 'wrong horse battery staple'
    expect((await change(abe, wrong, wrong)).json.code).toBe('password_wrong')
    expect((await changeEmail(abe, abe.email, wrong)).json.code).toBe('password_wrong')
    expect(await kit.isAlive(abe)).toBe(true)
  })

  it('rule 5: a session alone, old or new, changes nothing', async () => {
    const ben = await kit.someone('ben')
    for (const body of [
      {},
      { password: newPassword },
      { currentPassword: '', password: newPassword },
    ]) {
      expect((await site.post('/auth/password/change', body, as(ben))).status).toBe(400)
      expect((await site.post('/auth/email/change', body, as(ben))).status).toBe(400)
    }
    expect((await site.post('/auth/password/change', {})).json.code).toBe('authentication_required')
    await kit.signIn(ben.email)
  })

  it('rule 19: ends all other sessions, and this one goes on', async () => {
    const cid = await kit.someone('cid')
    const other = await kit.signIn(cid.email, goodPassword, '192.0.2.9')
    expect(await change(cid)).toMatchObject({ status: 200, json: { status: 'done' } })
    expect([await kit.isAlive(cid), await kit.isAlive(other)]).toEqual([true, false])
    expect((await site.login(cid.email, goodPassword)).status).toBe(401)
    await kit.signIn(cid.email, newPassword)
  })

  it('is asked for the policy after the proof, so that only the owner learns of it', async () => {
    const dan = await kit.someone('dan')
    expect((await change(dan, 'wrong horse battery staple', 'short')).json.code).toBe(
      'password_wrong',
    )
    expect((await change(dan, goodPassword, 'short')).json.code).toBe('weak_password')
    expect((await change(dan)).status).toBe(200)
  })

  it('ends the links that wait: a reset that was asked for and a new address', async () => {
    const eve = await kit.someone('eve')
    const reset = await kit.forgot(eve.email)
    await changeEmail(eve, 'thief@example.com')
    const foreign = await kit.link('thief@example.com')
    await change(eve)
    expect((await kit.reset(reset)).json.code).toBe('link_invalid')
    expect((await confirm(foreign)).json.code).toBe('link_invalid')
  })

  it('rule 5: of a change that was proven and a reset that overtakes it the reset wins', async () => {
    const fay = await kit.someone('fay')
    const token = await kit.forgot(fay.email)
    const { hasher } = site.security.parts.ground
    const hash = hasher.hash.bind(hasher)
    hasher.hash = async (password) => {
      hasher.hash = hash
      expect((await kit.reset(token, 'the owner takes it back 44')).status).toBe(200)
      return hash(password)
    }
    const thief = await change(fay)
    hasher.hash = hash
    expect([thief.status, thief.json.code]).toEqual([409, 'account_changed'])
    await kit.signIn(fay.email, 'the owner takes it back 44')
  })

  it('lifts a lockout made by strangers', async () => {
    const strict = await openSite({
      captcha: { provider: 'none' },
      lockout: { mode: 'strict', attempts: 3, duration: '1h' },
    })
    const own = recoveryKit(strict)
    const gus = await own.someone('gus')
    for (let n = 0; n < 3; n++) await strict.login(gus.email, `wrong ${n}`, `198.51.100.${n}`)
    expect((await strict.login(gus.email, goodPassword, '192.0.2.7')).status).toBe(401)
    const changed = await strict.post(
      '/auth/password/change',
      { currentPassword: goodPassword, password: newPassword },
      as(gus),
    )
    expect(changed.status).toBe(200)
    await own.signIn(gus.email, newPassword, '192.0.2.7')
    await strict.close()
  })
})

describe('a change of address', () => {
  it('waits until the new address has proven itself', async () => {
    const ann = await kit.someone('anna')
    expect(await changeEmail(ann, 'anna2@example.com')).toMatchObject({ status: 202 })
    expect(await emailOf(ann)).toBe('anna@example.com')
    expect((await confirm(await kit.link('anna2@example.com'))).status).toBe(200)
    expect(await emailOf(ann)).toBe('anna2@example.com')
    expect(await kit.isAlive(ann)).toBe(true)
    await kit.signIn('anna2@example.com')
    expect((await site.login('anna@example.com', goodPassword)).status).toBe(401)
  })

  it('needs the current password', async () => {
    const ben = await kit.someone('bena')
    const answer = await changeEmail(ben, 'bena2@example.com', 'wrong horse battery staple')
    expect([answer.status, answer.json.code]).toEqual([401, 'password_wrong'])
    await site.deliverMail()
    expect(site.mailbox.list('bena2@example.com')).toEqual([])
  })

  it('to a taken address looks the same, mails nobody and changes nothing', async () => {
    const cid = await kit.someone('cida')
    const dan = await kit.someone('dana')
    await site.deliverMail()
    const before = site.mailbox.list().length
    const { requestId: _, ...taken } = (await changeEmail(cid, 'DanA@example.com')).json
    const { requestId: __, ...free } = (await changeEmail(cid, 'cida2@example.com')).json
    expect(taken).toEqual(free)
    await site.deliverMail()
    expect(
      site.mailbox
        .list()
        .slice(before)
        .map(({ to }) => to),
    ).toEqual(['cida2@example.com'])
    expect([await emailOf(cid), await emailOf(dan)]).toEqual([cid.email, dan.email])
  })

  it('to an address that was taken meanwhile is one more link that is not valid', async () => {
    const eve = await kit.someone('evea')
    await changeEmail(eve, 'soon-taken@example.com')
    const token = await kit.link('soon-taken@example.com')
    await kit.someone('soon-taken')
    expect((await confirm(token)).json.code).toBe('link_invalid')
    expect(await emailOf(eve)).toBe(eve.email)
  })

  it('is not held up by somebody who registered the address and never confirmed it', async () => {
    const fay = await kit.someone('faya')
    const squatter = await site.register('faya2@example.com')
    await changeEmail(fay, 'faya2@example.com')
    expect((await confirm(await kit.link('faya2@example.com'))).status).toBe(200)
    expect((await site.post('/auth/verify-email', { token: squatter })).json.code).toBe(
      'link_invalid',
    )
    expect(await emailOf(fay)).toBe('faya2@example.com')
  })

  it('a newer request ends the link of the one before, and a reset link dies with the change', async () => {
    const gus = await kit.someone('gusa')
    await changeEmail(gus, 'gusa2@example.com')
    const first = await kit.link('gusa2@example.com')
    await changeEmail(gus, 'gusa3@example.com')
    expect((await confirm(first)).json.code).toBe('link_invalid')
    const reset = await kit.forgot(gus.email)
    expect((await confirm(await kit.link('gusa3@example.com'))).status).toBe(200)
    expect((await kit.reset(reset)).json.code).toBe('link_invalid')
  })

  it('dies with any later change of a credential, though nobody ended its link', async () => {
    const lou = await kit.someone('loua')
    await changeEmail(lou, 'thief5@example.com')
    const token = await kit.link('thief5@example.com')
    await site.security.parts.ground.database.transaction((trx) => bumpCredentials(trx, lou.id))
    expect((await confirm(token)).json.code).toBe('link_invalid')
    expect(await emailOf(lou)).toBe(lou.email)
  })

  it('discards a registration that nobody confirmed, and that is on the record', async () => {
    const max = await kit.someone('maxa')
    await site.register('maxa2@example.com')
    const squatter = await site.security.users.find('maxa2@example.com')
    await changeEmail(max, 'maxa2@example.com')
    await confirm(await kit.link('maxa2@example.com'))
    expect(await kit.records('user.discarded')).toContainEqual(
      expect.objectContaining({ actor_id: max.id, resource_id: squatter?.id }),
    )
  })

  it('is told to the old address, which puts it back for 7 days and locks the account', async () => {
    const hal = await kit.someone('hala')
    await changeEmail(hal, 'hala2@example.com')
    await confirm(await kit.link('hala2@example.com'))
    const token = await kit.link('hala@example.com')
    site.clock.jump(6 * dayMs)
    const late = await kit.signIn('hala2@example.com')
    expect((await undo(token)).status).toBe(200)
    expect(await emailOf(hal)).toBe('hala@example.com')
    expect(await kit.isAlive(late)).toBe(false)
    expect((await site.login('hala@example.com', goodPassword)).status).toBe(401)
    // The way back is mailed to the old address, and to nobody else.
    const back = await kit.link('hala@example.com')
    expect(site.mailbox.latest('hala@example.com').subject).toMatch(/back/)
    expect(site.mailbox.list('hala2@example.com')).toHaveLength(1)
    expect((await kit.reset(back)).status).toBe(200)
    await kit.signIn('hala@example.com', newPassword)
    expect((await undo(token)).json.code).toBe('link_invalid')
  })

  it('can be undone no more after 7 days', async () => {
    const ida = await kit.someone('idaa')
    await changeEmail(ida, 'idaa2@example.com')
    await confirm(await kit.link('idaa2@example.com'))
    const token = await kit.link('idaa@example.com')
    site.clock.jump(7 * dayMs)
    expect((await undo(token)).json.code).toBe('link_invalid')
    expect(await emailOf(ida)).toBe('idaa2@example.com')
  })

  it('is undone by the earliest address: what a thief did after it cannot be put back', async () => {
    const jim = await kit.someone('jima')
    await changeEmail(jim, 'thief1@example.com')
    await confirm(await kit.link('thief1@example.com'))
    const owners = await kit.link('jima@example.com')
    await site.advance(1_000)
    await changeEmail(jim, 'thief2@example.com')
    await confirm(await kit.link('thief2@example.com'))
    const thiefs = await kit.link('thief1@example.com')
    expect((await undo(owners)).status).toBe(200)
    expect((await undo(thiefs)).json.code).toBe('link_invalid')
    expect(await emailOf(jim)).toBe('jima@example.com')
  })

  it('is undone though a thief undid first, or registered the address meanwhile', async () => {
    const kim = await kit.someone('kima')
    await changeEmail(kim, 'thief3@example.com')
    await confirm(await kit.link('thief3@example.com'))
    const owners = await kit.link('kima@example.com')
    await site.advance(1_000)
    await changeEmail(kim, 'thief4@example.com')
    await confirm(await kit.link('thief4@example.com'))
    expect((await undo(await kit.link('thief3@example.com'))).status).toBe(200)
    const thiefsReset = await kit.link('thief3@example.com')
    await site.post('/auth/register', { email: 'kima@example.com', password: goodPassword })
    expect((await undo(owners)).status).toBe(200)
    expect(await emailOf(kim)).toBe('kima@example.com')
    expect((await kit.reset(thiefsReset)).json.code).toBe('link_invalid')
  })
})
